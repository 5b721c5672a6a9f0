import { Observable, type OperatorFunction, Subscription, isObservable } from 'rxjs';
import { Fifo } from './fifo.js';
import { observerOf } from './observer-of.js';

/** What becomes of a value: other values at once, or those of an Observable. */
export type Inner<B> = readonly B[] | Observable<B>;

/**
 * `mergeMap` for a pipeline: `concurrency` inner Observables at once, what waits for its turn in the order it came, and
 * no recursion, however many of them end at once. (RxJS starts the next from within the end of the last: a thousand that
 * end at once overflow the stack.) What `project` has at once, as an array, passes at once: it takes no place and waits
 * behind nobody.
 *
 * Holds `concurrency` inner subscriptions, and every inner Observable that waits: bound what arrives.
 */
export function flatten<A, B>(project: (value: A) => Inner<B>, concurrency: number): OperatorFunction<A, B> {
  return flattened(project, concurrency, false);
}

/** `concatMap` without recursion: like `flatten`, one at a time and all in order, also what `project` has at once. */
export function inOrder<A, B>(project: (value: A) => Inner<B>): OperatorFunction<A, B> {
  return flattened(project, 1, true);
}

function flattened<A, B>(
  project: (value: A) => Inner<B>,
  concurrency: number,
  ordered: boolean,
): OperatorFunction<A, B> {
  if (!(concurrency >= 1)) throw new RangeError(`Cannot flatten ${concurrency} at once: expected at least 1`);
  return (source) =>
    new Observable((subscriber) => {
      const inner = new Subscription();
      const waiting = new Fifo<Inner<B>>();
      let active = 0;
      let sourceDone = false;
      /** The one loop that starts what waits: whoever is called back from within it leaves the rest to it. */
      let starting = false;

      const startWaiting = () => {
        if (starting) return;
        starting = true;
        while (active < concurrency && !subscriber.closed) {
          const next = waiting.shift();
          if (next === undefined) break;
          if (isObservable(next)) begin(next);
          else emit(next);
        }
        starting = false;
        if (sourceDone && active === 0 && waiting.size === 0) subscriber.complete();
      };
      const emit = (values: readonly B[]) => {
        for (const value of values) {
          if (subscriber.closed) return;
          subscriber.next(value);
        }
      };
      const begin = (next: Observable<B>) => {
        active += 1;
        let subscription = Subscription.EMPTY;
        const observer = observerOf<B>(subscriber, {
          next: (value) => subscriber.next(value),
          complete: () => {
            active -= 1;
            inner.remove(subscription);
            startWaiting();
          },
        });
        subscription = next.subscribe(observer);
        // One that has ended already is not worth being remembered, and most have.
        if (!subscription.closed) inner.add(subscription);
      };

      inner.add(
        source.subscribe(
          observerOf<A>(subscriber, {
            next: (value) => {
              const becomes = project(value);
              if (!ordered && !isObservable(becomes)) {
                emit(becomes);
                return;
              }
              waiting.push(becomes);
              startWaiting();
            },
            complete: () => {
              sourceDone = true;
              startWaiting();
            },
          }),
        ),
      );
      return inner;
    });
}
