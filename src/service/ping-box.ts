import { boxAccess } from '../app/box-access.js';
import { connectorStatePath } from '../app/connector-state-path.js';
import type { ConfigurationValues } from './configuration-values.js';
import { connectorConfig } from './connector-config.js';
import { withConnectorState } from './connector-state.js';
import { failureText } from './job-end.js';
import type { ServiceDeps } from './service-deps.js';
import { writeBackTokens } from './write-back-tokens.js';

/** A ping must not take long: it is tried again at the next look. */
const patience = { max_attempts: 2, max_elapsed: 10, stall_timeout: 10 };

export type Pinged =
  { readonly kind: 'ok' } | { readonly kind: 'failed'; readonly problem: string } | { readonly kind: 'skipped' };

/**
 * Signs in to Box with what the connector says and asks who it is. `skipped` if a run is under way on the connector's
 * state, whose tokens are that run's, or if the service stops.
 */
export async function pingBox(
  deps: Pick<
    ServiceDeps,
    'protocol' | 'clock' | 'random' | 'log' | 'env' | 'version' | 'config' | 'endpoint' | 'holder' | 'stop' | 'abort'
  >,
  connectorId: string,
  values: ConfigurationValues,
): Promise<Pinged> {
  const { clock, random, log, env, version, config: file } = deps;
  const signal = AbortSignal.any([deps.stop, deps.abort]);
  const config = connectorConfig(file, { values, indexName: '', pipeline: null, rules: [], apiKey: null });
  const retry = {
    ...config.retry,
    max_attempts: Math.min(config.retry.max_attempts, patience.max_attempts),
    max_elapsed: Math.min(config.retry.max_elapsed, patience.max_elapsed),
    stall_timeout: Math.min(config.retry.stall_timeout, patience.stall_timeout),
  };
  try {
    const pinged = await withConnectorState(connectorStatePath(file, connectorId), deps, async (store) => {
      const kept = { tokens: store.tokens, configured: values.refreshToken };
      const { tokens, done } = writeBackTokens(deps, connectorId, kept);
      const access = boxAccess({ clock, random, log, tokens, env, version }, { box: config.box, retry });
      const uncount = deps.endpoint?.figures.of(connectorId).calls(access.counts);
      try {
        await access.box.me(signal);
      } finally {
        uncount?.();
        await access.close();
        await done();
      }
      return { kind: 'ok' } as const;
    });
    return pinged ?? { kind: 'skipped' };
  } catch (error) {
    if (signal.aborted) return { kind: 'skipped' };
    return { kind: 'failed', problem: failureText(error) };
  }
}
