import type { ContentTries } from './content-tries.js';
import { scalar } from './scalar.js';
import type { Sqlite } from './sqlite-database.js';
import { toSqlJson } from './sqlite-json.js';

export const contentTriesSchema = `
  CREATE TABLE content_try (id TEXT PRIMARY KEY, content TEXT NOT NULL, tries INTEGER NOT NULL);
`;

/** Files are type 0 of the catalogue. */
export function sqliteContentTries(db: Sqlite): ContentTries {
  const select = db.prepare('SELECT tries FROM content_try WHERE id = ? AND content = ?').raw(true);
  const upsert = db.prepare(`
    INSERT INTO content_try (id, content, tries) VALUES (?, ?, 1)
    ON CONFLICT (id) DO UPDATE SET content = excluded.content,
      tries = CASE WHEN content = excluded.content THEN tries + 1 ELSE 1 END`);
  const drop = db.prepare('DELETE FROM content_try WHERE id IN (SELECT value FROM json_each(?))');
  const given = db
    .prepare(
      `SELECT count(*) FROM content_try JOIN item ON item.id = content_try.id AND item.type = 0
       WHERE item.content = content_try.content`,
    )
    .raw(true);
  const undo = db.prepare(`
    UPDATE item SET content = NULL WHERE type = 0
      AND EXISTS (SELECT 1 FROM content_try WHERE content_try.id = item.id AND content_try.content = item.content)`);
  const clear = db.prepare('DELETE FROM content_try');
  const prune = db.prepare('DELETE FROM content_try WHERE id NOT IN (SELECT id FROM item WHERE type = 0)');
  const count: ContentTries['count'] = ({ id, content }) => {
    const [row] = select.all(id, content) as [number][];
    return row?.[0] ?? 0;
  };
  return {
    count,
    failed(tried) {
      upsert.run(tried.id, tried.content);
      return count(tried);
    },
    drop(ids) {
      if (ids.length > 0) drop.run(toSqlJson(ids));
    },
    givenUp: () => scalar(given),
    again() {
      const done = scalar(given);
      undo.run();
      clear.run();
      return done;
    },
    forgetGone() {
      prune.run();
    },
  };
}
