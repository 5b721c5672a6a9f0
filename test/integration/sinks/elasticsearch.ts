import type { Client } from '@elastic/elasticsearch';
import { elasticsearchClient } from '../../../src/sinks/elasticsearch-client.js';

const host = process.env['TEST_ELASTICSEARCH_URL'] ?? 'http://127.0.0.1:9200';
const username = process.env['TEST_ELASTICSEARCH_USERNAME'] ?? 'elastic';
const password = process.env['TEST_ELASTICSEARCH_PASSWORD'] ?? 'changeme';

/** A client of the real cluster as its superuser, to arrange and to look. */
export function adminClient(): Client {
  return elasticsearchClient({ host, username, password, version: 'test', requestTimeoutMs: 30_000 });
}

/** A client with nothing but what the connector says it needs, or what is given instead. */
export async function keyClient(
  admin: Client,
  {
    names,
    privileges = leastPrivileges,
    cluster = ['monitor'],
  }: { names: string[]; privileges?: string[]; cluster?: string[] },
): Promise<Client> {
  const key = await admin.transport.request<{ id: string; encoded: string }>({
    method: 'POST',
    path: '/_security/api_key',
    body: {
      name: 'sinks-test',
      expiration: '1h',
      role_descriptors: { it: { cluster, indices: [{ names, privileges }] } },
    },
  });
  return elasticsearchClient({ host, apiKey: key.encoded, version: 'test', requestTimeoutMs: 30_000 });
}

const leastPrivileges = ['read', 'write', 'create_index', 'view_index_metadata', 'maintenance', 'monitor', 'manage'];

/** Why the tests against the real cluster cannot run; `undefined` if they can. */
export async function unreachable(): Promise<string | undefined> {
  const client = adminClient();
  try {
    await client.transport.request({ method: 'GET', path: '/' }, { requestTimeout: 5_000 });
    return undefined;
  } catch (error) {
    return `no Elasticsearch at ${host} (${error instanceof Error ? error.message : String(error)}); set TEST_ELASTICSEARCH_URL`;
  } finally {
    await client.close();
  }
}

/** A name that no other test uses. */
export function freshIndex(): string {
  return `sinks-test-${process.pid}-${Date.now().toString(36)}-${Math.floor(Math.random() * 1e6).toString(36)}`;
}

export async function dropIndex(admin: Client, index: string): Promise<void> {
  await admin.transport.request({ method: 'DELETE', path: `/${index}`, querystring: { ignore_unavailable: true } });
}

export async function readAll(admin: Client, index: string): Promise<Map<string, Record<string, unknown>>> {
  await admin.transport.request({ method: 'POST', path: `/${index}/_refresh` });
  const answer = await admin.transport.request<{ hits: { hits: { _id: string; _source: Record<string, unknown> }[] } }>(
    {
      method: 'POST',
      path: `/${index}/_search`,
      body: { size: 10_000 },
    },
  );
  return new Map(answer.hits.hits.map(({ _id, _source }) => [_id, _source]));
}
