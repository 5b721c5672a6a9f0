import { Observable, type OperatorFunction, defer } from 'rxjs';
import { Envelope } from './envelope.js';
import { ConnectorError, StageError } from './errors.js';
import { messageOf } from './message-of.js';
import { observerOf } from './observer-of.js';

/**
 * The same operator under a name: what enters it (an envelope, or an array of them) is marked with the name, so that a run
 * that stands still can say where its items are, and an error that it makes says whose it is. Holds nothing.
 */
export function staged<A, B>(name: string, operator: OperatorFunction<A, B>): OperatorFunction<A, B> {
  return (source) =>
    new Observable((subscriber) => {
      /** An error from above is not this stage's. */
      let above: { readonly error: unknown } | undefined;
      const entering = new Observable<A>((inside) =>
        source.subscribe(
          observerOf<A>(inside, {
            next: (value) => {
              mark(value, name);
              inside.next(value);
            },
            error: (error) => {
              above = { error };
            },
          }),
        ),
      );
      return defer(() => operator(entering)).subscribe({
        next: (value) => subscriber.next(value),
        error: (error: unknown) => {
          const isOwn = above?.error !== error && !(error instanceof ConnectorError);
          subscriber.error(
            isOwn ? new StageError(`The stage "${name}" has failed: ${messageOf(error)}`, { cause: error }) : error,
          );
        },
        complete: () => subscriber.complete(),
      });
    });
}

function mark(value: unknown, name: string): void {
  if (value instanceof Envelope) value.reached(name);
  else if (Array.isArray(value)) for (const one of value as readonly unknown[]) mark(one, name);
}
