import type { Clock } from '../core/clock.js';
import type { RetryPolicy } from '../core/retry.js';
import type { HttpClient } from './http-client.js';

/** What Box gives for a sign-in. */
export interface GrantedToken {
  readonly accessToken: string;
  /** `null` for sign-ins that have none. */
  readonly refreshToken: string | null;
  /** Milliseconds from the request on, as Box said; never assumed. */
  readonly expiresInMs: number;
}

/**
 * One sign-in, retried as far as that is safe. `refreshToken` is the one to spend, `null` for sign-ins without.
 * Rejects with `GrantRefusedError` if Box refuses it, `TransientError` if it could not be asked.
 */
export type Grant = (refreshToken: string | null, signal: AbortSignal) => Promise<GrantedToken>;

/** `http` reaches Box with the base URL, without bearer and retry: a grant retries by itself. */
export interface GrantDeps {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly retry: RetryPolicy;
}
