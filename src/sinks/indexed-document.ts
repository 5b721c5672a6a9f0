import { itemTypes } from '../state/catalogue.js';
import type { IndexedDocument } from '../state/census.js';

/**
 * Which item a document is of, and which version; `undefined` for what is not of this connector's or Elastic's shape
 * (`id` equal to `_id`, a Box type).
 */
export function indexedDocument(
  documentId: string,
  source: unknown,
  isEnterprise: boolean,
): IndexedDocument | undefined {
  const type = itemTypes.find((known) => known === member(source, 'type'));
  if (type === undefined || member(source, 'id') !== documentId) return undefined;
  const prefix = `${type}_`;
  const sync = member(source, '_sync');
  const signature = member(sync, 'signature');
  const content = member(sync, 'content_version');
  const owner = textOf(member(member(source, 'owned_by'), 'id'));
  return {
    documentId,
    type,
    id: documentId.startsWith(prefix) ? documentId.slice(prefix.length) : documentId,
    parent: textOf(member(member(source, 'parent'), 'id')) ?? '0',
    viewer: isEnterprise ? owner : null,
    version: typeof signature === 'string' ? { signature, content: textOf(content) } : null,
  };
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
