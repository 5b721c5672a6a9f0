import { type Members, members } from './json-members.js';

/** One call of the Connector API. */
export interface ConnectorApiCall {
  /** Completes "Cannot ...". */
  readonly action: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: Members;
  /** What it writes, by the fields of the document. */
  readonly fields: Members;
  /** Elasticsearch has rules about which status may follow which: what it refuses is not our fault. */
  readonly mayBeRefused?: true;
}

/** How fields are written: by these calls in this order, and what no call takes. */
export interface SplitFields {
  readonly calls: readonly ConnectorApiCall[];
  readonly rest: Members;
}

/** A call that writes some of the fields, if they are as it wants them. */
interface Writer {
  readonly call: string;
  readonly takes: (fields: Members) => readonly string[];
  readonly body?: (fields: Members) => Members;
  readonly mayBeRefused?: true;
}

/** The statuses that the API knows. */
const connectorStatuses: readonly unknown[] = ['created', 'needs_configuration', 'configured', 'connected', 'error'];
const syncStatuses: readonly unknown[] = [
  'canceling',
  'canceled',
  'completed',
  'error',
  'in_progress',
  'pending',
  'suspended',
];

const isText = (value: unknown): boolean => typeof value === 'string';
const isSyncStatus = (value: unknown): boolean => syncStatuses.includes(value);
const isCount = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value);

const lastSync: Readonly<Record<string, (value: unknown) => boolean>> = {
  last_access_control_sync_error: isText,
  last_access_control_sync_scheduled_at: isText,
  last_access_control_sync_status: isSyncStatus,
  last_deleted_document_count: isCount,
  last_incremental_sync_scheduled_at: isText,
  last_indexed_document_count: isCount,
  last_sync_error: isText,
  last_sync_scheduled_at: isText,
  last_sync_status: isSyncStatus,
  last_synced: isText,
};

const healthOf = ({ status, error }: Members): boolean =>
  (status === 'error' && typeof error === 'string' && error !== '') || (status === 'connected' && error === null);

/** In the order in which they are called: what ends a sync comes last. */
const connectorWriters: readonly Writer[] = [
  { call: '_name', takes: (fields) => ['name', 'description'].filter((name) => isText(fields[name])) },
  {
    call: '_index_name',
    takes: ({ index_name: name }) => (isText(name) || name === null ? ['index_name'] : []),
  },
  {
    call: '_api_key_id',
    takes: (fields) => ['api_key_id', 'api_key_secret_id'].filter((name) => isText(fields[name])),
  },
  {
    call: '_pipeline',
    takes: ({ pipeline }) =>
      hasExactly(pipeline, {
        extract_binary_content: 'boolean',
        name: 'string',
        reduce_whitespace: 'boolean',
        run_ml_inference: 'boolean',
      })
        ? ['pipeline']
        : [],
  },
  {
    call: '_scheduling',
    takes: ({ scheduling }) => {
      const all = Object.entries(members.of(scheduling));
      const kinds = ['access_control', 'full', 'incremental'];
      const isWhole = all.every(
        ([kind, one]) => kinds.includes(kind) && hasExactly(one, { enabled: 'boolean', interval: 'string' }),
      );
      return all.length > 0 && isWhole ? ['scheduling'] : [];
    },
  },
  {
    // The call makes the status "configured", as somebody does who saves the form.
    call: '_configuration',
    takes: ({ configuration, status, error }) => {
      const all = Object.values(members.of(configuration)).map((field) => members.of(field));
      const isValues = all.every((field) => Object.keys(field).join() === 'value' && field['value'] !== null);
      return status === 'configured' && error === undefined && all.length > 0 && isValues
        ? ['configuration', 'status']
        : [];
    },
    body: ({ configuration }) => ({
      values: Object.fromEntries(
        Object.entries(members.of(configuration)).map(([key, field]) => [key, members.of(field)['value']]),
      ),
    }),
    mayBeRefused: true,
  },
  {
    call: '_check_in',
    takes: (fields) => (isText(fields['last_seen']) && lastSyncFields(fields).length === 0 ? ['last_seen'] : []),
    body: () => ({}),
  },
  {
    call: '_last_sync',
    takes: (fields) => {
      const found = lastSyncFields(fields);
      return found.length > 0 && isText(fields['last_seen']) ? [...found, 'last_seen'] : found;
    },
  },
  {
    // The call makes the status "error", or "connected" without an error.
    call: '_error',
    takes: (fields) => (healthOf(fields) ? ['status', 'error'] : []),
    body: ({ error }) => ({ error }),
  },
  {
    call: '_status',
    takes: ({ status, error, configuration }) =>
      connectorStatuses.includes(status) && error === undefined && configuration === undefined ? ['status'] : [],
    mayBeRefused: true,
  },
];

const statistics = ['deleted_document_count', 'indexed_document_count', 'indexed_document_volume'];

const jobWriters: readonly Writer[] = [
  {
    call: '_stats',
    takes: (fields) => {
      if (!statistics.every((name) => isCount(fields[name]))) return [];
      return [
        ...statistics,
        ...(isCount(fields['total_document_count']) ? ['total_document_count'] : []),
        ...(isText(fields['last_seen']) ? ['last_seen'] : []),
      ];
    },
  },
  {
    call: '_check_in',
    takes: (fields) =>
      isText(fields['last_seen']) && !statistics.every((name) => isCount(fields[name])) ? ['last_seen'] : [],
    body: () => ({}),
  },
  {
    // The call makes the status "error", and says when.
    call: '_error',
    takes: ({ status, error, completed_at: at }) =>
      status === 'error' && isText(error) && error !== '' && isText(at) ? ['status', 'error', 'completed_at'] : [],
    body: ({ error }) => ({ error }),
    mayBeRefused: true,
  },
];

/** How the fields of a connector are written without a condition. */
export function connectorCalls(id: string, fields: Members): SplitFields {
  return split(connectorWriters, `/_connector/${encodeURIComponent(id)}`, `update the connector "${id}"`, fields);
}

/** The same for a job. One that ends otherwise than by an error has no call: all its fields are written at once. */
export function jobCalls(id: string, fields: Members): SplitFields {
  if (fields['status'] !== undefined && fields['status'] !== 'error') return { calls: [], rest: fields };
  return split(jobWriters, `/_connector/_sync_job/${encodeURIComponent(id)}`, `update the job "${id}"`, fields);
}

function split(writers: readonly Writer[], path: string, action: string, fields: Members): SplitFields {
  let rest = fields;
  const calls: ConnectorApiCall[] = [];
  for (const { call, takes, body, mayBeRefused } of writers) {
    const taken = takes(rest);
    if (taken.length === 0) continue;
    const own = Object.fromEntries(taken.map((name) => [name, rest[name]]));
    const sent = body === undefined ? own : body(rest);
    calls.push({
      action,
      method: 'PUT',
      path: `${path}/${call}`,
      ...(Object.keys(sent).length > 0 && { body: sent }),
      fields: own,
      ...(mayBeRefused && { mayBeRefused }),
    });
    rest = Object.fromEntries(Object.entries(rest).filter(([name]) => !taken.includes(name)));
  }
  return { calls, rest };
}

function lastSyncFields(fields: Members): readonly string[] {
  return Object.entries(lastSync)
    .filter(([name, isRight]) => isRight(fields[name]))
    .map(([name]) => name);
}

/** Whether it has these members, of these types, and no others. */
function hasExactly(value: unknown, types: Readonly<Record<string, string>>): boolean {
  const found = members.of(value);
  const wanted = Object.entries(types);
  return Object.keys(found).length === wanted.length && wanted.every(([name, type]) => typeof found[name] === type);
}
