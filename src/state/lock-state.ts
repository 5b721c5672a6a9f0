import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { PermanentError } from '../core/errors.js';
import { messageOf } from '../core/message-of.js';

/** The lock on a state file; held until `release` or the end of the process, `kill -9` included. */
export interface StateLock {
  release(): void;
}

/**
 * Takes the lock that lets one process work on a state file: an exclusive transaction on a file beside it, which the
 * operating system drops with the process. Readers of the state (`status`, `search`, `login`) do not need it.
 *
 * Throws `PermanentError` that says who holds it, or why its folder cannot be used.
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
  const db = new Database(lockPath);
  try {
    db.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE;');
  } catch (error) {
    db.close();
    throw new PermanentError(
      `Cannot work on the state "${statePath}": it is in use by ${readHolder(holderPath)}, expected no other process. Stop that process, or give this one a state.path of its own`,
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
      if (db.open) {
        db.exec('ROLLBACK');
        db.close();
      }
    },
  };
}

function readHolder(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return 'another process';
  }
}
