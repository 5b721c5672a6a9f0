import { join } from 'node:path';
import type { Config } from '../config/schema.js';

/** The state file of a one-shot configuration: one for each index, so that two of them do not get mixed up. */
export function statePath(config: Pick<Config, 'state' | 'sink' | 'index'>): string {
  const name = config.sink === 'elasticsearch' ? (config.index ?? 'elasticsearch') : config.sink;
  return join(config.state.path, `${name}.state.sqlite`);
}
