import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { PermanentError } from '../core/errors.js';
import { messageOf } from '../core/message-of.js';

/**
 * Makes sure that there is a file, and its folder, that only its owner may read. One that exists is not opened: closing
 * it again would drop the locks that SQLite holds on it in this process, and another process could then take the log
 * away under it. Throws `PermanentError` that says why it cannot be made, or made private.
 */
export function makePrivateFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) closeSync(openSync(path, 'a', 0o600));
    else if (stat.isFile() && (stat.mode & 0o777) !== 0o600) chmodSync(path, 0o600);
  } catch (error) {
    throw new PermanentError(
      `Cannot make "${path}" a file for this user alone: ${messageOf(error)}, expected a folder that this user may write in, and a file of this user if there is one. Give both to the user that this program runs as, or name another path in the configuration`,
      { cause: error },
    );
  }
}
