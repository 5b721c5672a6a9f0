import type { IndexOperation, UpdateOperation } from './operation.js';

/**
 * JSON text of what is written: the metadata, the content, `extra` members (the ingest pipeline's flags) and `_sync`,
 * from which a lost catalogue is rebuilt.
 */
export function documentText(operation: IndexOperation | UpdateOperation, extra = ''): string {
  const sync = `"_sync":{${syncMembers(operation).join(',')}}`;
  const members = [operation.kind === 'index' ? operation.content : '', extra, sync].filter((text) => text !== '');
  const open = operation.source.slice(0, -1);
  return `${open}${open === '{' ? '' : ','}${members.join(',')}}`;
}

/** Updates merge, but a document never changes what it is of: `id` need not be there to take an older one away. */
function syncMembers({ id, version, origin }: IndexOperation | UpdateOperation): readonly string[] {
  const members = [
    `"signature":${JSON.stringify(version.signature)}`,
    `"content_version":${JSON.stringify(version.content)}`,
  ];
  if (origin === undefined) return members;
  members.push(`"viewer":${JSON.stringify(origin.viewer)}`);
  if (origin.id !== id) members.push(`"id":${JSON.stringify(origin.id)}`);
  return members;
}
