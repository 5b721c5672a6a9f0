import type { Client } from '@elastic/elasticsearch';
import { AuthError } from '../core/errors.js';
import { elasticsearchError } from '../sinks/elasticsearch-error.js';

/** The aliases under which everybody, Kibana too, reads and writes connectors and their jobs. */
export const protocolIndices = { connectors: '.elastic-connectors', jobs: '.elastic-connectors-sync-jobs' } as const;

const keyword = { type: 'keyword' } as const;
const date = { type: 'date' } as const;
const integer = { type: 'long' } as const;
const flag = { type: 'boolean' } as const;

/** Only what is searched or sorted by is mapped; the rest is kept as it is, whatever its shape. */
const mappings = {
  [protocolIndices.connectors]: {
    dynamic: false,
    properties: {
      name: keyword,
      index_name: keyword,
      service_type: keyword,
      status: keyword,
      is_native: flag,
      deleted: flag,
      last_seen: date,
      last_synced: date,
      last_sync_status: keyword,
    },
  },
  [protocolIndices.jobs]: {
    dynamic: false,
    properties: {
      connector: { properties: { id: keyword, index_name: keyword, service_type: keyword, language: keyword } },
      status: keyword,
      job_type: keyword,
      trigger_method: keyword,
      worker_hostname: keyword,
      created_at: date,
      started_at: date,
      completed_at: date,
      canceled_at: date,
      cancelation_requested_at: date,
      last_seen: date,
      indexed_document_count: integer,
      indexed_document_volume: integer,
      deleted_document_count: integer,
      total_document_count: integer,
    },
  },
} as const;

/**
 * Makes the two indices that the cluster lacks: under the concrete names that Elastic's service gives them (`...-v1`),
 * with the alias. What is there is left as it is. Safe to be called by several services at once.
 */
export async function ensureProtocolIndices(client: Client, signal: AbortSignal): Promise<void> {
  for (const alias of [protocolIndices.connectors, protocolIndices.jobs] as const) {
    const index = `${alias}-v1`;
    try {
      if (await client.indices.exists({ index: alias }, { signal })) continue;
      await client.transport.request(
        {
          method: 'PUT',
          path: `/${index}`,
          body: {
            settings: { index: { hidden: true, number_of_shards: 1, auto_expand_replicas: '0-1' } },
            mappings: mappings[alias],
            aliases: { [alias]: { is_hidden: true } },
          },
        },
        { signal },
      );
    } catch (error) {
      const failure = elasticsearchError(error, `make the index "${index}"`, index);
      // Another service was quicker.
      if ('code' in failure && failure.code === 'resource_already_exists_exception') continue;
      if (failure instanceof AuthError) {
        throw new AuthError(
          `${failure.message}. The key in "elasticsearch.api_key" needs read, write, create_index, view_index_metadata, maintenance and manage on ".elastic-connectors*"`,
          { cause: failure },
        );
      }
      throw failure;
    }
  }
}
