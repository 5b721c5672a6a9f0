import type { Observable } from 'rxjs';
import type { DocumentVersion } from '../core/outcome.js';

/** A whole document to be written. JSON texts are made once and sent as they are: see `documentText`. */
export interface IndexOperation {
  readonly kind: 'index';
  readonly id: string;
  /** JSON object of the metadata, without content and without `_sync`. */
  readonly source: string;
  /** JSON text of the content's members, without braces (`"body":"..."`), or empty. */
  readonly content: string;
  readonly version: DocumentVersion;
  /** Why a file that should have text has none. */
  readonly withoutContent?: string;
}

/** A partial update of the metadata of a document that the index holds. */
export interface UpdateOperation {
  readonly kind: 'update';
  readonly id: string;
  /** JSON object of the metadata, without `_sync`. */
  readonly source: string;
  readonly version: DocumentVersion;
  readonly withoutContent?: string;
  /** What to write if the document turns out to be missing (404): cold, extracts the content when subscribed. */
  readonly whole: Observable<IndexOperation>;
}

export interface DeleteOperation {
  readonly kind: 'delete';
  readonly id: string;
}

export type Operation = IndexOperation | UpdateOperation | DeleteOperation;
