import { lockState } from './lock-state.js';
import { type SqliteStoreOptions, sqliteStore } from './sqlite-store.js';
import type { Store } from './store.js';

/**
 * Opens (or makes) the state file at `path` to work on it, and holds its lock until it is closed: two that write would
 * each take away what the other still has to do. `:memory:` is a store of its own and needs none.
 *
 * Throws `PermanentError` if another process or program works on it, or like `sqliteStore`.
 */
export function lockedStore(path: string, options: SqliteStoreOptions = {}): Store {
  if (path === ':memory:') return sqliteStore(path, options);
  const lock = lockState(path, 'a program that uses the library');
  try {
    const store = sqliteStore(path, options);
    return {
      ...store,
      close() {
        store.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
