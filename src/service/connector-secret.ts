import { type Client, errors } from '@elastic/elasticsearch';
import { AuthError, PermanentError } from '../core/errors.js';
import { elasticsearchError } from '../sinks/elasticsearch-error.js';
import { members } from './json-members.js';

const path = '/_connector/_secret';
/** No secret is called so: Elasticsearch makes their ids up. */
const nobodys = 'is-there-a-store-for-secrets';

/**
 * Looks whether the cluster keeps secrets of connectors: an inner call of Elasticsearch that only some have. Rejects
 * with what to do if it does not, or not for this user.
 */
export async function checkSecretStore(client: Client, signal: AbortSignal): Promise<void> {
  try {
    await client.transport.request({ method: 'GET', path: `${path}/${nobodys}` }, { signal });
  } catch (error) {
    if (!(error instanceof errors.ResponseError)) {
      throw elasticsearchError(error, 'ask whether the cluster keeps connector secrets', '');
    }
    const { statusCode = 0 } = error;
    // It knows the call, and has no such secret.
    if (statusCode === 404 && typeof members.of(error.body)['error'] !== 'string') return;
    if (statusCode === 403) {
      throw new AuthError(
        'Cannot keep a connector secret: this user may not (403), expected the cluster privileges read_connector_secrets and write_connector_secrets. Use another user, or leave --native out',
      );
    }
    if (statusCode === 401 || statusCode === 429 || statusCode >= 500) {
      throw elasticsearchError(error, 'ask whether the cluster keeps connector secrets', '');
    }
    throw new PermanentError(
      `Cannot use --native: the cluster does not keep connector secrets (it answers ${statusCode} to GET ${path}/ID), expected one with the Connector API and its store for secrets. Leave --native out: the connector is then one that you run yourself, which is all that this service needs`,
    );
  }
}

/** Keeps the secret; resolves to its id. Rejects with an error of `core/errors.ts`. */
export async function keepSecret(client: Client, secret: string, signal: AbortSignal): Promise<string> {
  const action = 'keep the API key as a connector secret';
  let answer: unknown;
  try {
    answer = await client.transport.request({ method: 'POST', path, body: { value: secret } }, { signal });
  } catch (error) {
    throw elasticsearchError(error, action, '');
  }
  const id = members.text(members.of(answer)['id']);
  if (id === null) throw new PermanentError(`Cannot ${action}: the answer has no "id", expected that of the secret`);
  return id;
}
