import type { Config } from '../config/schema.js';
import { connectorStatePath } from './connector-state-path.js';
import { statePath } from './state-path.js';

/** Whose state a command looks at: that of a connector of the service, else that of one-shot runs. */
export interface StateChoice {
  /** Id of the connector. */
  readonly connector?: string | undefined;
}

/** The state file that is looked at. */
export function lookedAtState(config: Config, { connector }: StateChoice): string {
  return connector === undefined ? statePath(config) : connectorStatePath(config, connector);
}
