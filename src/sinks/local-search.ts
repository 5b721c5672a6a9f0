import { openLocalIndex } from './local-index-file.js';

export interface LocalSearchOptions {
  /** Hits, at most. Default 10. */
  readonly limit?: number;
  /** What is put around a word that was found. Default `<em>`, `</em>`. */
  readonly marks?: { readonly open: string; readonly close: string };
}

export interface LocalHit {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly path: string;
  readonly url: string;
  /** Higher is better; only to compare within one answer. */
  readonly score: number;
  /** The best passage, with the words marked. */
  readonly snippet: string;
}

type Row = [
  id: string,
  name: string,
  path: string,
  type: string | null,
  url: string | null,
  rank: number,
  snippet: string,
];

// A word in the name weighs more than one in the path, that more than one in the text.
const select = `
  SELECT doc.id, doc.name, doc.path, doc.document ->> '$.type', doc.document ->> '$.url',
    bm25(words, 10.0, 3.0, 1.0) AS rank, snippet(words, -1, ?, ?, '...', 16)
  FROM words JOIN doc ON doc.n = words.rowid
  WHERE words MATCH ? ORDER BY rank, doc.id LIMIT ?`;

/**
 * Searches the local index: documents with all words of `text`, the last one as a beginning; if there are none,
 * documents with any of them. Best first. Whatever `text` holds, it is taken as words, never as query syntax.
 *
 * Throws `PermanentError` if there is no index at `path`.
 */
export function searchLocalIndex(
  path: string,
  text: string,
  { limit = 10, marks = { open: '<em>', close: '</em>' } }: LocalSearchOptions = {},
): readonly LocalHit[] {
  const db = openLocalIndex(path);
  try {
    const words = wordsOf(text);
    if (words.length === 0) return [];
    const statement = db.prepare(select).raw(true);
    for (const operator of [' AND ', ' OR ']) {
      const rows = statement.all(marks.open, marks.close, words.join(operator), limit) as Row[];
      if (rows.length > 0) return rows.map(toHit);
    }
    return [];
  } finally {
    db.close();
  }
}

/** Quoted, so that nothing in them is syntax; what has no letter or digit makes no word. */
function wordsOf(text: string): string[] {
  const words = text.split(/[\s\0]+/u).filter((word) => /[\p{L}\p{N}\p{Co}]/u.test(word));
  return words.map((word, position) => `"${word.replaceAll('"', '""')}"${position === words.length - 1 ? ' *' : ''}`);
}

function toHit([id, name, path, type, url, rank, snippet]: Row): LocalHit {
  return { id, type: type ?? '', name, path, url: url ?? '', score: -rank, snippet };
}
