import type { Clock } from '../core/clock.js';
import { AbortedError, TransientError } from '../core/errors.js';

export interface RateBucketOptions {
  /** Callers let through a minute; 0: any number. */
  readonly perMinute: number;
  /** A caller that a hold would keep longer than this is turned away at once. */
  readonly maxHoldMs: number;
}

interface Waiter {
  readonly admit: () => void;
  readonly refuse: (error: Error) => void;
}

/**
 * A token bucket: lets `perMinute` callers pass a minute, at most one second's worth at once, in the order they came;
 * `hold` keeps everybody waiting. Holds the callers that wait, and one timer.
 */
export class RateBucket {
  readonly #clock: Clock;
  /** Milliseconds between two callers; 0 without a limit. */
  readonly #intervalMs: number;
  readonly #capacity: number;
  #level: number;
  #filledAt: number;
  #heldUntil = 0;
  #cancelTimer: (() => void) | undefined;
  readonly #maxHoldMs: number;
  readonly #waiting: Waiter[] = [];

  constructor(clock: Clock, { perMinute, maxHoldMs }: RateBucketOptions) {
    this.#clock = clock;
    this.#maxHoldMs = maxHoldMs;
    this.#intervalMs = perMinute > 0 ? 60_000 / perMinute : 0;
    this.#capacity = Math.max(1, perMinute / 60);
    this.#level = this.#capacity;
    this.#filledAt = clock.now();
  }

  /** Nobody passes within the next `ms`. A shorter hold does not end a longer one. */
  hold(ms: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, this.#clock.now() + ms);
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

  get #heldMs(): number {
    return Math.max(0, this.#heldUntil - this.#clock.now());
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
    const now = this.#clock.now();
    if (now < this.#heldUntil) return false;
    if (this.#intervalMs === 0) return true;
    this.#level = Math.min(this.#capacity, this.#level + (now - this.#filledAt) / this.#intervalMs);
    this.#filledAt = now;
    // Sums of fractions miss a whole number by a little.
    if (this.#level < 1 - 1e-9) return false;
    this.#level -= 1;
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
