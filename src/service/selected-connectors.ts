import type { Config } from '../config/schema.js';
import type { ConnectorSelection } from './protocol.js';

/** Which connectors the configuration wants to have run. */
export function selectedConnectors({
  connectors,
  service,
}: Pick<Config, 'connectors' | 'service'>): ConnectorSelection {
  return {
    ids: connectors.filter(({ service_type }) => service_type === 'box').map(({ connector_id }) => connector_id),
    serviceTypes: service.worker_mode ? service.service_types.filter((type) => type === 'box') : [],
  };
}
