import { badParameter, type Answer } from '../answer.js';

/** What a list was asked for. */
export type PageRequest =
  | { readonly kind: 'offset'; readonly limit: number; readonly offset: number }
  | { readonly kind: 'marker'; readonly limit: number; readonly marker: string };

interface Bounds {
  readonly maxOffset: number;
  /** Default 100. */
  readonly defaultLimit?: number;
  /** Default 1,000. Larger limits are cut down to it. */
  readonly maxLimit?: number;
}

/** Reads `limit`, `offset`, `usemarker` and `marker`, or refuses them as Box does. */
export function pageRequest(query: URLSearchParams, bounds: Bounds): PageRequest | Answer {
  const { maxOffset, defaultLimit = 100, maxLimit = 1_000 } = bounds;
  const limitText = query.get('limit') ?? String(defaultLimit);
  if (!/^\d+$/.test(limitText)) return badParameter('limit', `Invalid value '${limitText}'.`, 'invalid_limit');
  const limit = Math.min(Number(limitText), maxLimit);
  if (query.get('usemarker') === 'true') return { kind: 'marker', limit, marker: query.get('marker') ?? '' };
  const offsetText = query.get('offset') ?? '0';
  if (!/^\d+$/.test(offsetText)) return badParameter('offset', `Invalid value '${offsetText}'.`, 'invalid_offset');
  const offset = Number(offsetText);
  if (offset > maxOffset) {
    const message = `Invalid value '${offsetText}'. The offset must not exceed the maximum offset of ${maxOffset}`;
    return badParameter('offset', message);
  }
  return { kind: 'offset', limit, offset };
}
