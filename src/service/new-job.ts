import type { ConnectorFacts } from './connector-document.js';
import { activeFiltering } from './filtering.js';
import type { Members } from './json-members.js';

interface NewJob {
  readonly kind: 'full' | 'incremental';
  readonly trigger: 'scheduled' | 'on_demand';
  readonly now: Date;
  /** Lift `deletes.max_share` for this one job. */
  readonly allowDeletes: boolean;
}

/**
 * The fields of a new job. The connector's configuration, secrets and all, is not copied: it is read when the job runs.
 * What only this service knows is in `metadata`, which Kibana and the Connector API leave as it is.
 */
export function newJob(connector: ConnectorFacts, { kind, trigger, now, allowDeletes }: NewJob): Members {
  const at = now.toISOString();
  return {
    connector: {
      id: connector.id,
      filtering: activeFiltering(connector.filtering),
      index_name: connector.indexName,
      language: connector.language,
      pipeline: connector.pipeline,
      service_type: connector.serviceType,
      configuration: {},
    },
    trigger_method: trigger,
    job_type: kind,
    status: 'pending',
    indexed_document_count: 0,
    indexed_document_volume: 0,
    deleted_document_count: 0,
    created_at: at,
    last_seen: at,
    ...(allowDeletes && { metadata: { allow_deletes: true } }),
  };
}
