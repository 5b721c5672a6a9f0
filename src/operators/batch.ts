import { Observable, type OperatorFunction, type SchedulerLike, type Subscription, asyncScheduler } from 'rxjs';

export interface BatchOptions<T> {
  readonly maxItems: number;
  /** Limit of the sum of `weigh`; a heavier value makes a batch of its own. */
  readonly maxBytes: number;
  /** How long the first value of a batch waits for more. */
  readonly maxWaitMs: number;
  readonly weigh: (value: T) => number;
  readonly scheduler?: SchedulerLike;
}

/**
 * Gathers values into arrays. A batch closes when it is full by count or by bytes, when its first value has waited
 * `maxWaitMs`, and on completion. Order is kept, nothing is lost; an error discards the open batch, whose values are
 * then unsettled. The timer is armed by the first value only, so an idle source costs nothing.
 *
 * Holds at most `maxItems` values of at most `maxBytes` together, or one heavier one.
 */
export function batch<T>({
  maxItems,
  maxBytes,
  maxWaitMs,
  weigh,
  scheduler = asyncScheduler,
}: BatchOptions<T>): OperatorFunction<T, readonly T[]> {
  return (source) =>
    new Observable((subscriber) => {
      let open: T[] = [];
      let bytes = 0;
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

      const subscription = source.subscribe({
        next: (value) => {
          let weight: number;
          try {
            weight = weigh(value);
          } catch (error) {
            subscriber.error(error);
            return;
          }
          if (bytes + weight > maxBytes) close();
          open.push(value);
          bytes += weight;
          if (open.length >= maxItems || bytes >= maxBytes) close();
          else timer ??= scheduler.schedule(close, maxWaitMs);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => {
          close();
          subscriber.complete();
        },
      });
      return () => {
        timer?.unsubscribe();
        subscription.unsubscribe();
      };
    });
}
