import type { Clock } from '../core/clock.js';

/** How often and how long a request to Elasticsearch is sent again: all but those that the bulk sink sends. */
export interface RequestPolicy {
  /** How often a request that fails for the moment is sent again. */
  readonly maxRetries: number;
  /** The wait before retry n is a random part of `baseMs * 2^(n-1)`, at most of 30 s. */
  readonly baseMs: number;
  /** No try starts later than this after the first; a `Retry-After` beyond it ends the request at once. */
  readonly maxElapsedMs: number;
  /** Whether a request that timed out is one of those. */
  readonly retryOnTimeout: boolean;
  /** Until Elasticsearch has answered for the first time, it is waited for: this long at least, with these pauses. */
  readonly start: StartPolicy;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly clock: Clock;
  /** Told of each wait, in words. */
  readonly onWait?: (message: string) => void;
}

export interface StartPolicy {
  readonly maxWaitMs: number;
  readonly pauseMs: number;
  /** By how much each pause is longer than the one before. */
  readonly factor: number;
}
