import { type Observable, defer, map } from 'rxjs';
import type { Envelope } from '../core/envelope.js';
import { inOrder } from '../core/flatten.js';
import { pump } from '../core/pump.js';
import type { KnownItem } from '../state/catalogue.js';
import type { Run } from '../state/run.js';
import type { Gone } from './change.js';

const batchSize = 200;

/**
 * The verdicts as changes, batch by batch, each after room in the ledger. What has no document is not among them: of it
 * there is only a letter that nobody needs any more. Holds one batch.
 */
export function condemnedDocuments(run: Run): Observable<Envelope<Gone>> {
  const { absence, deadLetters } = run.store;
  const size = Math.min(batchSize, run.ledger.limit);
  return defer(() => {
    let last: KnownItem | null = null;
    const next = () => {
      const batch = absence.condemned(last, size);
      if (batch.length === 0) return undefined;
      last = batch.at(-1)?.item ?? last;
      deadLetters.drop(batch.filter(({ item }) => item.version === null).map(({ item }) => item.documentId));
      return batch.filter(({ item }) => item.version !== null);
    };
    return pump(
      next,
      (batch) =>
        run.ledger.reserve(batch.length).pipe(
          map(() =>
            batch.map(({ item, proof }) => {
              const { type, id, documentId } = item;
              const change: Gone = { kind: 'gone', type, id, documentId, proof };
              return run.gone(change, { ...item, version: null });
            }),
          ),
        ),
      1,
    ).pipe(inOrder((envelopes) => envelopes));
  });
}
