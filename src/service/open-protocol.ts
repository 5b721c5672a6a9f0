import { type Client, errors } from '@elastic/elasticsearch';
import type { Log } from '../app/log.js';
import type { Config } from '../config/schema.js';
import type { Clock } from '../core/clock.js';
import { elasticsearchError } from '../sinks/elasticsearch-error.js';
import { apiProtocol } from './api-protocol.js';
import { indexProtocol } from './index-protocol.js';
import { members } from './json-members.js';
import type { Protocol } from './protocol.js';

interface OpenProtocolDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts what is under way, and everything after that. */
  readonly signal: AbortSignal;
}

/** What a cluster without the Connector API, or behind something that lets only known paths through, answers. */
const notThere: readonly unknown[] = [400, 404, 405, 410];

/**
 * The protocol as the cluster can do it, found out by asking, and said in the log. The two indices have to be there: see
 * `ensureProtocolIndices`.
 *
 * Rejects with an error of `core/errors.ts` if the cluster cannot be asked.
 */
export async function openProtocol(
  { client, clock, log, signal }: OpenProtocolDeps,
  { feature_use_connectors_api: isWanted }: Pick<Config['elasticsearch'], 'feature_use_connectors_api'>,
): Promise<Protocol> {
  const direct = indexProtocol(client, signal, clock);
  const why = isWanted ? await whyNot(client, signal) : '"elasticsearch.feature_use_connectors_api" is off';
  log.info(
    why === null ? 'The Connector API is used for what it offers' : `The connector indices are used directly: ${why}`,
  );
  return why === null ? apiProtocol(client, signal, direct) : direct;
}

/** What keeps this key from the Connector API of this cluster; `null`: nothing. */
async function whyNot(client: Client, signal: AbortSignal): Promise<string | null> {
  try {
    await client.transport.request({ method: 'GET', path: '/_connector', querystring: { size: 1 } }, { signal });
  } catch (error) {
    const status = error instanceof errors.ResponseError ? error.statusCode : undefined;
    if (status === 403)
      return 'the key may not use the Connector API (it lacks the cluster privilege monitor_connector)';
    if (notThere.includes(status)) return `the cluster has no Connector API (it answers ${status})`;
    throw elasticsearchError(error, 'ask whether the cluster has the Connector API', '');
  }
  const privilege = 'manage_connector';
  try {
    const answer = await client.transport.request(
      { method: 'POST', path: '/_security/user/_has_privileges', body: { cluster: [privilege] } },
      { signal },
    );
    const isRefused = members.of(members.of(answer)['cluster'])[privilege] === false;
    return isRefused
      ? `the key may only read through the Connector API (it lacks the cluster privilege ${privilege})`
      : null;
  } catch (error) {
    // Without security everything is allowed; a refusal to tell says nothing about the rest.
    if (error instanceof errors.ResponseError && (error.statusCode ?? 500) < 500 && error.statusCode !== 429)
      return null;
    throw elasticsearchError(error, 'ask what the key may do', '');
  }
}
