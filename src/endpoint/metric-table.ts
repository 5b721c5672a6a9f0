/** A metric of the connector, as Prometheus is told of it. Each also has the label `connector`. */
interface Metric {
  readonly kind: 'counter' | 'gauge';
  readonly help: string;
  /** Labels beside `connector`; their values come from closed sets. */
  readonly labels: readonly string[];
}

/**
 * Every metric of a connector. Counters begin at 0 with the process and only grow, over all runs; gauges are of the
 * moment. The table in docs/metrics.md is checked against this one.
 */
export const metricTable = {
  box_connector_rows_read_total: {
    kind: 'counter',
    help: 'Items that Box has listed',
    labels: [],
  },
  box_connector_rows_total: {
    kind: 'counter',
    help: 'Items by how they ended: written, unchanged, filtered, rejected; and deleted documents',
    labels: ['outcome'],
  },
  box_connector_rows_without_content_total: {
    kind: 'counter',
    help: 'Files that should have text and have none',
    labels: [],
  },
  box_connector_unread_total: {
    kind: 'counter',
    help: 'Folders, users and lists of users that could not be read',
    labels: [],
  },
  box_connector_content_bytes_read_total: {
    kind: 'counter',
    help: 'Bytes of file content that were downloaded from Box',
    labels: [],
  },
  box_connector_document_bytes_total: {
    kind: 'counter',
    help: 'Bytes of the JSON of documents that were sent, by how their operation ended: written is what was accepted',
    labels: ['outcome'],
  },
  box_connector_box_calls_total: {
    kind: 'counter',
    help: 'Calls to Box, tries again included, by route and by the status of the answer (no-answer, aborted: there is none)',
    labels: ['route', 'status'],
  },
  box_connector_box_repeats_total: {
    kind: 'counter',
    help: 'Calls to Box that were made once more, by why',
    labels: ['reason'],
  },
  box_connector_box_rate_waits_total: {
    kind: 'counter',
    help: "Calls to Box that had to wait for their place in the user's rate",
    labels: [],
  },
  box_connector_box_rate_wait_seconds_total: {
    kind: 'counter',
    help: 'Seconds that these calls have waited, all together',
    labels: [],
  },
  box_connector_bulk_requests_total: {
    kind: 'counter',
    help: 'Bulk requests to Elasticsearch, tries again included, by the status of the answer (no-answer, refused, aborted: there is none)',
    labels: ['status'],
  },
  box_connector_bulk_items_total: {
    kind: 'counter',
    help: 'Operations in bulk requests, tries again included, by the status that Elasticsearch gave them',
    labels: ['status'],
  },
  box_connector_syncs_total: {
    kind: 'counter',
    help: 'Syncs by how they ended: completed, incomplete, failed, canceled, suspended',
    labels: ['outcome'],
  },
  box_connector_sync_running: {
    kind: 'gauge',
    help: '1 while a sync runs, else 0',
    labels: [],
  },
  box_connector_in_error: {
    kind: 'gauge',
    help: '1 if the connector has the status error in Kibana, else 0',
    labels: [],
  },
  box_connector_last_success_timestamp_seconds: {
    kind: 'gauge',
    help: 'When a sync was last completed, in seconds since 1970; not there before the first',
    labels: [],
  },
  box_connector_last_sync_end_timestamp_seconds: {
    kind: 'gauge',
    help: 'When this process last ended a sync, however it ended, in seconds since 1970',
    labels: [],
  },
  box_connector_ledger_rows: {
    kind: 'gauge',
    help: 'Items listed and not settled yet; at most pipeline_limits.rows',
    labels: [],
  },
  box_connector_ledger_waiting: {
    kind: 'gauge',
    help: 'Listing calls that wait for room among these',
    labels: [],
  },
  box_connector_budget_bytes: {
    kind: 'gauge',
    help: 'Bytes of file content in memory; at most pipeline_limits.bytes, or one larger file',
    labels: [],
  },
  box_connector_budget_waiting: {
    kind: 'gauge',
    help: 'Downloads that wait for room among these',
    labels: [],
  },
  box_connector_frontier_folders: {
    kind: 'gauge',
    help: 'Folders that are known and not listed yet',
    labels: [],
  },
  box_connector_dead_letters: {
    kind: 'gauge',
    help: 'Rejected documents that are kept; not known before the first sync of this process',
    labels: [],
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof metricTable;
