import { PermanentError } from '../core/errors.js';
import { messageOf } from '../core/message-of.js';

/** Id of the rule that keeps a folder of this path from being walked; `null`: it is walked. */
export type Prunes = (path: string) => string | null;

/**
 * What `prunes` says of a folder, or the error if it throws: the folder is then one that cannot be read. It may not be
 * walked, as it may be one that is to be left out; and what the index has of it stays.
 */
export function askPrunes(prunes: Prunes, path: string): string | null | PermanentError {
  try {
    return prunes(path);
  } catch (error) {
    return new PermanentError(
      `Cannot tell whether the folder "${path}" is walked: "prunes" failed with "${messageOf(error)}", expected the id of a rule or null. The folder is left as it is; mend the function, and run again`,
      { cause: error },
    );
  }
}
