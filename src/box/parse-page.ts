import { PermanentError } from '../core/errors.js';

/** One page of a list with markers. */
export interface Page {
  readonly entries: readonly unknown[];
  /** `null` at the end of the list. An empty page may have one all the same. */
  readonly nextMarker: string | null;
}

/**
 * Parses a page as far as it is a page; the entries are left to their own parsers, `order` and the rest unread.
 * Throws `PermanentError` naming the field that is missing or wrong; `what` says of which list.
 */
export function parsePage(body: unknown, what: string): Page {
  const { entries, next_marker: nextMarker } = (typeof body === 'object' && body !== null ? body : {}) as Record<
    string,
    unknown
  >;
  if (!Array.isArray(entries)) {
    const state = entries === undefined ? 'missing' : 'no list';
    throw new PermanentError(`Cannot read ${what}: field "entries" is ${state}, expected a list`);
  }
  if (nextMarker === undefined || nextMarker === null || nextMarker === '') return { entries, nextMarker: null };
  if (typeof nextMarker !== 'string') {
    throw new PermanentError(`Cannot read ${what}: field "next_marker" is a ${typeof nextMarker}, expected a text`);
  }
  return { entries, nextMarker };
}
