/** Elasticsearch takes no longer ids of documents, in bytes of UTF-8. */
const mostBytes = 512;

/** All that Box gives. */
const usual = /^\d{1,30}$/;

/** What an id is expected to be, in words. */
export const idExpected = `an id: text of 1 to ${mostBytes} bytes without control characters, or a whole number below 2^53`;

/**
 * The id as text; `undefined` if Box could not be asked by it, or no document could have it: an empty or too long text, one
 * with control characters or half a surrogate pair, a path's `.` and `..`, or a number that JSON may have rounded.
 */
export function idText(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined;
  if (typeof value === 'string' && usual.test(value)) return value;
  if (typeof value !== 'string' || value === '' || value === '.' || value === '..') return undefined;
  if (value.length > mostBytes || !value.isWellFormed() || /\p{Cc}/u.test(value)) return undefined;
  return Buffer.byteLength(value) > mostBytes ? undefined : value;
}
