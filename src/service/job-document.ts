import type { DocumentState } from './connector-document.js';
import { type Members, members } from './json-members.js';

/** What a job has done so far, in the document's own terms. */
export interface JobCounts {
  readonly indexed: number;
  readonly deleted: number;
  /** Bytes; the document has MiB. */
  readonly volume: number;
}

/** What a sync job says, without the state in which it was read. Dates are milliseconds since 1970. */
export interface JobFacts {
  readonly id: string;
  readonly connectorId: string;
  readonly status: string;
  /** `full`, `incremental`, or one that this service does not do. */
  readonly type: string;
  readonly triggerMethod: string | null;
  readonly createdAt: number | null;
  /** As text, since it also tells one claim from another. */
  readonly startedAt: string | null;
  readonly lastSeen: number | null;
  readonly workerHostname: string | null;
  readonly counts: JobCounts;
  /** Documents in the index when it ended; `null` if nobody has counted. */
  readonly total: number | null;
  readonly error: string | null;
  readonly completedAt: number | null;
  /** The pipeline that the job was created with; `null` if none was copied. */
  readonly pipeline: Members | null;
  /** Keys of the fields that hold a secret, in the copy of the connector's configuration that Elasticsearch makes. */
  readonly secrets: readonly string[];
  /** `deletes.max_share` does not count for it: see `newJob`. */
  readonly allowDeletes: boolean;
}

/** A sync job as it was read. */
export interface JobDocument extends JobFacts, DocumentState {}

export const bytesPerMiB = 1024 * 1024;

/** Reads a job; what is missing or of another type counts as not given. */
export function parseJob(id: string, source: unknown, state: DocumentState): JobDocument {
  return { ...parseJobFacts(id, source), ...state };
}

/** The same, of one that comes without its state. */
export function parseJobFacts(id: string, source: unknown): JobFacts {
  const document = members.of(source);
  const connector = members.of(document['connector']);
  return {
    id,
    connectorId: members.text(connector['id']) ?? '',
    status: members.text(document['status']) ?? 'pending',
    type: members.text(document['job_type']) ?? 'full',
    triggerMethod: members.text(document['trigger_method']),
    createdAt: members.date(document['created_at']),
    startedAt: members.text(document['started_at']),
    lastSeen: members.date(document['last_seen']),
    workerHostname: members.text(document['worker_hostname']),
    counts: {
      indexed: members.count(document['indexed_document_count']),
      deleted: members.count(document['deleted_document_count']),
      volume: members.count(document['indexed_document_volume']) * bytesPerMiB,
    },
    total: typeof document['total_document_count'] === 'number' ? document['total_document_count'] : null,
    error: members.text(document['error']),
    completedAt: members.date(document['completed_at']),
    pipeline:
      connector['pipeline'] === undefined || connector['pipeline'] === null ? null : members.of(connector['pipeline']),
    secrets: Object.entries(members.of(connector['configuration'])).flatMap(([key, field]) => {
      const { sensitive, value } = members.of(field);
      return sensitive === true && members.text(value) !== null ? [key] : [];
    }),
    allowDeletes: members.flag(members.of(document['metadata'])['allow_deletes'], false),
  };
}

/** The fields with which a job that is over is rid of the secrets that were copied into it: nobody needs them any more. */
export function withoutSecrets({ secrets }: Pick<JobFacts, 'secrets'>): Members {
  if (secrets.length === 0) return {};
  return { connector: { configuration: Object.fromEntries(secrets.map((key) => [key, { value: '' }])) } };
}
