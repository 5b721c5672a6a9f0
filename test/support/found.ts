import type { BoxFile, BoxItem } from '../../src/box/box-item.js';
import type { Found } from '../../src/sources/change.js';

/** A file as Box lists it, with what a test wants to be different. */
export function boxFile(different: Partial<BoxFile> = {}): BoxFile {
  const user = { type: 'user', id: '11', name: 'Ann', login: 'ann@example.com' };
  return {
    type: 'file',
    id: '1001',
    etag: '1',
    sequence_id: '1',
    name: 'report.txt',
    description: '',
    size: 12,
    created_at: '2023-08-04T03:17:55-07:00',
    modified_at: '2023-08-05T03:17:55-07:00',
    content_created_at: '2023-08-04T03:17:55-07:00',
    content_modified_at: '2023-08-05T03:17:55-07:00',
    created_by: user,
    modified_by: user,
    owned_by: user,
    parent: { type: 'folder', id: '7', sequence_id: '1', etag: '1', name: 'Reports' },
    item_status: 'active',
    sha1: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    file_version: { type: 'file_version', id: '9001', sha1: 'da39a3ee5e6b4b0d3255bfef95601890afd80709' },
    extension: 'txt',
    shared_link: null,
    tags: [],
    classification: null,
    ...different,
  };
}

export function found(item: BoxItem, different: Partial<Found> = {}): Found {
  return {
    kind: 'found',
    item,
    documentId: item.id,
    seenAs: null,
    path: `/Reports/${item.name ?? item.id}`,
    parent: '7',
    ancestors: ['0', '7'],
    known: undefined,
    ...different,
  };
}
