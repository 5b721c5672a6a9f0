import { randomUUID } from 'node:crypto';
import type { Clock } from '../core/clock.js';
import type { RetryPolicy } from '../core/retry.js';
import { CallCounts } from './call-counts.js';
import type { HttpClient } from './http-client.js';
import type { SignIn } from './sign-in.js';
import type { TokenSource } from './token-source.js';
import type { TokenStore } from './token-store.js';
import { tokensFor } from './tokens-for.js';
import { withAdaptiveConcurrency } from './with-adaptive-concurrency.js';
import { withBaseUrl } from './with-base-url.js';
import { withBearer } from './with-bearer.js';
import { withCallLog } from './with-call-log.js';
import { withRateBudget } from './with-rate-budget.js';
import { withRetry } from './with-retry.js';
import { withWaitUntilReady } from './with-wait-until-ready.js';

export interface BoxClientDeps {
  /** What reaches the network: `nodeFetchClient`, or recorded exchanges. */
  readonly transport: HttpClient;
  readonly store: TokenStore;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** A new id for each JWT assertion. Default: a random UUID. */
  readonly newId?: () => string;
  /** Debug lines, one for each call. */
  readonly log?: ((line: object) => void) | undefined;
}

export interface BoxClientOptions {
  /** Everything goes there, token calls too. */
  readonly baseUrl: string;
  readonly signIn: SignIn;
  /** For each acting user; 0: no limit. */
  readonly callsPerMinute: number;
  /** For all users together; 0, the default: no limit. */
  readonly callsPerMinuteTotal?: number;
  /** Calls at once when Box is well; fewer while it is not. Default 32. */
  readonly concurrency?: number;
  readonly retry?: Pick<RetryPolicy, 'maxAttempts' | 'maxElapsedMs' | 'baseMs'>;
}

export interface BoxClient {
  readonly http: HttpClient;
  readonly tokens: TokenSource;
  /** Live: read it at any time. */
  readonly counts: CallCounts;
}

/**
 * The client for Box. From the caller down to the network, each wrapper where it is for a reason:
 *
 * 1. until ready: waits for content (202) with its own patience; each asking is a whole call with its own retries
 * 2. retry: repeats what is below, so that every try
 * 3. rate budget: takes its place among the acting user's calls, and after that wait
 * 4. adaptive concurrency: enters when not too many are under way; behind the budget, so that a user who has to wait
 *    keeps nobody else out
 * 5. bearer: gets a token that is good now, and repeats once with a renewed one
 * 6. call log: counts and logs each request that really goes out
 * 7. base URL
 *
 * Token calls go through 6 and 7 only; the grants retry by themselves, since each try may need a new request.
 */
export function boxClient(
  { transport, store, clock, random, newId = randomUUID, log }: BoxClientDeps,
  { baseUrl, signIn, callsPerMinute, callsPerMinuteTotal = 0, concurrency = 32, retry = {} }: BoxClientOptions,
): BoxClient {
  const counts = new CallCounts();
  const policy: RetryPolicy = { ...retry, random, clock };
  const bottom = withCallLog(withBaseUrl(transport, baseUrl), { counts, clock, log });
  const tokens = tokensFor({ http: bottom, clock, retry: policy, newId, store }, signIn);
  const budgeted = withRateBudget(
    withAdaptiveConcurrency(withBearer(bottom, tokens), { max: concurrency }),
    { clock, onWait: ({ ms }) => counts.waited(ms) },
    { callsPerMinute, callsPerMinuteTotal, maxHoldMs: retry.maxElapsedMs ?? 120_000 },
  );
  return { http: withWaitUntilReady(withRetry(budgeted, policy), policy), tokens, counts };
}
