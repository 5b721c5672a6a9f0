import { type Members, members } from './json-members.js';

/** Which state of a document was read: a conditional write is refused if there is a newer one. */
export interface DocumentState {
  readonly seqNo: number;
  readonly primaryTerm: number;
}

/** The kinds of content sync that have a schedule. */
export const syncKinds = ['full', 'incremental'] as const;

export type SyncKind = (typeof syncKinds)[number];

export interface Schedule {
  readonly enabled: boolean;
  /** Quartz text, as Kibana writes it. */
  readonly interval: string;
}

/** What a connector says, without the state in which it was read. Dates are milliseconds since 1970. */
export interface ConnectorFacts {
  readonly id: string;
  readonly name: string | null;
  readonly isNative: boolean;
  readonly serviceType: string | null;
  readonly status: string;
  readonly error: string | null;
  readonly lastSeen: number | null;
  /** By field: its value and how Kibana shows it. */
  readonly configuration: Members;
  readonly features: Members;
  readonly scheduling: Readonly<Record<SyncKind, Schedule | null>>;
  /** When a job of that kind was last created by schedule, in terms of the schedule. */
  readonly lastScheduled: Readonly<Record<SyncKind, number | null>>;
  readonly indexName: string | null;
  readonly language: string | null;
  readonly pipeline: Members | null;
  /** One entry for each domain; only DEFAULT is used. */
  readonly filtering: readonly unknown[];
  readonly lastSyncError: string | null;
  readonly lastSyncStatus: string | null;
  /** When the last sync ended, however it did. */
  readonly lastSynced: number | null;
  readonly deleted: boolean;
}

/** A connector as it was read. */
export interface ConnectorDocument extends ConnectorFacts, DocumentState {}

/** The field of the document that says when a kind of job was last due. */
export const lastScheduledField = {
  full: 'last_sync_scheduled_at',
  incremental: 'last_incremental_sync_scheduled_at',
} as const;

/** Reads a connector; what is missing or of another type counts as not given. */
export function parseConnector(id: string, source: unknown, state: DocumentState): ConnectorDocument {
  return { ...parseConnectorFacts(id, source), ...state };
}

/** The same, of one that comes without its state. */
export function parseConnectorFacts(id: string, source: unknown): ConnectorFacts {
  const document = members.of(source);
  const scheduling = members.of(document['scheduling']);
  return {
    id,
    name: members.text(document['name']),
    isNative: document['is_native'] === true,
    serviceType: members.text(document['service_type']),
    status: members.text(document['status']) ?? 'created',
    error: members.text(document['error']),
    lastSeen: members.date(document['last_seen']),
    configuration: members.of(document['configuration']),
    features: members.of(document['features']),
    scheduling: { full: schedule(scheduling['full']), incremental: schedule(scheduling['incremental']) },
    lastScheduled: {
      full: members.date(document[lastScheduledField.full]),
      incremental: members.date(document[lastScheduledField.incremental]),
    },
    indexName: members.text(document['index_name']),
    language: members.text(document['language']),
    pipeline:
      document['pipeline'] === undefined || document['pipeline'] === null ? null : members.of(document['pipeline']),
    filtering: members.list(document['filtering']),
    lastSyncError: members.text(document['last_sync_error']),
    lastSyncStatus: members.text(document['last_sync_status']),
    lastSynced: members.date(document['last_synced']),
    deleted: document['deleted'] === true,
  };
}

function schedule(value: unknown): Schedule | null {
  const { enabled, interval } = members.of(value);
  const text = members.text(interval);
  return text === null ? null : { enabled: enabled === true, interval: text };
}
