import { boxError, type Answer } from './answer.js';
import type { Settings } from './settings.js';

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** One token bucket for each acting user. Gives the refusal, or `undefined` if the call may go on. */
export function rateLimit(settings: Settings, now: () => number): (userId: string) => Answer | undefined {
  const buckets = new Map<string, Bucket>();
  return (userId) => {
    const { callsPerMinute, burst, retryAfter } = settings.rate;
    if (callsPerMinute <= 0) return undefined;
    const perMs = callsPerMinute / 60_000;
    const most = burst > 0 ? burst : Math.max(1, Math.floor(callsPerMinute / 60));
    const at = now();
    const bucket = buckets.get(userId) ?? { tokens: most, filledAt: at };
    buckets.set(userId, bucket);
    bucket.tokens = Math.min(most, bucket.tokens + (at - bucket.filledAt) * perMs);
    bucket.filledAt = at;
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return undefined;
    }
    const seconds = retryAfter === '' ? String(Math.ceil((1 - bucket.tokens) / perMs / 1000)) : retryAfter;
    const refusal = boxError(429, 'rate_limit_exceeded', 'Request rate limit exceeded, please try again later');
    return { ...refusal, headers: { ...refusal.headers, 'Retry-After': seconds } };
  };
}
