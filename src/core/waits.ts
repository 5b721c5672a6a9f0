import type { SchedulerAction, SchedulerLike, Subscription } from 'rxjs';
import type { Clock } from './clock.js';

/**
 * The waits of a run that have an end: retries, timeouts, pauses that a server asks for. Whatever is given `clock` and
 * `scheduler` instead of the plain ones is known to wait, and until when. Holds a number for each wait under way.
 */
export class Waits {
  /** The one without: for what watches. */
  readonly plainClock: Clock;
  readonly #ends = new Set<{ readonly at: number }>();

  constructor(clock: Clock) {
    this.plainClock = clock;
  }

  /** A wait is under way, and its time is not over. */
  get areUnderWay(): boolean {
    const now = this.plainClock.now();
    for (const { at } of this.#ends) if (at >= now) return true;
    return false;
  }

  /** The same clock, whose waits are known. */
  get clock(): Clock {
    return {
      now: () => this.plainClock.now(),
      after: (ms, run) => {
        const wait = { at: this.plainClock.now() + ms };
        this.#ends.add(wait);
        const cancel = this.plainClock.after(ms, () => {
          this.#ends.delete(wait);
          run();
        });
        return () => {
          this.#ends.delete(wait);
          cancel();
        };
      },
    };
  }

  /** The same scheduler, whose waits are known; for work that is scheduled once. */
  scheduler(scheduler: SchedulerLike): SchedulerLike {
    return {
      now: () => scheduler.now(),
      schedule: <S>(work: (this: SchedulerAction<S>, state?: S) => void, delay = 0, state?: S): Subscription => {
        const wait = { at: this.plainClock.now() + delay };
        this.#ends.add(wait);
        const ends = this.#ends;
        const action = scheduler.schedule<S>(
          function (given) {
            ends.delete(wait);
            work.call(this, given);
          },
          delay,
          state,
        );
        action.add(() => ends.delete(wait));
        return action;
      },
    };
  }
}
