import type { Observable } from 'rxjs';

/** One `_bulk` request. `body` is NDJSON, made once (`bulkLines`); the pipeline touches whole documents only. */
export interface BulkRequest {
  readonly index: string;
  readonly pipeline: string | null;
  readonly body: string;
}

export interface BulkItemError {
  readonly type?: string;
  readonly reason?: string | null;
  readonly index_uuid?: string;
  readonly caused_by?: BulkItemError;
}

export interface BulkItemAnswer {
  /** Which document it is about, if that is said. */
  readonly _id?: string;
  readonly status: number;
  readonly error?: BulkItemError;
}

/** What Elasticsearch says of each line, in the order of the request; each item has one key, its action. */
export interface BulkAnswer {
  readonly errors: boolean;
  readonly items: readonly Readonly<Record<string, BulkItemAnswer>>[];
}

/**
 * All that the bulk sink needs of Elasticsearch. Cold: the request is sent on subscription, and unsubscribing aborts
 * it. Fails with the errors of `core/errors.ts`: `TransientError` (busy, cut, timed out), `AuthError`, or
 * `PermanentError` with the status (413, 400, 404).
 */
export interface BulkClient {
  readonly bulk: (request: BulkRequest) => Observable<BulkAnswer>;
}
