import { Observable, type OperatorFunction, type SchedulerLike, asyncScheduler } from 'rxjs';
import { observerOf } from '../core/observer-of.js';
import type { Outcome } from '../core/outcome.js';
import type { Settled } from '../core/settled.js';
import type { Run } from '../state/run.js';

export interface SettleOptions {
  /** How long what has ended may wait for the state to be written: what a kill makes the next run list again. */
  readonly flushMs?: number;
  readonly scheduler?: SchedulerLike;
}

/**
 * The end of the pipeline: settles what the sink has ended, which frees its place in the ledger and lets the cursor
 * move, and has the run write its state: when enough has ended, every `flushMs`, and at the end, also if that is an
 * error or an unsubscribe. Emits the outcomes, holds nothing.
 */
export function settle(
  { run }: { readonly run: Run },
  { flushMs = 25, scheduler = asyncScheduler }: SettleOptions = {},
): OperatorFunction<Settled, Outcome> {
  return (source) =>
    new Observable((subscriber) => {
      /** What has ended before a failure or a stop is kept all the same; a second fault must not hide the first. */
      const flushIfPossible = () => {
        try {
          run.flush();
        } catch {
          // The state cannot be written: the next run does these items again.
        }
      };
      const timer = scheduler.schedule(function () {
        try {
          run.flush();
        } catch (error) {
          subscriber.error(error);
        }
        if (!subscriber.closed) this.schedule(undefined, flushMs);
      }, flushMs);
      const subscription = source.subscribe(
        observerOf<Settled>(subscriber, {
          next: ({ envelope, outcome }) => {
            envelope.settle(outcome);
            subscriber.next(outcome);
          },
          error: flushIfPossible,
          complete: () => {
            run.flush();
            subscriber.complete();
          },
        }),
      );
      return () => {
        timer.unsubscribe();
        subscription.unsubscribe();
        flushIfPossible();
      };
    });
}
