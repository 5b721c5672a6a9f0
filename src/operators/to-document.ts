import type { OperatorFunction } from 'rxjs';
import type { Envelope } from '../core/envelope.js';
import { keep } from '../core/keep.js';
import type { Change, Found, Gone } from '../sources/change.js';
import type { Draft } from './draft.js';
import { messageOf } from '../core/message-of.js';

export interface ToDocumentOptions<D extends object> {
  /** Makes the document of an item. Throwing rejects this item with the error's message, and no other. */
  readonly map: (found: Found) => D;
}

/**
 * Maps what was found to the document that is indexed; what is gone passes through. Holds nothing.
 *
 * ```ts
 * walk.pipe(toDocument({ map: ({ item, path }) => ({ title: item.name, path }) }))
 * ```
 */
export function toDocument<D extends object>({
  map,
}: ToDocumentOptions<D>): OperatorFunction<Envelope<Change>, Envelope<Draft<D> | Gone>> {
  return keep((envelope): Envelope<Draft<D> | Gone> | undefined => {
    const change = envelope.value;
    if (change.kind === 'gone') return envelope.with(change);
    try {
      return envelope.with({ kind: 'draft', found: change, document: map(change) });
    } catch (error) {
      const reason = messageOf(error);
      envelope.settle({ kind: 'rejected', reason, operation: 'map' });
      return undefined;
    }
  });
}
