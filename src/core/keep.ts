import { Observable, type OperatorFunction } from 'rxjs';
import { observerOf } from './observer-of.js';

/**
 * Maps each value to one other, or to `undefined`, which drops it: the shape of every filter in the pipeline, at a
 * third of the cost of `concatMap` to arrays. Synchronous; holds nothing.
 */
export function keep<A, B extends object>(project: (value: A) => B | undefined): OperatorFunction<A, B> {
  return (source) =>
    new Observable((subscriber) =>
      source.subscribe(
        observerOf<A>(subscriber, {
          next: (value) => {
            const kept = project(value);
            if (kept !== undefined) subscriber.next(kept);
          },
        }),
      ),
    );
}
