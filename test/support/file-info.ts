import type { FileInfo } from '../../src/extractors/extractor.js';

/** What an extractor is told of a file. */
export function fileInfo(over: Partial<FileInfo> = {}): FileInfo {
  return { id: '1', name: 'a.pdf', size: null, extension: 'pdf', content: 'v1', owner: 'u1', ...over };
}
