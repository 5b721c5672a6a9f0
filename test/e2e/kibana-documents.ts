type Fields = Readonly<Record<string, unknown>>;

const createdAt = '2026-01-01T00:00:00.000Z';
const off = { enabled: false, interval: '0 0 0 * * ?' };

/** The one rule that lets everything through, as it is in each new connector. */
function rules(): Fields {
  return {
    advanced_snippet: { created_at: createdAt, updated_at: createdAt, value: {} },
    rules: [
      {
        created_at: createdAt,
        field: '_',
        id: 'DEFAULT',
        order: 0,
        policy: 'include',
        rule: 'regex',
        updated_at: createdAt,
        value: '.*',
      },
    ],
    validation: { errors: [], state: 'valid' },
  };
}

/** A connector as Kibana 9 shows it after creating it, before any service has seen it. */
export function kibana9Connector(indexName: string): Record<string, unknown> {
  return {
    api_key_id: null,
    api_key_secret_id: null,
    configuration: {},
    custom_scheduling: {},
    deleted: false,
    description: null,
    error: null,
    features: null,
    filtering: [{ active: rules(), domain: 'DEFAULT', draft: rules() }],
    index_name: indexName,
    is_native: false,
    language: null,
    last_access_control_sync_error: null,
    last_access_control_sync_scheduled_at: null,
    last_access_control_sync_status: null,
    last_deleted_document_count: null,
    last_incremental_sync_scheduled_at: null,
    last_indexed_document_count: null,
    last_seen: null,
    last_sync_error: null,
    last_sync_scheduled_at: null,
    last_sync_status: null,
    last_synced: null,
    name: 'Box of the tests',
    pipeline: {
      extract_binary_content: true,
      name: '_none',
      reduce_whitespace: true,
      run_ml_inference: false,
    },
    scheduling: { access_control: off, full: off, incremental: off },
    service_type: 'box',
    status: 'created',
    sync_now: false,
    sync_cursor: null,
  };
}

/**
 * A connector as Kibana 8.17 has Elasticsearch create it: what has no value is left out, but for the facts of syncs.
 * There is no `deleted`, no `sync_cursor`, no `features`, and the pipeline has its older name.
 */
export function kibana817Connector(indexName: string): Record<string, unknown> {
  return {
    configuration: {},
    custom_scheduling: {},
    filtering: [{ active: rules(), domain: 'DEFAULT', draft: rules() }],
    index_name: indexName,
    is_native: false,
    last_access_control_sync_error: null,
    last_access_control_sync_scheduled_at: null,
    last_access_control_sync_status: null,
    last_incremental_sync_scheduled_at: null,
    last_sync_error: null,
    last_sync_scheduled_at: null,
    last_sync_status: null,
    last_synced: null,
    name: 'box-e2e',
    pipeline: {
      extract_binary_content: true,
      name: 'ent-search-generic-ingestion',
      reduce_whitespace: true,
      run_ml_inference: true,
    },
    scheduling: { access_control: off, full: off, incremental: off },
    service_type: 'box',
    status: 'created',
    sync_now: false,
  };
}

/** A job as Elasticsearch makes it of a connector when somebody presses "Sync now" in Kibana: with all values in it. */
export function kibanaJob(connectorId: string, connector: Fields, type = 'full'): Record<string, unknown> {
  const now = new Date().toISOString();
  const [domain] = connector['filtering'] as readonly { active: unknown }[];
  return {
    connector: {
      configuration: connector['configuration'],
      filtering: domain?.active,
      id: connectorId,
      index_name: connector['index_name'],
      ...(connector['language'] !== null && { language: connector['language'] }),
      pipeline: connector['pipeline'],
      service_type: connector['service_type'],
    },
    created_at: now,
    deleted_document_count: 0,
    indexed_document_count: 0,
    indexed_document_volume: 0,
    job_type: type,
    last_seen: now,
    metadata: {},
    status: 'pending',
    total_document_count: 0,
    trigger_method: 'on_demand',
  };
}
