import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { PermanentError } from '../core/errors.js';
import { messageOf } from '../core/message-of.js';
import { sqliteError } from './sqlite-error.js';
import { sqliteResult, sqliteResults } from './sqlite-result.js';

/** The code of the `PermanentError` that says that another process works on the state. */
export const inUseCode = 'state_in_use';

/** The lock on a state file; held until `release` or the end of the process, `kill -9` included. */
export interface StateLock {
  release(): void;
}

/**
 * Takes the lock that lets one process work on a state file: an exclusive transaction on a file beside it, which the
 * operating system drops with the process. Readers of the state (`status`, `search`, `login`) do not need it.
 *
 * Throws `PermanentError` that says who holds it, or why it cannot be taken; in the first case with the code `inUseCode`.
 */
export function lockState(statePath: string, holder: string): StateLock {
  const lockPath = `${statePath}.lock`;
  const holderPath = `${statePath}.holder`;
  try {
    mkdirSync(dirname(statePath), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new PermanentError(
      `Cannot make the folder "${dirname(statePath)}" for the state: ${messageOf(error)}, expected a folder that this user may write in. Make it, or name another one in "state.path"`,
      { cause: error },
    );
  }
  let db: Database.Database;
  try {
    db = take(lockPath);
  } catch (error) {
    if (!isBusy(error)) throw sqliteError(error, lockPath, { ifDamaged: 'Delete the file: it holds nothing' }) ?? error;
    throw new PermanentError(
      `Cannot work on the state "${statePath}": it is in use by ${readHolder(holderPath)}, expected no other process. Stop that process, or give this one a state.path of its own`,
      { cause: error, code: inUseCode },
    );
  }
  const lock = db;
  try {
    // In a file that may not be written SQLite takes the lock of a reader, which others take as well, and says nothing.
    accessSync(lockPath, constants.W_OK);
  } catch (error) {
    lock.close();
    throw new PermanentError(
      `Cannot lock the state with "${lockPath}": ${messageOf(error)}, expected a file that this user may write. Give it and its folder to the user that this program runs as, or delete it: it holds nothing`,
      { cause: error },
    );
  }
  try {
    writeFileSync(holderPath, holder, { mode: 0o600 });
  } catch {
    // Only for the words of others; a full disk is said where something has to be written.
  }
  return {
    release() {
      if (lock.open) {
        lock.exec('ROLLBACK');
        lock.close();
      }
    },
  };
}

function take(lockPath: string): Database.Database {
  try {
    return begin(lockPath);
  } catch (error) {
    if (!isDamaged(error)) throw error;
    // It holds nothing worth keeping, and nobody can hold a lock on what is no database.
    rmSync(lockPath, { force: true });
    return begin(lockPath);
  }
}

function begin(lockPath: string): Database.Database {
  const db = new Database(lockPath);
  try {
    db.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE;');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function isDamaged(error: unknown): boolean {
  const result = error instanceof Error ? sqliteResult(error) : undefined;
  return result === sqliteResults.notADatabase || result === sqliteResults.corrupt;
}

function isBusy(error: unknown): boolean {
  const result = error instanceof Error ? sqliteResult(error) : undefined;
  return result === sqliteResults.busy || result === sqliteResults.locked;
}

function readHolder(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return 'another process';
  }
}
