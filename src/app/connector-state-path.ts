import { join } from 'node:path';
import type { Config } from '../config/schema.js';

/** The state file of a connector of the service: the id may hold what a file name must not. */
export function connectorStatePath({ state }: Pick<Config, 'state'>, connectorId: string): string {
  return join(state.path, `${encodeURIComponent(connectorId).replaceAll('.', '%2E')}.sqlite`);
}
