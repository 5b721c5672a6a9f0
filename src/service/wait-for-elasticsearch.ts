import type { Client } from '@elastic/elasticsearch';
import type { Log } from '../app/log.js';
import type { Config } from '../config/schema.js';
import { type Clock, sleep } from '../core/clock.js';
import { PermanentError, TransientError } from '../core/errors.js';
import { elasticsearchError } from '../sinks/elasticsearch-error.js';
import { members } from './json-members.js';

const supportedMajors = ['8', '9'];

/**
 * Waits until Elasticsearch answers, with growing pauses up to `max_wait_duration`, and looks at its version. A cluster
 * that tells nobody its version (403, 405) is accepted with a warning. Rejects with what is wrong.
 */
export async function waitForElasticsearch(
  { client, clock, log }: { readonly client: Client; readonly clock: Clock; readonly log: Log },
  settings: Config['elasticsearch'],
  signal: AbortSignal,
): Promise<void> {
  const startedAt = clock.now();
  let pauseMs = settings.initial_backoff_duration * 1_000;
  for (;;) {
    try {
      const info = await client.transport.request({ method: 'GET', path: '/' }, { signal });
      checkVersion(members.text(members.of(members.of(info)['version'])['number']), settings, log);
      return;
    } catch (error) {
      const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
      if (status === 403 || status === 405) {
        log.warn(`The version of Elasticsearch is not known: it refuses GET / (${status})`);
        return;
      }
      const failure = elasticsearchError(error, 'start the service', '');
      if (!(failure instanceof TransientError)) throw failure;
      if (clock.now() - startedAt + pauseMs > settings.max_wait_duration * 1_000) {
        throw new TransientError(
          `${failure.message}; waited ${settings.max_wait_duration} s for it (elasticsearch.max_wait_duration)`,
          { cause: failure },
        );
      }
      log.warn(`${failure.message}; trying again in ${pauseMs / 1_000} s`);
      await sleep(clock, pauseMs, signal);
      pauseMs *= settings.backoff_multiplier;
    }
  }
}

function checkVersion(version: string | null, settings: Config['elasticsearch'], log: Log): void {
  if (version === null || supportedMajors.includes(version.split('.')[0] ?? '')) return;
  const found = `version ${version} of Elasticsearch, expected ${supportedMajors.join(' or ')}`;
  if (!settings.allow_version_mismatch) {
    throw new PermanentError(
      `Cannot start the service: found ${found}. Set ALLOW_ES_VERSION_MISMATCH=true to try it nevertheless`,
    );
  }
  log.warn(`Found ${found}: going on, as elasticsearch.allow_version_mismatch says`);
}
