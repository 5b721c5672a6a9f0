import type { Found } from '../sources/change.js';

/** An item with its document; `D` is what the mapping makes of it. */
export interface Draft<D> {
  readonly kind: 'draft';
  readonly found: Found;
  readonly document: D;
}

/** How a document differs from what the index holds. */
export type Difference =
  /** Not at all; it is here because the sync rules have changed and must judge it again. */
  | 'none'
  /** In its metadata: a partial update is enough. */
  | 'metadata'
  /** In its content, or the index does not hold it: the whole document has to be written. */
  | 'whole';

/** A document that was compared with what the index holds. */
export interface Compared<D> {
  readonly kind: 'compared';
  readonly found: Found;
  readonly document: D;
  /** JSON text of the document: made once, hashed, compared and sent. */
  readonly source: string;
  readonly signature: string;
  /** Which content the text should be of; `null` for what has none. */
  readonly wanted: string | null;
  readonly difference: Difference;
}
