import type { Client } from '@elastic/elasticsearch';
import type { Log } from '../app/log.js';
import type { Config } from '../config/schema.js';
import { PermanentError } from '../core/errors.js';
import { elasticsearchError } from '../sinks/elasticsearch-error.js';
import { members } from './json-members.js';

const supportedMajors = ['8', '9'];

/**
 * Waits until Elasticsearch answers (as long as the client has patience: see `requestPolicy`), and looks at its version.
 * A cluster that tells nobody its version (403, 405) is accepted with a warning. Rejects with what is wrong.
 */
export async function waitForElasticsearch(
  { client, log }: { readonly client: Client; readonly log: Log },
  settings: Config['elasticsearch'],
  signal: AbortSignal,
): Promise<void> {
  let info: unknown;
  try {
    info = await client.transport.request({ method: 'GET', path: '/' }, { signal });
  } catch (error) {
    const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
    if (status !== 403 && status !== 405) throw elasticsearchError(error, 'start the service', '');
    log.warn(`The version of Elasticsearch is not known: it refuses GET / (${status})`);
    return;
  }
  checkVersion(members.text(members.of(members.of(info)['version'])['number']), settings, log);
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
