import { Observable, Subscription } from 'rxjs';
import { observerOf } from './observer-of.js';

/** Tasks begun before the event loop has its turn: signals, timers and the network wait no longer than these take. */
const mostInARow = 500;

/**
 * Works off tasks that appear while others are done: takes the next one whenever fewer than `concurrency` are under
 * way, and looks again after each value and each end, since both may have brought new tasks. Completes when nothing
 * is under way and `take` has nothing; the first error ends it. However many tasks end at once, or within microtasks, a
 * stop is heard between them.
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
    let inARow = 0;
    let rest: NodeJS.Immediate | undefined;

    const fill = () => {
      if (filling || rest !== undefined) return;
      filling = true;
      while (active < concurrency && !subscriber.closed) {
        if (inARow === mostInARow) {
          rest = setImmediate(goOn);
          break;
        }
        const task = attempt(take);
        if (task === undefined) break;
        inARow += 1;
        begin(task);
      }
      filling = false;
      if (active === 0 && rest === undefined) subscriber.complete();
    };
    const goOn = () => {
      rest = undefined;
      inARow = 0;
      fill();
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
    inner.add(() => clearImmediate(rest));
    return inner;
  });
}
