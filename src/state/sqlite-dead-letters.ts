import { itemTypes } from './catalogue.js';
import type { DeadLetter, DeadLetters } from './dead-letters.js';
import { scalar } from './scalar.js';
import type { Sqlite } from './sqlite-database.js';
import { toSqlJson } from './sqlite-json.js';

export const deadLetterSchema = `
  CREATE TABLE dead_letter (
    document_id TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    path TEXT NOT NULL,
    operation TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    last_tried INTEGER NOT NULL
  );
`;

type Row = [string, string, string, string, string, string, number, number];

export function sqliteDeadLetters(db: Sqlite): DeadLetters {
  const upsert = db.prepare(`
    INSERT INTO dead_letter (document_id, type, id, path, operation, reason, attempts, last_tried)
    VALUES (?, ?, ?, ?, ?, ?, 1, ?)
    ON CONFLICT (document_id) DO UPDATE SET path = excluded.path, operation = excluded.operation,
      reason = excluded.reason, attempts = attempts + 1, last_tried = excluded.last_tried`);
  const drop = db.prepare('DELETE FROM dead_letter WHERE document_id IN (SELECT value FROM json_each(?))');
  const types = itemTypes.map((type, index) => `WHEN '${type}' THEN ${index}`).join(' ');
  const prune = db.prepare(`
    DELETE FROM dead_letter WHERE last_tried < ? AND NOT EXISTS (
      SELECT 1 FROM item WHERE item.id = dead_letter.id AND item.type = CASE dead_letter.type ${types} END)`);
  const select = db
    .prepare(
      `SELECT document_id, type, id, path, operation, reason, attempts, last_tried
       FROM dead_letter ORDER BY last_tried DESC, document_id LIMIT ?`,
    )
    .raw(true);
  const count = db.prepare('SELECT count(*) FROM dead_letter').raw(true);
  return {
    add(letters) {
      for (const { documentId, type, id, path, operation, reason, lastTried } of letters) {
        upsert.run(documentId, type, id, path, operation, reason, lastTried);
      }
    },
    drop(documentIds) {
      if (documentIds.length > 0) drop.run(toSqlJson(documentIds));
    },
    forgetGone(since) {
      prune.run(since);
    },
    list: (limit) =>
      (select.all(limit) as Row[]).map(
        ([documentId, type, id, path, operation, reason, attempts, lastTried]): DeadLetter => ({
          documentId,
          type,
          id,
          path,
          operation,
          reason,
          attempts,
          lastTried,
        }),
      ),
    count: () => scalar(count),
  };
}
