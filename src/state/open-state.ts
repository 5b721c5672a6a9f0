import { renameSync, rmSync } from 'node:fs';
import Database from 'libsql';
import { StateError } from '../core/errors.js';
import { messageOf } from '../core/message-of.js';
import { damagedCode } from './sqlite-error.js';
import { sqliteStore } from './sqlite-store.js';
import type { Store } from './store.js';

export interface OpenStateDeps {
  readonly log: { readonly warn: (message: string) => void };
}

/**
 * Opens the state to work on it; the caller holds its lock. A damaged one is no reason to stop for good: what it knew is
 * in the index. The file is kept as `PATH.damaged` (in place of an earlier one), the tokens are taken over where they can
 * still be read, and the state begins anew. Where the damage shows only during the work, that fails with `StateError`,
 * and the file is put aside on `close`.
 *
 * Throws `PermanentError` like `sqliteStore` otherwise.
 */
export function openState(path: string, { log }: OpenStateDeps): Store {
  let damage: StateError | undefined;
  const onError = (error: StateError) => {
    if (error.code === damagedCode) damage = error;
  };
  const open = () => sqliteStore(path, { onError });
  const beginAnew = (): Store => {
    putAside(path);
    damage = undefined;
    const store = open();
    const tokens = takeOverTokens(`${path}.damaged`, store);
    log.warn(
      `The state "${path}" was damaged: it begins anew, and what the index holds is read back. The old file is kept as "${path}.damaged"; ${tokens === 0 ? 'no tokens were found in it' : `its tokens are taken over (${tokens})`}`,
    );
    return store;
  };
  let store: Store;
  try {
    store = open();
  } catch (error) {
    if (!(error instanceof StateError) || error.code !== damagedCode) throw error;
    log.warn(messageOf(error));
    store = beginAnew();
  }
  return {
    ...store,
    close() {
      store.close();
      if (damage !== undefined) beginAnew().close();
    },
  };
}

const parts = ['', '-wal', '-shm'];

function putAside(path: string): void {
  for (const part of parts) {
    rmSync(`${path}.damaged${part}`, { force: true });
    try {
      renameSync(`${path}${part}`, `${path}.damaged${part}`);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
}

/** How many could be read. A refresh token is good once: without the last one a person has to sign in again. */
function takeOverTokens(damaged: string, { tokens }: Store): number {
  let db: Database.Database | undefined;
  try {
    db = new Database(damaged);
    const rows = db.prepare('SELECT account, access, refresh, expires_at, origin FROM token').raw(true).all() as [
      string,
      string,
      string | null,
      number,
      string,
    ][];
    for (const [account, accessToken, refreshToken, expiresAt, origin] of rows) {
      tokens.save(account, { accessToken, refreshToken, expiresAt, origin });
    }
    return rows.length;
  } catch {
    return 0;
  } finally {
    db?.close();
  }
}
