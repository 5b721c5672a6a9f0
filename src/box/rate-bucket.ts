import type { Clock } from '../core/clock.js';
import { AbortedError, TransientError } from '../core/errors.js';

export interface RateBucketOptions {
  /** Callers let through a minute; 0: any number. */
  readonly perMinute: number;
  /** A caller that a hold would keep longer than this is turned away at once. */
  readonly maxHoldMs: number;
}

/** Fewer calls than this say little about the rate that Box allows. */
const fewCalls = 10;
/** What passed in less time than this says little as well: the start is slow, and the hold weighs too much. */
const shortMs = 10_000;
/** Then the rate falls to this part at most. */
const cautious = 0.85;
/** A learned rate is this much below what was measured, so that it is not met at once again. */
const margin = 0.97;
/** Without a refusal the rate rises by this, each time. */
const recovery = 1.06;
const recoveryMs = 20_000;
/** A learned rate is kept without bursts, but what a timer that comes late has cost is made up for. */
const learnedCapacity = 2;
/** Refusals that have nothing to do with the rate must not bring it down further than to this part. */
const lowest = 10;
/** The same where no rate is configured: milliseconds between two calls. */
const lowestMs = 1_000;

interface Waiter {
  readonly admit: () => void;
  readonly refuse: (error: Error) => void;
}

/**
 * A token bucket: lets `perMinute` callers pass a minute, at most one second's worth at once, in the order they came;
 * `hold` keeps everybody waiting. Holds the callers that wait, and one timer.
 *
 * A hold also means that the rate was too high: from what passed up to the end of the hold it learns the rate that Box
 * allows (at most halving its own at once, and less where little was measured), keeps to that, without bursts, and rises slowly again.
 */
export class RateBucket {
  readonly #clock: Clock;
  /** Milliseconds between two callers; 0 without a limit. */
  #intervalMs: number;
  readonly #configuredMs: number;
  #capacity: number;
  /** Callers that passed since `#measuredFrom`, refused ones not counted. */
  #passed = 0;
  #measuredFrom: number;
  #risenAt = 0;
  #level: number;
  #filledAt: number;
  #heldUntil = 0;
  #cancelTimer: (() => void) | undefined;
  readonly #maxHoldMs: number;
  readonly #waiting: Waiter[] = [];
  #latest: number;

  constructor(clock: Clock, { perMinute, maxHoldMs }: RateBucketOptions) {
    this.#clock = clock;
    this.#maxHoldMs = maxHoldMs;
    this.#intervalMs = perMinute > 0 ? 60_000 / perMinute : 0;
    this.#configuredMs = this.#intervalMs;
    this.#latest = clock.now();
    this.#measuredFrom = this.#latest;
    this.#capacity = Math.max(1, perMinute / 60);
    this.#level = this.#capacity;
    this.#filledAt = this.#latest;
  }

  /** A clock that is set back takes with it what was noted by it: else nobody would pass until it has caught up. */
  get #now(): number {
    const now = this.#clock.now();
    const back = this.#latest - now;
    if (back > 0) {
      this.#filledAt -= back;
      this.#heldUntil -= back;
      this.#measuredFrom -= back;
      this.#risenAt -= back;
    }
    this.#latest = now;
    return now;
  }

  /** A caller was refused: nobody passes within the next `ms`. A shorter hold does not end a longer one. */
  hold(ms: number): void {
    this.#passed = Math.max(0, this.#passed - 1);
    // Those that were under way when the first was refused say nothing new.
    if (this.#heldMs === 0) this.#learn(ms);
    const until = this.#now + ms;
    this.#heldUntil = Math.max(this.#heldUntil, until);
    if (!this.#heldTooLong) return;
    for (const { refuse } of this.#waiting.splice(0)) refuse(this.#refusal());
  }

  /**
   * Resolves when it is the caller's turn. Rejects with `AbortedError` when the signal is aborted before, and with
   * `TransientError` when a hold would keep it too long.
   */
  pass(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(new AbortedError());
    if (this.#heldTooLong) return Promise.reject(this.#refusal());
    if (this.#waiting.length === 0 && this.#take()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        this.#admit();
        reject(new AbortedError());
      };
      const waiter: Waiter = {
        admit: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
        refuse: (error) => {
          signal.removeEventListener('abort', onAbort);
          reject(error);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiter);
      this.#admit();
    });
  }

  #learn(holdMs: number): void {
    const until = this.#now + holdMs;
    const measuredMs = this.#passed === 0 ? Infinity : (until - this.#measuredFrom) / this.#passed / margin;
    const isShort = this.#now - this.#measuredFrom < shortMs;
    const slowestMs = isShort ? this.#intervalMs / cautious : this.#intervalMs * 2;
    const slowerMs = this.#passed < fewCalls ? this.#intervalMs * 2 : Math.min(measuredMs, slowestMs);
    this.#intervalMs =
      this.#intervalMs === 0
        ? this.#passed < fewCalls
          ? 0
          : Math.min(measuredMs, lowestMs)
        : Math.min(Math.max(this.#intervalMs / margin, slowerMs), Math.max(this.#configuredMs * lowest, lowestMs));
    this.#capacity = this.#configuredMs === 0 ? learnedCapacity : Math.min(this.#capacity, learnedCapacity);
    this.#level = Math.min(this.#level, 1);
    this.#passed = 0;
    this.#measuredFrom = until;
    this.#risenAt = until;
  }

  /** Comes back to the configured rate, a little at a time. */
  #rise(now: number): void {
    if (this.#intervalMs === this.#configuredMs || now - this.#risenAt < recoveryMs) return;
    this.#risenAt = now;
    this.#intervalMs = Math.max(this.#configuredMs, this.#intervalMs / recovery);
  }

  get #heldMs(): number {
    const now = this.#now;
    return Math.max(0, this.#heldUntil - now);
  }

  get #heldTooLong(): boolean {
    return this.#heldMs > this.#maxHoldMs;
  }

  #refusal(): TransientError {
    const seconds = Math.ceil(this.#heldMs / 1_000);
    return new TransientError(
      `Cannot call Box: it asks to make no more calls for this user for ${seconds} s; lower box.calls_per_minute if this happens often`,
      { status: 429, retryAfterMs: this.#heldMs },
    );
  }

  #take(): boolean {
    const now = this.#now;
    if (now < this.#heldUntil) return false;
    this.#rise(now);
    if (this.#intervalMs === 0) {
      this.#passed += 1;
      return true;
    }
    this.#level = Math.min(this.#capacity, this.#level + (now - this.#filledAt) / this.#intervalMs);
    this.#filledAt = now;
    // Sums of fractions miss a whole number by a little.
    if (this.#level < 1 - 1e-9) return false;
    this.#level -= 1;
    this.#passed += 1;
    return true;
  }

  #admit(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    while (this.#waiting.length > 0 && this.#take()) this.#waiting.shift()?.admit();
    if (this.#waiting.length === 0) return;
    const untilNext = (1 - this.#level) * this.#intervalMs;
    this.#cancelTimer = this.#clock.after(Math.ceil(Math.max(this.#heldMs, untilNext, 1)), () => this.#admit());
  }
}
