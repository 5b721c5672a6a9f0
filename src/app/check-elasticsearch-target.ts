import type { Config } from '../config/schema.js';
import { elasticsearchClient } from '../sinks/elasticsearch-client.js';
import { type Finding, checkElasticsearch } from '../sinks/elasticsearch-probe.js';
import { configuredPipeline } from './configured-pipeline.js';
import { type ElasticsearchConnectionDeps, elasticsearchConnection } from './elasticsearch-connection.js';

/** What `check` says of Elasticsearch. */
export async function checkElasticsearchTarget(
  config: Config,
  deps: ElasticsearchConnectionDeps,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const client = elasticsearchClient(elasticsearchConnection(config, 'command', deps));
  try {
    const pipeline = configuredPipeline(config)?.name ?? null;
    return await checkElasticsearch(client, { index: config.index ?? '', pipeline }, signal);
  } finally {
    await client.close();
  }
}
