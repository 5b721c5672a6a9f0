import { boxApi } from '../box/box-api.js';
import { boxClient } from '../box/box-client.js';
import { replayClient } from '../box/replay-client.js';
import type { Config } from '../config/schema.js';
import type { BoxAccess, BoxAccessDeps } from './box-access.js';
import { debugLines } from './debug-lines.js';

/**
 * Recorded exchanges in place of Box: no network, no token, no limit of calls, no waiting between tries. The whole
 * client is at work on them, so retries and renewals happen as they did.
 */
export function replayedAccess(
  folder: string,
  { clock, log, tokens }: Pick<BoxAccessDeps, 'clock' | 'log' | 'tokens'>,
  { retry }: Pick<Config, 'retry'>,
): BoxAccess {
  const recording = replayClient(folder);
  const patience = { maxAttempts: retry.max_attempts, maxElapsedMs: retry.max_elapsed * 1_000, baseMs: 0 };
  const client = boxClient(
    {
      transport: recording.http,
      // This sign-in keeps nothing.
      store: tokens,
      clock,
      random: () => 0,
      log: debugLines(log, 'Recorded Box call'),
    },
    {
      baseUrl: recording.manifest.baseUrl,
      signIn: recording.signIn,
      callsPerMinute: 0,
      retry: patience,
    },
  );
  return {
    box: boxApi(client.http),
    counts: client.counts,
    isEnterprise: recording.manifest.walk === 'enterprise',
    recording,
    spent: new AbortController().signal,
    retry: { ...patience, random: () => 0, clock },
    close: () => Promise.resolve(),
  };
}
