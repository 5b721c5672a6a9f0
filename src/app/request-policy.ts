import type { Config } from '../config/schema.js';
import type { Clock } from '../core/clock.js';
import type { RequestPolicy } from '../sinks/request-policy.js';
import type { Log } from './log.js';

/**
 * Who waits for the answer: a `run` has the time that is configured. The `service` waits for a cluster that starts as
 * long, and then looks again by itself, so that its stop must not wait for a request. A `command` has a person before
 * it, who wants to know what is wrong.
 */
export type Patience = 'run' | 'service' | 'command';

export interface RequestPolicyDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Pick<Log, 'warn'>;
}

/** Of those that look again by themselves, or have somebody waiting. */
const brief = { maxRetries: 3, baseMs: 1_000, maxElapsedMs: 5_000 };

/** How requests to Elasticsearch are sent again, from the configuration. */
export function requestPolicy(
  { elasticsearch: settings }: Pick<Config, 'elasticsearch'>,
  patience: Patience,
  { clock, random, log }: RequestPolicyDeps,
): RequestPolicy {
  const configured = {
    maxRetries: settings.max_retries,
    baseMs: settings.retry_interval * 1_000,
    maxElapsedMs: settings.bulk.queue_refresh_timeout * 1_000,
  };
  const shorter = {
    maxRetries: Math.min(configured.maxRetries, brief.maxRetries),
    baseMs: Math.min(configured.baseMs, brief.baseMs),
    maxElapsedMs: Math.min(configured.maxElapsedMs, brief.maxElapsedMs),
  };
  return {
    ...(patience === 'run' ? configured : shorter),
    retryOnTimeout: settings.retry_on_timeout,
    start: {
      maxWaitMs: patience === 'command' ? 0 : settings.max_wait_duration * 1_000,
      pauseMs: settings.initial_backoff_duration * 1_000,
      factor: settings.backoff_multiplier,
    },
    clock,
    random,
    onWait: (message) => log.warn(message),
  };
}
