import type { Config } from '../config/schema.js';
import { elasticsearchClient } from '../sinks/elasticsearch-client.js';
import { type Finding, checkElasticsearch } from '../sinks/elasticsearch-probe.js';
import { configuredPipeline } from './configured-pipeline.js';
import { elasticsearchConnection } from './elasticsearch-connection.js';

/** What `check` says of Elasticsearch. */
export async function checkElasticsearchTarget(
  config: Config,
  version: string,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const client = elasticsearchClient(elasticsearchConnection(config, version));
  try {
    const pipeline = configuredPipeline(config)?.name ?? null;
    return await checkElasticsearch(client, { index: config.index ?? '', pipeline }, signal);
  } finally {
    await client.close();
  }
}
