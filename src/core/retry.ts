import { type Clock, sleep } from './clock.js';
import { AbortedError, TransientError } from './errors.js';

export interface RetryPolicy {
  /** Tries in all, the first included. Default 5. */
  readonly maxAttempts?: number;
  /** No try starts later than this after the first. Default 120,000. */
  readonly maxElapsedMs?: number;
  /** The wait before try n + 1 is a random part of `baseMs * 2^(n-1)`, at most of `longestWaitMs`. Default 1,000. */
  readonly baseMs?: number;
  /** Default 30,000. The server may ask for more. */
  readonly longestWaitMs?: number;
  /** Which errors are worth another try. Default: `TransientError`. */
  readonly isTransient?: (error: unknown) => boolean;
  /** What the server asked to wait; 0 and `undefined` leave it to the backoff. Default: `retryAfterMs` of a `TransientError`. */
  readonly retryAfterMs?: (error: unknown) => number | undefined;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly clock: Clock;
}

/**
 * Calls `attempt` until it succeeds: exponential backoff with full jitter, bounded in count and in elapsed time.
 * `attempt` is given the signal and what the try before failed with (`undefined` for the first).
 *
 * The last error ends it: at once if it is not transient, or if the next try would start too late (a `Retry-After`
 * that is longer than the time left, for example); a `TransientError` then says how often and how long it was tried.
 * An abort ends a wait with `AbortedError`; a running attempt is left to look at the signal by itself.
 */
export async function retrying<T>(
  attempt: (signal: AbortSignal, failure: unknown) => Promise<T>,
  policy: RetryPolicy,
  signal: AbortSignal,
): Promise<T> {
  const { maxAttempts = 5, maxElapsedMs = 120_000, baseMs = 1_000, longestWaitMs = 30_000, random, clock } = policy;
  const { isTransient = isTransientError, retryAfterMs = askedToWait } = policy;
  const startedAt = clock.now();
  let failure: unknown;
  for (let tries = 1; ; tries += 1) {
    if (isAborted(signal)) throw new AbortedError();
    try {
      return await attempt(signal, failure);
    } catch (error) {
      if (isAborted(signal) || !isTransient(error)) throw error;
      const elapsedMs = clock.now() - startedAt;
      if (tries >= maxAttempts) throw givenUp(error, `tried ${times(tries)} in ${seconds(elapsedMs)}`);
      const asked = retryAfterMs(error) ?? 0;
      const waitMs = asked > 0 ? asked : random() * Math.min(baseMs * 2 ** (tries - 1), longestWaitMs);
      if (elapsedMs + waitMs > maxElapsedMs) {
        const wait = asked > 0 ? `the server asks to wait ${seconds(asked)}, ` : '';
        const tried = `tried ${times(tries)} in ${seconds(elapsedMs)}`;
        throw givenUp(error, `${tried}; ${wait}expected to be done within ${seconds(maxElapsedMs)}`);
      }
      failure = error;
      await sleep(clock, waitMs, signal);
    }
  }
}

/**
 * A `Retry-After` header in milliseconds from `now`: seconds (also with a fraction) or an HTTP date; one in the past
 * is 0. `undefined` if there is none or it makes no sense.
 */
export function parseRetryAfter(text: string | undefined, now: number): number | undefined {
  const trimmed = text?.trim() ?? '';
  if (/^\d+(\.\d*)?$|^\.\d+$/.test(trimmed)) return Math.ceil(Number(trimmed) * 1_000);
  // Anything else that Date.parse might make a date of ("-1", "1e3") has no weekday in front.
  if (!/^[a-z]{3,9},? /i.test(trimmed)) return undefined;
  const at = Date.parse(trimmed);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** A function, since an await in between may change it. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function isTransientError(error: unknown): boolean {
  return error instanceof TransientError;
}

function askedToWait(error: unknown): number | undefined {
  return error instanceof TransientError ? error.retryAfterMs : undefined;
}

function givenUp(error: unknown, how: string): unknown {
  if (!(error instanceof TransientError)) return error;
  const { status, retryAfterMs } = error;
  return new TransientError(`${error.message} (${how})`, { cause: error, status, retryAfterMs });
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
