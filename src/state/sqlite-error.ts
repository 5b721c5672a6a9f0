import { StateError } from '../core/errors.js';
import { sqliteResult, sqliteResults } from './sqlite-result.js';

/** The code of a `StateError` about a file whose content is broken. */
export const damagedCode = 'SQLITE_CORRUPT';

/**
 * What SQLite says of the file at `path` and of the disk below it, in words; `undefined` for everything else, such as a
 * wrong statement. `ifDamaged` is what to do about a file whose content is broken.
 */
export function sqliteError(
  error: unknown,
  path: string,
  { ifDamaged }: { readonly ifDamaged: string },
): StateError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { message } = error;
  const result = sqliteResult(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const said = (text: string, as = code) => new StateError(text, { cause: error, code: as });
  const then = 'and start again: the run is resumed';
  if (result === sqliteResults.full) {
    return said(`Cannot write "${path}": the disk is full, expected room for it. Free some space ${then}`);
  }
  if (result === sqliteResults.io) {
    return said(
      `Cannot read or write "${path}": ${message} (${code}), expected a working disk with free space. Look after the disk ${then}`,
    );
  }
  const rights =
    'Give the file and its folder to the user that this program runs as, or name another path in the configuration';
  if (result === sqliteResults.readOnly) {
    return said(
      `Cannot write "${path}": this user may not write it or its folder (${message}), expected to write both. ${rights}`,
    );
  }
  if (result === sqliteResults.cannotOpen) {
    return said(
      `Cannot open "${path}": it is a folder, or this user may not read and write it and its folder, expected a file that can be opened. ${rights}`,
    );
  }
  if (result === sqliteResults.corrupt || result === sqliteResults.notADatabase) {
    return said(
      `Cannot read "${path}": the file is damaged (${message}), expected one as this connector left it. ${ifDamaged}`,
      damagedCode,
    );
  }
  return undefined;
}
