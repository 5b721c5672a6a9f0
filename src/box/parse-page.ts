import { TransientError } from '../core/errors.js';
import { foundValue } from './found-value.js';

/** One page of a list with markers. */
export interface Page {
  readonly entries: readonly unknown[];
  /** `null` at the end of the list. An empty page may have one all the same. */
  readonly nextMarker: string | null;
}

/** Characters of a marker. Those of Box have some hundred. */
const longestMarker = 16_384;

/**
 * Parses a page as far as it is a page; the entries are left to their own parsers, `order` and the rest unread.
 * Throws `TransientError` naming the field that is missing or wrong, since such an answer is broken like one that was
 * cut; `what` says of which list.
 */
export function parsePage(body: unknown, what: string): Page {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new TransientError(`Cannot read ${what}: the answer is ${foundValue(body)}, expected an object`);
  }
  const { entries, next_marker: nextMarker } = body as Readonly<Record<string, unknown>>;
  if (!Array.isArray(entries)) {
    throw new TransientError(`Cannot read ${what}: field "entries" is ${foundValue(entries)}, expected a list`);
  }
  if (nextMarker === undefined || nextMarker === null || nextMarker === '') return { entries, nextMarker: null };
  if (typeof nextMarker !== 'string' || nextMarker.length > longestMarker || !nextMarker.isWellFormed()) {
    throw new TransientError(
      `Cannot read ${what}: field "next_marker" is ${foundValue(nextMarker)}, expected a text of at most ${longestMarker} characters`,
    );
  }
  return { entries, nextMarker };
}
