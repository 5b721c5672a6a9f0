import { fromSqlJson } from '../state/sqlite-json.js';
import { openLocalIndex } from './local-index-file.js';
import { isMembers } from './merge-deep.js';

export interface LocalDocument {
  readonly id: string;
  /** As it was written; `body` is the text, if there is any. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** Documents read at once. */
const page = 500;

/** Every document of the index, by id. The file is open until the iteration has ended. */
export function* readLocalIndex(path: string): Iterable<LocalDocument> {
  const db = openLocalIndex(path);
  try {
    const select = db.prepare('SELECT id, document, body FROM doc WHERE id > ? ORDER BY id LIMIT ?').raw(true);
    for (let last = ''; ;) {
      const rows = select.all(last, page) as [string, string, string][];
      for (const [id, text, body] of rows) {
        const document = fromSqlJson(text);
        if (isMembers(document)) yield { id, document: body === '' ? document : { ...document, body } };
        last = id;
      }
      if (rows.length < page) return;
    }
  } finally {
    db.close();
  }
}

/** How many documents the index has. */
export function countLocalIndex(path: string): number {
  const db = openLocalIndex(path);
  try {
    const [row] = db.prepare('SELECT count(*) FROM doc').raw(true).all() as [number][];
    return row?.[0] ?? 0;
  } finally {
    db.close();
  }
}
