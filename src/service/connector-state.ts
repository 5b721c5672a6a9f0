import { PermanentError } from '../core/errors.js';
import { lockState } from '../state/lock-state.js';
import { sqliteStore } from '../state/sqlite-store.js';
import type { Store } from '../state/store.js';

/**
 * Opens a connector's state and has `work` done with it, alone: `undefined` if another process is at work on it. Closes
 * it however the work ends. Rejects with `PermanentError` if it is no state.
 */
export async function withConnectorState<T>(
  path: string,
  holder: string,
  work: (store: Store) => Promise<T>,
): Promise<T | undefined> {
  let lock;
  try {
    lock = lockState(path, holder);
  } catch (error) {
    if (error instanceof PermanentError) return undefined;
    throw error;
  }
  try {
    const store = sqliteStore(path);
    try {
      return await work(store);
    } finally {
      store.close();
    }
  } finally {
    lock.release();
  }
}
