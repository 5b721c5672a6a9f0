import { NEVER, Observable, type OperatorFunction, type SchedulerLike, type Subscription, asyncScheduler } from 'rxjs';
import { messageOf } from '../core/message-of.js';
import { observerOf } from '../core/observer-of.js';

export interface BatchOptions<T> {
  readonly maxItems: number;
  /** Limit of the sum of `weigh`; a heavier value makes a batch of its own. */
  readonly maxBytes: number;
  /** How long the first value of a batch waits for more. */
  readonly maxWaitMs: number;
  readonly weigh: (value: T) => number;
  /**
   * How many values somebody waits for, before there can be more; 0: nobody waits. A batch that has them all has nothing
   * to wait for itself. The last number that was emitted counts.
   */
  readonly awaited?: Observable<number>;
  readonly scheduler?: SchedulerLike;
}

/**
 * Gathers values into arrays. A batch closes when it is full by count or by bytes, when its first value has waited
 * `maxWaitMs`, when it holds all that is `awaited`, and on completion. Order is kept, nothing is lost; an error discards the open batch, whose values are
 * then unsettled. The timer is armed by the first value only, so an idle source costs nothing.
 *
 * Holds at most `maxItems` values of at most `maxBytes` together, or one heavier one.
 */
export function batch<T>({
  maxItems,
  maxBytes,
  maxWaitMs,
  weigh,
  awaited = NEVER,
  scheduler = asyncScheduler,
}: BatchOptions<T>): OperatorFunction<T, readonly T[]> {
  return (source) =>
    new Observable((subscriber) => {
      let open: T[] = [];
      let bytes = 0;
      let awaitedNow = 0;
      let timer: Subscription | undefined;

      const close = () => {
        timer?.unsubscribe();
        timer = undefined;
        if (open.length === 0) return;
        const full = open;
        open = [];
        bytes = 0;
        subscriber.next(full);
      };
      const closeInTime = () => {
        try {
          close();
        } catch (error) {
          subscriber.error(error);
        }
      };

      const weightOf = (value: T): number => {
        try {
          return weigh(value);
        } catch (error) {
          throw new Error(`"weigh" failed with "${messageOf(error)}"`, { cause: error });
        }
      };
      const hasAll = () => open.length > 0 && open.length >= awaitedNow && awaitedNow > 0;
      const waiting = awaited.subscribe(
        observerOf<number>(subscriber, {
          next: (count) => {
            awaitedNow = count;
            if (hasAll()) close();
          },
          complete: () => {},
        }),
      );
      const subscription = source.subscribe(
        observerOf<T>(subscriber, {
          next: (value) => {
            const weight = weightOf(value);
            if (bytes + weight > maxBytes) close();
            open.push(value);
            bytes += weight;
            if (open.length >= maxItems || bytes >= maxBytes || hasAll()) close();
            else timer ??= scheduler.schedule(closeInTime, maxWaitMs);
          },
          complete: () => {
            close();
            subscriber.complete();
          },
        }),
      );
      return () => {
        timer?.unsubscribe();
        waiting.unsubscribe();
        subscription.unsubscribe();
      };
    });
}
