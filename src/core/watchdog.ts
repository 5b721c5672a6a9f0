import { type MonoTypeOperatorFunction, Observable } from 'rxjs';
import type { Clock } from './clock.js';
import { StageError } from './errors.js';
import { observerOf } from './observer-of.js';
import type { Waits } from './waits.js';

export interface WatchdogDeps {
  /** The plain one: the watchdog's own waiting does not count as a wait. */
  readonly clock: Clock;
  readonly waits: Pick<Waits, 'areUnderWay'>;
  /** Numbers of which one changes whenever anything moves: items, calls, bytes. */
  readonly figures: () => readonly number[];
  /** What is held, and where, for the message. */
  readonly describe: () => string;
}

/** How often it looks within the time. */
const looks = 10;

/**
 * Ends a run that stands still: if nothing has moved for `stallAfterMs`, and nobody waits for something that has an end,
 * it fails with a `StageError` that says what is held where. It looks ten times in that time and wants to have seen
 * nothing each time, so a machine that was asleep, or a long statement in the state, is no standstill. Holds a timer.
 */
export function watchdog<T>(
  { clock, waits, figures, describe }: WatchdogDeps,
  { stallAfterMs }: { readonly stallAfterMs: number },
): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((subscriber) => {
      let before: string | undefined;
      let still = 0;
      let cancel = () => {};
      const look = () => {
        const now = figures().join();
        still = now === before && !waits.areUnderWay ? still + 1 : 0;
        before = now;
        if (still >= looks) {
          subscriber.error(
            new StageError(
              `The run stands still: for ${stallAfterMs / 1_000} s nothing was settled, no byte came, and no wait is under way that has an end. ${describe()}. What was settled is kept: start again, and the next run goes on from there. If it stands still again, report it with this message`,
            ),
          );
          return;
        }
        cancel = clock.after(stallAfterMs / looks, look);
      };
      cancel = clock.after(stallAfterMs / looks, look);
      const subscription = source.subscribe(observerOf<T>(subscriber, { next: (value) => subscriber.next(value) }));
      return () => {
        cancel();
        subscription.unsubscribe();
      };
    });
}
