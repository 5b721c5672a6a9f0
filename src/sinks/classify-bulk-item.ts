import { AuthError, PermanentError } from '../core/errors.js';
import { shortened } from '../core/shortened.js';
import type { BulkItemAnswer, BulkItemError } from './bulk-client.js';
import type { Operation } from './operation.js';

/** Reasons are shown and kept: longer ones (Elasticsearch quotes the value) are cut. */
const longestReason = 1_000;

export interface BulkTarget {
  readonly index: string;
  /** UUID of the index that the run began with, if known. */
  readonly indexUuid?: string | undefined;
  readonly pipeline: string | null;
}

/**
 * What Elasticsearch's answer to one operation means:
 *
 * - `done`: it did what it should (also a delete of what was not there); `unchanged`: a newer version is there;
 * - `missing`: the document to update is not there;
 * - `busy`: the cluster has no room at the moment, which says nothing about the document; `blocked`: the same, because
 *   the index takes no writes; `broken`: Elasticsearch failed on it, perhaps because of the document, or others
 *   write the document at the same time;
 * - `rejected`: this document will never be accepted as it is;
 * - `failure`: none of this run's documents will be.
 */
export type BulkVerdict =
  | { readonly kind: 'done' | 'unchanged' | 'missing' }
  | { readonly kind: 'busy' | 'blocked' | 'broken' | 'rejected'; readonly reason: string }
  | { readonly kind: 'failure'; readonly error: Error };

export function classifyBulkItem(
  kind: Operation['kind'],
  { status, error }: BulkItemAnswer,
  target: BulkTarget,
): BulkVerdict {
  if (status >= 200 && status < 300) return { kind: 'done' };
  const type = error?.type ?? '';
  const reason = describe(status, error);
  const replaced = target.indexUuid !== undefined && isOtherIndex(error, target.indexUuid);
  if (type === 'index_not_found_exception' || replaced) return failed(indexGone(target.index, reason), status, type);
  if (type === 'index_closed_exception') return failed(indexClosed(target.index, reason), status, type);
  if (type === 'cluster_block_exception') return { kind: 'blocked', reason };
  switch (status) {
    case 404:
      if (kind === 'delete') return { kind: 'done' };
      return kind === 'update' ? { kind: 'missing' } : { kind: 'rejected', reason };
    case 409:
      return kind === 'index' ? { kind: 'unchanged' } : { kind: 'broken', reason };
    case 401:
    case 403:
      return {
        kind: 'failure',
        error: new AuthError(notAllowed(`write to the index "${target.index}"`, target.index, reason)),
      };
    case 429:
    case 503:
      return { kind: 'busy', reason };
    case 400:
      return isPipelineMissing(error)
        ? failed(pipelineMissing(target.pipeline ?? '', reason), status, type)
        : { kind: 'rejected', reason };
    default:
      return { kind: status >= 500 ? 'broken' : 'rejected', reason };
  }
}

export function isPipelineMissing(error: BulkItemError | undefined): boolean {
  return /^pipeline with id \[.*\] does not exist/s.test(error?.reason ?? '');
}

export function pipelineMissing(name: string, found: string): string {
  return `Cannot use the ingest pipeline "${name}": ${found}, expected it to exist. Create it (Kibana: Stack Management, Ingest Pipelines; Elastic's own "search-default-ingestion" comes with Elasticsearch), set "pipeline.name" to another one, or choose another "extraction.method" (tika, extraction_service, none)`;
}

/** `action` is what was tried: reading is refused as well as writing. */
export function notAllowed(action: string, index: string, found: string): string {
  return `Cannot ${action}: ${found}, expected a key or user with the privileges read, write, create_index, view_index_metadata, maintenance, monitor and manage on the index "${index}". Give them to it, or configure another "elasticsearch.api_key"`;
}

function indexGone(index: string, found: string): string {
  return `Cannot write to the index "${index}": ${found}, expected the index that this run began with. It was deleted or replaced meanwhile; start again, and everything is written anew`;
}

function indexClosed(index: string, found: string): string {
  return `Cannot write to the index "${index}": ${found}, expected an open index. Open it (POST /${index}/_open) and start again`;
}

function failed(message: string, status: number, code: string): BulkVerdict {
  return { kind: 'failure', error: new PermanentError(message, { status, code }) };
}

function isOtherIndex(error: BulkItemError | undefined, indexUuid: string): boolean {
  const found = error?.index_uuid;
  return found !== undefined && found !== '_na_' && found !== indexUuid;
}

/** `field "size": 400 document_parsing_exception: failed to parse ... (illegal_argument_exception: ...)`. */
function describe(status: number, error: BulkItemError | undefined): string {
  if (error === undefined) return `Elasticsearch answered ${status}`;
  const { reason, caused_by: cause } = error;
  const field = /field \[([^\]]+)\]/.exec(`${reason ?? ''} ${cause?.reason ?? ''}`)?.[1];
  const because = cause === undefined ? '' : ` (${cause.type ?? ''}: ${cause.reason ?? ''})`;
  const text = `${field === undefined ? '' : `field "${field}": `}${status} ${error.type ?? 'error'}: ${reason ?? 'no reason given'}${because}`;
  return shortened(text, longestReason);
}
