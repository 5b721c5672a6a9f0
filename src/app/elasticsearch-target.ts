import { asyncScheduler } from 'rxjs';
import type { Config } from '../config/schema.js';
import { elasticsearchBulk } from '../sinks/elasticsearch-bulk.js';
import { bulkClient, elasticsearchClient } from '../sinks/elasticsearch-client.js';
import { elasticsearchDocuments } from '../sinks/elasticsearch-documents.js';
import { elasticsearchError } from '../sinks/elasticsearch-error.js';
import { findIndex, prepareIndex } from '../sinks/elasticsearch-index.js';
import { probePipeline } from '../sinks/pipeline-probe.js';
import { wrongAnswer } from '../sinks/wrong-answer.js';
import { BulkCounts } from '../sinks/bulk-counts.js';
import { configuredPipeline } from './configured-pipeline.js';
import { type ElasticsearchConnectionDeps, elasticsearchConnection } from './elasticsearch-connection.js';
import type { Target } from './target.js';

/** The index in Elasticsearch that the configuration names. */
export function elasticsearchTarget(deps: ElasticsearchConnectionDeps, config: Config): Target {
  const { random, scheduler = asyncScheduler } = deps;
  const { elasticsearch: settings, bulk } = config;
  const index = config.index ?? '';
  const client = elasticsearchClient(elasticsearchConnection(config, 'run', deps));
  const monitor = settings.bulk.error_monitor;
  let uuid: string | undefined;
  const counts = new BulkCounts();
  const counted = counts.counted(bulkClient(client, { retryOnTimeout: settings.retry_on_timeout }));
  const pipeline = configuredPipeline(config);
  return {
    name: `the index "${index}"`,
    sink: (source) =>
      elasticsearchBulk(
        { client: counted, random, scheduler },
        {
          index,
          // An index that is deleted meanwhile comes back, empty and without mapping, with the next bulk request.
          indexUuid: uuid,
          pipeline,
          concurrency: bulk.concurrency,
          maxItems: bulk.max_items,
          maxBytes: bulk.max_bytes,
          retry: {
            maxAttempts: settings.max_retries + 1,
            maxElapsedMs: settings.bulk.queue_refresh_timeout * 1_000,
            baseMs: settings.retry_interval * 1_000,
          },
          errorMonitor: monitor.enabled
            ? {
                maxConsecutive: monitor.max_consecutive_errors,
                maxTotal: monitor.max_total_errors,
                maxRate: monitor.max_error_rate,
                window: monitor.error_window_size,
                hasManyOwners: config.box.is_enterprise === 'box_enterprise' && config.box.user_id === null,
              }
            : null,
        },
      )(source),
    async look(signal) {
      const found = await findIndex(client, index, signal);
      return { uuid: found ?? '', created: found === undefined };
    },
    async prepare(signal) {
      const { indexUuid, created } = await prepareIndex(client, { index }, signal);
      if (pipeline !== null) await probePipeline(client, { index, pipeline: pipeline.name }, signal);
      uuid = indexUuid;
      return { uuid, created };
    },
    async count(signal) {
      const action = `count the documents of the index "${index}"`;
      let answer: { readonly count?: unknown };
      try {
        await client.indices.refresh({ index }, { signal });
        answer = await client.count({ index }, { signal });
      } catch (error) {
        throw elasticsearchError(error, action, index);
      }
      const { count } = answer;
      if (typeof count !== 'number') throw wrongAnswer(action, answer, '"count" is missing');
      return count;
    },
    documents: (isEnterprise) => elasticsearchDocuments(client, { index, isEnterprise }),
    requests: () => counts.requests,
    bulk: counts,
    close: () => client.close(),
  };
}
