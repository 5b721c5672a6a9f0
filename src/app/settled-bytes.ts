import { type OperatorFunction, type Observable, tap } from 'rxjs';
import type { Envelope } from '../core/envelope.js';
import type { Outcome } from '../core/outcome.js';
import type { Settled } from '../core/settled.js';
import type { Operation } from '../sinks/operation.js';

type Sink = OperatorFunction<readonly Envelope<Operation>[], Settled>;

/**
 * The same sink; `onSettled` is told how each operation ended, and of how many bytes its JSON was. Holds the sizes of
 * what is under way.
 */
export function settledBytes(sink: Sink, onSettled: (outcome: Outcome['kind'], bytes: number) => void): Sink {
  return (source: Observable<readonly Envelope<Operation>[]>) => {
    // By the envelope itself: it is what comes back.
    const sizes = new WeakMap<Envelope<unknown>, number>();
    return source.pipe(
      tap((batch) => {
        for (const envelope of batch) sizes.set(envelope, sizeOf(envelope.value));
      }),
      sink,
      tap(({ envelope, outcome }) => onSettled(outcome.kind, sizes.get(envelope) ?? 0)),
    );
  };
}

function sizeOf(operation: Operation): number {
  if (operation.kind === 'delete') return 0;
  return Buffer.byteLength(operation.source) + (operation.kind === 'index' ? Buffer.byteLength(operation.content) : 0);
}
