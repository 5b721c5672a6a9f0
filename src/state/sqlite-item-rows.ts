import { type KnownItem, itemTypes } from './catalogue.js';
import type { Sqlite } from './sqlite-database.js';

export const itemColumns = 'id, type, doc, parent, viewer, signature, content, indexed, filtered, rules, run';

/** The columns of `itemColumns`. */
export type ItemRow = [
  id: string,
  type: number,
  doc: string | null,
  parent: string,
  viewer: string,
  signature: string | null,
  content: string | null,
  indexed: number,
  filtered: string | null,
  rules: number,
  run: number,
];

/** Turns rows of the item table into items and back. Fingerprints of rules are kept apart, as one number a row. */
export function itemRows(db: Sqlite): {
  toItem: (row: ItemRow) => KnownItem;
  toRow: (item: KnownItem) => ItemRow;
  /** Forgets which number is which fingerprint's: some are gone. */
  clear: () => void;
} {
  const select = db.prepare('SELECT id, fingerprint FROM rules').raw(true);
  const insert = db.prepare('INSERT OR IGNORE INTO rules (fingerprint) VALUES (?)');
  const fingerprints = new Map<number, string>();
  const ids = new Map<string, number>();
  const read = () => {
    for (const [id, fingerprint] of select.all() as [number, string][]) {
      fingerprints.set(id, fingerprint);
      ids.set(fingerprint, id);
    }
  };
  const idOf = (fingerprint: string): number => {
    const known = ids.get(fingerprint);
    if (known !== undefined) return known;
    insert.run(fingerprint);
    read();
    return ids.get(fingerprint) ?? 0;
  };
  const fingerprintOf = (id: number): string => {
    if (!fingerprints.has(id)) read();
    return fingerprints.get(id) ?? '';
  };

  return {
    clear() {
      fingerprints.clear();
      ids.clear();
    },
    toItem([id, type, doc, parent, viewer, signature, content, indexed, filtered, rules, run]) {
      return {
        id,
        type: itemTypes[type] ?? 'file',
        documentId: doc ?? id,
        parent,
        viewer: viewer === '' ? null : viewer,
        // Of an indexed item that is filtered, the signature is the one that was judged: what the index has is not known.
        version: indexed === 1 ? { signature: filtered === null ? (signature ?? '') : '', content } : null,
        filtered: filtered === null ? null : { rule: filtered, signature: signature ?? '' },
        rules: fingerprintOf(rules),
        lastSeen: run,
      };
    },
    toRow: (item) => [
      item.id,
      itemTypes.indexOf(item.type),
      item.documentId === item.id ? null : item.documentId,
      item.parent,
      item.viewer ?? '',
      item.filtered?.signature ?? item.version?.signature ?? null,
      item.version?.content ?? null,
      item.version === null ? 0 : 1,
      item.filtered?.rule ?? null,
      idOf(item.rules),
      item.lastSeen,
    ],
  };
}
