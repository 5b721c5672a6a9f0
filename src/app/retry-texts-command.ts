import type { LoadedConfig } from '../config/load-config.js';
import { lockState } from '../state/lock-state.js';
import { sqliteStore } from '../state/sqlite-store.js';
import type { CommandContext } from './command-context.js';
import { exitCodes } from './exit-codes.js';
import { type StateChoice, lookedAtState } from './looked-at-state.js';
import { stateExists } from './state-exists.js';

/** Forgets which texts could not be had, so that the next run tries them again; not while a run is under way. */
export function retryTextsCommand({ config }: LoadedConfig, { say, pid }: CommandContext, choice: StateChoice): number {
  const path = lookedAtState(config, choice);
  if (!stateExists(path)) {
    say(`No run yet: "${path}" does not exist`);
    return exitCodes.complete;
  }
  const lock = lockState(path, `"retry-texts", process ${pid}`);
  try {
    const store = sqliteStore(path);
    try {
      let count = 0;
      store.transaction(() => (count = store.contentTries.again()));
      say(count === 0 ? 'No text was given up' : `${count} texts that were given up are tried again in the next run`);
      return exitCodes.complete;
    } finally {
      store.close();
    }
  } finally {
    lock.release();
  }
}
