import type { IndexOperation, UpdateOperation } from './operation.js';

/**
 * JSON text of what is written: the metadata, the content, `extra` members (the ingest pipeline's flags) and `_sync`,
 * from which a lost catalogue is rebuilt.
 */
export function documentText(operation: IndexOperation | UpdateOperation, extra = ''): string {
  const { signature, content } = operation.version;
  const sync = `"_sync":{"signature":${JSON.stringify(signature)},"content_version":${JSON.stringify(content)}}`;
  const members = [operation.kind === 'index' ? operation.content : '', extra, sync].filter((text) => text !== '');
  const open = operation.source.slice(0, -1);
  return `${open}${open === '{' ? '' : ','}${members.join(',')}}`;
}
