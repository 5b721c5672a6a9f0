import type { KnownItem } from '../../src/state/catalogue.js';

export function knownItem(different: Partial<KnownItem> & Pick<KnownItem, 'id'>): KnownItem {
  return {
    type: 'file',
    documentId: different.id,
    parent: '0',
    viewer: null,
    version: { signature: `signature of ${different.id}`, content: null },
    filtered: null,
    rules: '',
    lastSeen: 1,
    ...different,
  };
}
