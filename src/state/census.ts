import type { DocumentVersion } from '../core/outcome.js';
import type { ItemType } from './catalogue.js';

/** A document as the index holds it: enough to know which item it is of, and which version. */
export interface IndexedDocument {
  readonly documentId: string;
  readonly type: ItemType;
  readonly id: string;
  readonly parent: string;
  /** User in whose walk it was seen, or is to be expected; `null`: the token's own. */
  readonly viewer: string | null;
  /** `null` if another connector wrote it. */
  readonly version: DocumentVersion | null;
}

/** Some of the documents of an index. */
export interface IndexedPage {
  readonly documents: readonly IndexedDocument[];
  /** `_id` of documents that are not shaped like ours or Elastic's. */
  readonly strangers: readonly string[];
}

/** What a census has found and mended. */
export interface CensusResult {
  /** Documents that the catalogue knew and the index has lost: they will be written again. */
  readonly lost: number;
  /** Documents that are not what the catalogue said: they will be compared with what they are. */
  readonly differing: number;
  /** Documents that the catalogue did not know. */
  readonly adopted: number;
  /** Documents of others. */
  readonly strangers: number;
}

/** Compares the catalogue with the index, whose documents are handed over in pages; memory does not grow with them. */
export interface Census {
  begin(): void;
  add(page: IndexedPage): void;
  /** Makes the catalogue say what the index holds. */
  end(): CensusResult;
  /**
   * For an index that cannot be read back: it holds what the catalogue says, in some version. So everything is written
   * anew, and what is gone can still be deleted.
   */
  doubtAll(): void;
  /** At most `limit` strangers of the last census, behind `after`, but for those whose `_id` an item has by now. */
  strangers(after: string, limit: number): readonly string[];
}
