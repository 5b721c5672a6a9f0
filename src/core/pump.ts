import { Observable, Subscription } from 'rxjs';
import { observerOf } from './observer-of.js';

/**
 * Works off tasks that appear while others are done: takes the next one whenever fewer than `concurrency` are under
 * way, and looks again after each value and each end, since both may have brought new tasks. Completes when nothing
 * is under way and `take` has nothing; the first error ends it.
 *
 * Holds `concurrency` inner subscriptions and no values.
 */
export function pump<T, R>(
  take: () => T | undefined,
  work: (task: T) => Observable<R>,
  concurrency: number,
): Observable<R> {
  return new Observable((subscriber) => {
    const inner = new Subscription();
    let active = 0;
    /** Guards against recursion when `work` is synchronous. */
    let filling = false;

    const fill = () => {
      if (filling) return;
      filling = true;
      while (active < concurrency && !subscriber.closed) {
        const task = attempt(take);
        if (task === undefined) break;
        begin(task);
      }
      filling = false;
      if (active === 0) subscriber.complete();
    };

    const attempt = <V>(get: () => V): V | undefined => {
      try {
        return get();
      } catch (error) {
        subscriber.error(error);
        return undefined;
      }
    };

    const begin = (task: T) => {
      const started = attempt(() => work(task));
      if (started === undefined) return;
      active += 1;
      const subscription = new Subscription();
      inner.add(subscription);
      subscription.add(
        started.subscribe(
          observerOf<R>(subscriber, {
            next: (value) => {
              subscriber.next(value);
              fill();
            },
            complete: () => {
              active -= 1;
              inner.remove(subscription);
              fill();
            },
          }),
        ),
      );
    };

    fill();
    return inner;
  });
}
