import { PermanentError } from '../core/errors.js';
import { inUseCode, lockState } from '../state/lock-state.js';
import { openState } from '../state/open-state.js';
import type { Store } from '../state/store.js';
import type { ServiceDeps } from './service-deps.js';

/**
 * Opens a connector's state and has `work` done with it, alone: `undefined` if another process is at work on it. Closes
 * it however the work ends. Rejects with `PermanentError` if it is no state, or cannot be opened or locked.
 */
export async function withConnectorState<T>(
  path: string,
  { holder, log }: Pick<ServiceDeps, 'holder' | 'log'>,
  work: (store: Store) => Promise<T>,
): Promise<T | undefined> {
  let lock;
  try {
    lock = lockState(path, holder);
  } catch (error) {
    if (error instanceof PermanentError && error.code === inUseCode) return undefined;
    throw error;
  }
  try {
    const store = openState(path, { log });
    try {
      return await work(store);
    } finally {
      store.close();
    }
  } finally {
    lock.release();
  }
}
