import type { Observable } from 'rxjs';
import type { DocumentVersion } from '../core/outcome.js';

/**
 * Which item a document is of, and in whose walk it was seen. It stands in the document's `_sync`, so that a lost
 * catalogue learns it from there: an `_id` such as `folder_7` could be of folder `7` as well as of folder `folder_7`.
 */
export interface DocumentOrigin {
  /** The item's own id in Box. */
  readonly id: string;
  /** Whose walk has shown it; `null`: the token's own user's. */
  readonly viewer: string | null;
}

/** A whole document to be written. JSON texts are made once and sent as they are: see `documentText`. */
export interface IndexOperation {
  readonly kind: 'index';
  readonly id: string;
  /** JSON object of the metadata, without content and without `_sync`. */
  readonly source: string;
  /** JSON text of the content's members, without braces (`"body":"..."`), or empty. */
  readonly content: string;
  readonly version: DocumentVersion;
  readonly origin?: DocumentOrigin;
  /** Why a file that should have text has none. */
  readonly withoutContent?: string;
  /** The content that was refused with it before; see `DocumentVersion.content`. */
  readonly refusedContent?: string;
  /** The Box user who answers for it: one person's documents alone end no run. See `ErrorMonitor`. */
  readonly owner?: string | undefined;
}

/** A partial update of the metadata of a document that the index holds. */
export interface UpdateOperation {
  readonly kind: 'update';
  readonly id: string;
  /** JSON object of the metadata, without `_sync`. */
  readonly source: string;
  readonly version: DocumentVersion;
  readonly origin?: DocumentOrigin;
  readonly withoutContent?: string;
  readonly owner?: string | undefined;
  /** What to write if the document turns out to be missing (404): cold, extracts the content when subscribed. */
  readonly whole: Observable<IndexOperation>;
}

export interface DeleteOperation {
  readonly kind: 'delete';
  readonly id: string;
}

export type Operation = IndexOperation | UpdateOperation | DeleteOperation;
