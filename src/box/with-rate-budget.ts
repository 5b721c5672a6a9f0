import type { Clock } from '../core/clock.js';
import { parseRetryAfter } from '../core/retry.js';
import type { HttpClient } from './http-client.js';
import { RateBucket } from './rate-bucket.js';

export interface RateBudgetDeps {
  readonly clock: Clock;
  /** Told of each call that had to wait, after the wait. */
  readonly onWait?: (wait: { readonly asUser: string | undefined; readonly ms: number }) => void;
}

export interface RateBudgetOptions {
  /** For each acting user; 0: no limit. */
  readonly callsPerMinute: number;
  /** For all users together; 0, the default: no limit. */
  readonly callsPerMinuteTotal?: number;
  /** A call that a `Retry-After` would keep waiting longer than this fails at once. Default 120,000. */
  readonly maxHoldMs?: number;
}

/**
 * Makes API calls wait until the acting user (the `as-user`, else the token's user) has calls left: one bucket a user,
 * with a burst of one second's worth. The `Retry-After` of a 429 holds that user's other calls too, also without a
 * limit. Downloads and token calls do not count.
 *
 * Holds one small bucket for each acting user.
 */
export function withRateBudget(
  http: HttpClient,
  { clock, onWait }: RateBudgetDeps,
  { callsPerMinute, callsPerMinuteTotal = 0, maxHoldMs = 120_000 }: RateBudgetOptions,
): HttpClient {
  const buckets = new Map<string, RateBucket>();
  const total = new RateBucket(clock, { perMinute: callsPerMinuteTotal, maxHoldMs });
  const bucketOf = (asUser: string | undefined) => {
    const key = asUser ?? '';
    let bucket = buckets.get(key);
    if (bucket === undefined) {
      bucket = new RateBucket(clock, { perMinute: callsPerMinute, maxHoldMs });
      buckets.set(key, bucket);
    }
    return bucket;
  };

  return async (request, signal) => {
    if (request.route === 'download' || request.route === 'token') return http(request, signal);
    const bucket = bucketOf(request.asUser);
    const from = clock.now();
    await bucket.pass(signal);
    await total.pass(signal);
    const waitedMs = clock.now() - from;
    if (waitedMs > 0) onWait?.({ asUser: request.asUser, ms: waitedMs });

    const response = await http(request, signal);
    if (response.status === 429) bucket.hold(parseRetryAfter(response.headers['retry-after'], clock.now()) ?? 0);
    return response;
  };
}
