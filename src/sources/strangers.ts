import { type Observable, map } from 'rxjs';
import type { Envelope } from '../core/envelope.js';
import { inOrder } from '../core/flatten.js';
import { paged } from '../core/paged.js';
import type { Run } from '../state/run.js';
import type { Gone } from './change.js';

const batchSize = 200;

/**
 * Documents that this connector did not write and that are of nothing that Box could have: for an index that is to hold
 * nothing else (`deletes.unknown_documents`, as Elastic's connector has it). They are those that the run has found when
 * it read the index first, and that it has not replaced since. Holds one batch.
 */
export function strangers({ run }: { readonly run: Run }): Observable<Envelope<Gone>> {
  const size = Math.min(batchSize, run.ledger.limit);
  const read = (after: string): Observable<Some> | undefined => {
    const ids = run.store.census.strangers(after, size);
    const last = ids.at(-1);
    if (last === undefined) return undefined;
    return run.ledger.reserve(ids.length).pipe(
      map(() => ({
        last,
        envelopes: ids.map((documentId) => {
          const change: Gone = { kind: 'gone', type: 'file', id: documentId, documentId, proof: 'stranger' };
          return run.gone(change, undefined);
        }),
      })),
    );
  };
  return paged<Some>((before) => read(before?.last ?? '')).pipe(inOrder(({ envelopes }) => envelopes));
}

interface Some {
  readonly last: string;
  readonly envelopes: readonly Envelope<Gone>[];
}
