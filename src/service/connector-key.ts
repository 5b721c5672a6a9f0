import { type Client, errors } from '@elastic/elasticsearch';
import { AuthError, PermanentError } from '../core/errors.js';
import { elasticsearchError } from '../sinks/elasticsearch-error.js';
import { neededPrivileges } from '../sinks/elasticsearch-probe.js';
import { type Members, members } from './json-members.js';

/** Elasticsearch allows no longer names of keys. */
const longestName = 256;

export interface ConnectorKey {
  readonly id: string;
  /** As it goes into the configuration. A secret. */
  readonly encoded: string;
}

interface KeyOptions {
  readonly connectorId: string;
  readonly indexName: string;
  /** For the connector indices too, so that the service needs no other key. */
  readonly isForProtocol: boolean;
}

/** What a connector's key may do: the least, which docs/elasticsearch.md names. */
export function keyRoles({ indexName, isForProtocol }: Omit<KeyOptions, 'connectorId'>): Members {
  const role = (name: string) => ({ cluster: ['monitor'], indices: [{ names: [name], privileges: neededPrivileges }] });
  return {
    'box-content': role(indexName),
    ...(isForProtocol && { 'box-connector-service': role('.elastic-connectors*') }),
  };
}

/**
 * Looks whether this sign-in may make keys at all. Resolves to `false` where Elasticsearch has no security, and so no
 * keys. Rejects with an `AuthError` that says what to do if the sign-in is itself a key: that can make none.
 */
export async function canMakeKeys(client: Client, signal: AbortSignal): Promise<boolean> {
  let answer: unknown;
  try {
    answer = await client.transport.request({ method: 'GET', path: '/_security/_authenticate' }, { signal });
  } catch (error) {
    if (error instanceof errors.ResponseError && [400, 404, 405].includes(error.statusCode ?? 0)) return false;
    throw elasticsearchError(error, 'ask who signs in to Elasticsearch', '');
  }
  if (members.of(answer)['authentication_type'] !== 'api_key') return true;
  throw new AuthError(
    'Cannot make an API key: this command signs in with an API key, and Elasticsearch lets no key make another, expected a user. Set ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD for this command (they win over "elasticsearch.api_key" here), or use --no-key and make the key yourself: docs/elasticsearch.md has the request',
  );
}

/** Makes the key. Rejects with an error of `core/errors.ts`. */
export async function makeConnectorKey(
  client: Client,
  { connectorId, ...scope }: KeyOptions,
  signal: AbortSignal,
): Promise<ConnectorKey> {
  const action = 'make the API key of the connector';
  const name = `box-connector-${connectorId}`.slice(0, longestName);
  let answer: Members;
  try {
    answer = members.of(
      await client.transport.request(
        {
          method: 'POST',
          path: '/_security/api_key',
          body: { name, role_descriptors: keyRoles(scope), metadata: { connector_id: connectorId } },
        },
        { signal },
      ),
    );
  } catch (error) {
    if (error instanceof errors.ResponseError && error.statusCode === 403) {
      throw new AuthError(
        `Cannot ${action}: this user may not (403), expected the cluster privilege manage_own_api_key (or manage_api_key), and the privileges that the key is to have. Use another user, or --no-key`,
      );
    }
    throw elasticsearchError(error, action, '');
  }
  const [id, encoded] = [members.text(answer['id']), members.text(answer['encoded'])];
  if (id === null || encoded === null) {
    throw new PermanentError(`Cannot ${action}: the answer lacks "id" or "encoded", expected both`);
  }
  return { id, encoded };
}
