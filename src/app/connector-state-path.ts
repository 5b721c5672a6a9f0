import { join } from 'node:path';
import type { Config } from '../config/schema.js';
import { stateFileName } from './state-file-name.js';

/** The state file of a connector of the service: the id may hold what a file name must not, and be longer than one. */
export function connectorStatePath({ state }: Pick<Config, 'state'>, connectorId: string): string {
  const name = encodeURIComponent(connectorId.toWellFormed()).replaceAll('.', '%2E');
  return join(state.path, `${stateFileName(name)}.sqlite`);
}
