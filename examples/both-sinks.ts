import { type Observable, type OperatorFunction, connect, map, merge } from 'rxjs';
import { type Envelope, type Operation, type Outcome, type Settled, keep } from '../src/index.js';

export type Sink = OperatorFunction<readonly Envelope<Operation>[], Settled>;

/**
 * A sink made of two. It keeps the contract of one: each envelope comes out once, when both have ended it. What one of
 * them rejects is rejected, so that the next run does it again in both; otherwise it ends as in the first. If one of
 * them fails, the whole does. Holds an entry for what only one has ended yet, which the ledger bounds.
 */
export function bothSinks(first: Sink, second: Sink): Sink {
  return connect((batches) => merge(ends(batches, first, true), ends(batches, second, false)).pipe(joined()));
}

interface End extends Settled {
  readonly isFirst: boolean;
}

function ends(batches: Observable<readonly Envelope<Operation>[]>, sink: Sink, isFirst: boolean): Observable<End> {
  return batches.pipe(
    sink,
    map((settled) => ({ ...settled, isFirst })),
  );
}

function joined(): OperatorFunction<End, Settled> {
  return (source) => {
    const waiting = new Map<Envelope<unknown>, Outcome>();
    return source.pipe(
      keep(({ envelope, outcome, isFirst }): Settled | undefined => {
        const other = waiting.get(envelope);
        if (other === undefined) {
          waiting.set(envelope, outcome);
          return undefined;
        }
        waiting.delete(envelope);
        const [main, copy] = isFirst ? [outcome, other] : [other, outcome];
        return { envelope, outcome: copy.kind === 'rejected' ? copy : main };
      }),
    );
  };
}
