import { statSync } from 'node:fs';
import { PermanentError } from '../core/errors.js';
import { messageOf } from '../core/message-of.js';

/** Whether there is a state file. Throws `PermanentError` where that cannot be seen, which says nothing about it. */
export function stateExists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw new PermanentError(
      `Cannot look for "${path}": ${messageOf(error)}, expected a folder that this user may read. Run this as the user that the connector runs as`,
      { cause: error },
    );
  }
}
