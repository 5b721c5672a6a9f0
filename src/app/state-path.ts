import { join } from 'node:path';
import type { Config } from '../config/schema.js';
import { stateFileName } from './state-file-name.js';

/** Names of the states of other sinks. No index begins with `_`: one of these names has its state under another. */
const ofOtherSinks: readonly string[] = ['local_index', 'bulk_file'] satisfies readonly Config['sink'][];

/** The state file of a one-shot configuration: one for each index, so that two of them do not get mixed up. */
export function statePath(config: Pick<Config, 'state' | 'sink' | 'index'>): string {
  const name = config.sink === 'elasticsearch' ? nameOf(config.index ?? 'elasticsearch') : config.sink;
  return join(config.state.path, `${name}.state.sqlite`);
}

function nameOf(index: string): string {
  return ofOtherSinks.includes(index) ? `_${index}` : stateFileName(index);
}
