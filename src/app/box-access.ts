import { type BoxApi, boxApi } from '../box/box-api.js';
import { boxClient } from '../box/box-client.js';
import type { CallCounts } from '../box/call-counts.js';
import type { HttpClient } from '../box/http-client.js';
import { parseJwtConfig } from '../box/jwt-config.js';
import { nodeFetchClient } from '../box/node-fetch-client.js';
import type { ReplayClient } from '../box/replay-client.js';
import type { SignIn } from '../box/sign-in.js';
import type { TokenStore } from '../box/token-store.js';
import { withCallBudget } from '../box/with-call-budget.js';
import type { Config } from '../config/schema.js';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/message-of.js';
import type { RetryPolicy } from '../core/retry.js';
import type { Log } from './log.js';
import { debugLines } from './debug-lines.js';
import { networkOptions } from './network-options.js';

export interface BoxAccess {
  readonly box: BoxApi;
  readonly counts: CallCounts;
  /** Whether the account is walked as an enterprise: all its users. */
  readonly isEnterprise: boolean;
  /** What answers in Box's place, if the run is a replay. */
  readonly recording?: ReplayClient;
  /** Aborted, with the reason in words, when the calls that a run may make are used up. */
  readonly spent: AbortSignal;
  /** How often, and for how long, a call is tried; a download that is cut as well. */
  readonly retry: RetryPolicy;
  /** Waits for a sign-in that is under way, within bounds, and gives up all connections. Never rejects. */
  close(): Promise<void>;
}

export interface BoxAccessDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly tokens: TokenStore;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Put around what reaches the network: recording. */
  readonly wrapTransport?: ((network: HttpClient, isEnterprise: boolean) => HttpClient) | undefined;
}

/** Everything that reaches Box, made from the configuration. */
export function boxAccess(
  { clock, random, log, tokens, env, version, wrapTransport = (network) => network }: BoxAccessDeps,
  { box, retry }: Pick<Config, 'box' | 'retry'>,
): BoxAccess {
  const isEnterprise = box.is_enterprise === 'box_enterprise' && box.user_id === null;
  const network = nodeFetchClient({ clock }, networkOptions({ retry }, env, version));
  const patience = {
    maxAttempts: retry.max_attempts,
    maxElapsedMs: retry.max_elapsed * 1_000,
    baseMs: retry.base_delay * 1_000,
  };
  const client = boxClient(
    {
      transport: wrapTransport(network.http, isEnterprise),
      store: tokens,
      clock,
      random,
      log: debugLines(log, 'Box call'),
    },
    {
      baseUrl: box.base_url,
      signIn: signIn(box),
      callsPerMinute: box.calls_per_minute,
      callsPerMinuteTotal: box.calls_per_minute_total,
      concurrency: box.listing.concurrency + box.concurrent_downloads,
      retry: patience,
    },
  );
  const spent = new AbortController();
  const budgeted = withCallBudget(client.http, client.counts, {
    maxCalls: box.max_calls,
    onSpent: () => spent.abort(`the ${box.max_calls} calls to Box of one run (box.max_calls) are used up`),
  });
  return {
    box: boxApi(budgeted),
    counts: client.counts,
    isEnterprise,
    spent: spent.signal,
    retry: { ...patience, random, clock },
    async close() {
      try {
        if (!(await client.tokens.settled())) {
          log.warn(
            'Box has not answered a sign-in that was under way at the end, and it is not waited for any longer. If the next sign-in is refused, its answer had the new refresh token: run "box-connector login", or renew the token of the connector',
          );
        }
      } catch (error) {
        log.error(
          `The new refresh token of Box could not be stored: ${messageOf(error)}. If the next sign-in is refused, run "box-connector login", or renew the token of the connector`,
        );
      }
      network.close();
    },
  };
}

function signIn(box: Config['box']): SignIn {
  if (box.is_enterprise === 'box_free') {
    return {
      kind: 'refresh-token',
      clientId: box.client_id ?? '',
      clientSecret: box.client_secret ?? '',
      refreshToken: box.refresh_token,
    };
  }
  if (box.jwt_config !== null) {
    const config = parseJwtConfig(box.jwt_config);
    const { user_id: user } = box;
    return {
      kind: 'jwt',
      config,
      subject: user === null ? { type: 'enterprise', id: config.enterpriseId } : { type: 'user', id: user },
    };
  }
  return {
    kind: 'client-credentials',
    clientId: box.client_id ?? '',
    clientSecret: box.client_secret ?? '',
    subject:
      box.user_id === null ? { type: 'enterprise', id: box.enterprise_id ?? '' } : { type: 'user', id: box.user_id },
  };
}
