/** The primary result codes of SQLite that are told apart. */
export const sqliteResults = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
};

/**
 * The primary result code of an error of the driver, `undefined` for any other. Its number is looked at, not its name:
 * the driver has no names for many of the extended codes.
 */
export function sqliteResult(error: Error): number | undefined {
  if ('rawCode' in error && typeof error.rawCode === 'number') return error.rawCode & 0xff;
  // It gives no code for a file that cannot be opened at all.
  return error.message.includes('Unable to open connection to local database') ? sqliteResults.cannotOpen : undefined;
}
