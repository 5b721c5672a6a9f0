import { setTimeout } from 'node:timers/promises';
import type { Elasticsearch } from './elasticsearch.js';

export interface TestKey {
  /** As it goes into `elasticsearch.api_key`. */
  readonly encoded: string;
  readonly id: string;
  revoke(): Promise<void>;
}

/** All that the connector may ever need: the documentation says which feature needs which of these. */
export const leastPrivileges = {
  cluster: ['monitor'],
  index: ['read', 'write', 'create_index', 'view_index_metadata', 'maintenance', 'monitor', 'manage'],
} as const;

/** What a key of the service may have besides, to use the Connector API where the cluster has it. */
export const connectorApiPrivileges = ['monitor_connector', 'manage_connector'] as const;

export interface TestKeyOptions {
  /** The name of the index, or a pattern; or several. */
  readonly index: string | readonly string[];
  /** Instead of the least privileges: for tests of what happens without one of them. */
  readonly cluster?: readonly string[];
  readonly indexPrivileges?: readonly string[];
}

/** Makes an API key with the least privileges and nothing else: no product test runs as a superuser. */
export async function createTestKey(
  { url, username, password }: Pick<Elasticsearch, 'url' | 'username' | 'password'>,
  { index, cluster = leastPrivileges.cluster, indexPrivileges = leastPrivileges.index }: TestKeyOptions,
): Promise<TestKey> {
  const send = async (method: string, query: string, body: object) => {
    const answer = await fetch(`${url}/_security/api_key${query}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`Cannot ${method} an API key at ${url}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { id: string; encoded: string; invalidated_api_keys?: readonly string[] };
  };
  // A key counts at once; that searches for keys find it takes a second, which nobody needs to wait for.
  const { id, encoded } = await send('POST', '?refresh=false', {
    name: `test-${String(index)}`,
    role_descriptors: { connector: { cluster, indices: [{ names: [index].flat(), privileges: indexPrivileges }] } },
  });
  return {
    id,
    encoded,
    revoke: async () => {
      // The key is found by a search: a young one only after the refresh that nobody has waited for.
      for (let tries = 0; tries < 100; tries += 1) {
        const { invalidated_api_keys: invalidated = [] } = await send('DELETE', '', { ids: [id] });
        if (invalidated.includes(id)) return;
        await setTimeout(50);
      }
      throw new Error(`Cannot revoke the API key ${id} at ${url}: it was not found within 5 s`);
    },
  };
}
