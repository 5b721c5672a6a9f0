import { EMPTY, type Observable, concatMap, defer, expand, map } from 'rxjs';
import type { Envelope } from '../core/envelope.js';
import type { Run } from '../state/run.js';
import type { Gone } from './change.js';

const batchSize = 200;

/**
 * Documents that this connector did not write and that are of nothing that Box could have: for an index that is to hold
 * nothing else (`deletes.unknown_documents`, as Elastic's connector has it). They are those that the run has found when
 * it read the index first. Holds one batch.
 */
export function strangers({ run }: { readonly run: Run }): Observable<Envelope<Gone>> {
  const size = Math.min(batchSize, run.ledger.limit);
  const read = (after: string): Observable<{ last: string; envelopes: readonly Envelope<Gone>[] }> => {
    const ids = run.store.census.strangers(after, size);
    const last = ids.at(-1);
    if (last === undefined) return EMPTY;
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
  return defer(() => read('')).pipe(
    expand(({ last }) => read(last), 1),
    concatMap(({ envelopes }) => envelopes),
  );
}
