import { nearestKey } from '../config/nearest-key.js';
import { ConfigError } from '../core/errors.js';
import type { ConnectorDocument } from './connector-document.js';
import type { Protocol } from './protocol.js';

/** How many ids a message names. */
const mostNamed = 10;

/** The connector that somebody has named. Rejects with a `ConfigError` that names the ids that there are, if it is none of ours. */
export async function findConnector(
  protocol: Pick<Protocol, 'connector' | 'listConnectors'>,
  id: string,
): Promise<ConnectorDocument> {
  const found = await protocol.connector(id);
  if (found !== undefined && (found.serviceType === null || found.serviceType === 'box')) return found;
  if (found !== undefined) {
    throw new ConfigError([
      `Cannot use the connector "${id}": its service_type is ${found.serviceType}, expected box. "connector list" shows those`,
    ]);
  }
  const ids = (await protocol.listConnectors('box', 1_000)).map((connector) => connector.id);
  const expected =
    ids.length === 0
      ? 'there is no Box connector yet; "connector create" makes one'
      : ids.length <= mostNamed
        ? `expected one of ${ids.join(', ')}`
        : `expected one of the ${ids.length} that "connector list" shows`;
  const near = nearestKey(id, ids);
  throw new ConfigError([
    `Cannot find the connector "${id}": ${expected}${near === undefined ? '' : `, did you mean "${near}"?`}`,
  ]);
}
