import type { IndexedDocument, IndexedPage } from '../state/census.js';
import { indexedDocument } from './indexed-document.js';

/** Sorts documents, as `[_id, _source]`, into those of which it is known what they are of, and strangers. */
export function indexedPage(documents: readonly (readonly [string, unknown])[], isEnterprise: boolean): IndexedPage {
  const known: IndexedDocument[] = [];
  const strangers: string[] = [];
  for (const [id, source] of documents) {
    const document = indexedDocument(id, source, isEnterprise);
    if (document === undefined) strangers.push(id);
    else known.push(document);
  }
  return { documents: known, strangers };
}
