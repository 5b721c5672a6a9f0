import { Observable, type OperatorFunction } from 'rxjs';

/**
 * Maps each value to one other, or to `undefined`, which drops it: the shape of every filter in the pipeline, at a
 * third of the cost of `concatMap` to arrays. Synchronous; holds nothing.
 */
export function keep<A, B extends object>(project: (value: A) => B | undefined): OperatorFunction<A, B> {
  return (source) =>
    new Observable((subscriber) =>
      source.subscribe({
        next: (value) => {
          // A synchronous source does not hear that it is not wanted any more.
          if (subscriber.closed) return;
          let kept: B | undefined;
          try {
            kept = project(value);
          } catch (error) {
            subscriber.error(error);
            return;
          }
          if (kept !== undefined) subscriber.next(kept);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
}
