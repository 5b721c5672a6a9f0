/** What the index holds of one document: enough to tell, in a later run, whether anything has to be written. */
export interface DocumentVersion {
  /** Hash of the mapped metadata, together with a fingerprint of the mapping. */
  readonly signature: string;
  /** Which content (file version, extraction settings) the indexed text was taken from; `null` without text. */
  readonly content: string | null;
}

/**
 * How one listed item ended. Every item ends in exactly one of these:
 *
 * - `written`: the index accepted a whole document or a partial update; `withoutContent` says why a file that
 *   should have text has none, and `refusedContent` which content the index was offered and did not take.
 * - `deleted`: the document is gone from the index.
 * - `unchanged`: the index already held it; nothing was sent.
 * - `filtered`: a sync rule excludes it; `rule` is the rule's id.
 * - `rejected`: it could not be parsed, mapped or indexed; `reason` names the field or Elasticsearch's error.
 */
export type Outcome =
  | {
      readonly kind: 'written';
      readonly version: DocumentVersion;
      readonly withoutContent?: string;
      readonly refusedContent?: string;
    }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'unchanged'; readonly version: DocumentVersion; readonly withoutContent?: string }
  | { readonly kind: 'filtered'; readonly rule: string; readonly signature: string }
  | { readonly kind: 'rejected'; readonly reason: string; readonly operation?: string };
