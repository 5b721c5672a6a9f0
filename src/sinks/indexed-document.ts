import { itemTypes } from '../state/catalogue.js';
import type { IndexedDocument } from '../state/census.js';

/**
 * Which item a document is of, and which version; `undefined` for what is not of this connector's or Elastic's shape
 * (`id` equal to `_id`, a Box type).
 *
 * It goes by what stands in the fields. `_id` is never taken apart: `folder_7` is folder `folder_7`, unless `_sync` says
 * that it is folder `7`. Documents of older versions do not say it; the catalogue may know better, and who asks Box
 * before a delete asks for both.
 */
export function indexedDocument(
  documentId: string,
  source: unknown,
  isEnterprise: boolean,
): IndexedDocument | undefined {
  const type = itemTypes.find((known) => known === member(source, 'type'));
  if (type === undefined || member(source, 'id') !== documentId) return undefined;
  const sync = member(source, '_sync');
  const signature = member(sync, 'signature');
  const content = member(sync, 'content_version');
  return {
    documentId,
    type,
    id: textOf(member(sync, 'id')) ?? documentId,
    parent: textOf(member(member(source, 'parent'), 'id')) ?? '0',
    viewer: isEnterprise ? viewerOf(source, sync) : null,
    version: typeof signature === 'string' ? { signature, content: textOf(content) } : null,
  };
}

/** Where it does not say who has seen it (an older version, or Elastic's connector), the owner is the best guess. */
function viewerOf(source: unknown, sync: unknown): string | null {
  const viewer = member(sync, 'viewer');
  return viewer === undefined ? textOf(member(member(source, 'owned_by'), 'id')) : textOf(viewer);
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
