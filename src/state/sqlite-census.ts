import type { Census } from './census.js';
import { scalar } from './scalar.js';
import { itemTypes } from './catalogue.js';
import type { Sqlite } from './sqlite-database.js';
import { toSqlJson } from './sqlite-json.js';

/** In place of the run that has seen an item last: the index is not as that run left it, so it has to be seen again. */
export const toBeSeen = -1;

export const censusSchema = `
  CREATE TABLE census (
    doc TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    type INTEGER NOT NULL,
    parent TEXT NOT NULL,
    viewer TEXT NOT NULL,
    signature TEXT NOT NULL,
    content TEXT
  ) WITHOUT ROWID;
  CREATE TABLE stranger (doc TEXT PRIMARY KEY) WITHOUT ROWID;
`;

export function sqliteCensus(db: Sqlite): Census {
  const insert = db.prepare(`
    INSERT OR REPLACE INTO census (doc, id, type, parent, viewer, signature, content)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
    FROM json_each(?)`);
  // A document of an older version does not say that its item's id is another than its own; the catalogue does.
  const recognise = db.prepare(`
    UPDATE census SET id = item.id FROM item
    WHERE item.doc IS NOT NULL AND item.doc = census.doc AND item.type = census.type AND census.id = census.doc`);
  const lose = db.prepare(`
    UPDATE item SET indexed = 0, run = ${toBeSeen} WHERE indexed = 1 AND NOT EXISTS (
      SELECT 1 FROM census c WHERE c.doc = coalesce(item.doc, item.id) AND c.id = item.id AND c.type = item.type)`);
  // The signature of a filtered item is the one that the rules have judged: it stays.
  const doubt = db.prepare(`
    UPDATE item SET content = '', signature = CASE WHEN filtered IS NULL THEN '' ELSE signature END
    WHERE indexed = 1`);
  // The signature of a filtered item is the one that the rules have judged: it stays.
  const correct = db.prepare(`
    UPDATE item SET indexed = 1, run = ${toBeSeen}, content = c.content,
      signature = CASE WHEN item.filtered IS NULL THEN c.signature ELSE item.signature END
    FROM census c WHERE c.id = item.id AND c.type = item.type AND c.doc = coalesce(item.doc, item.id)
      AND (item.indexed = 0 OR item.content IS NOT c.content
        OR (item.filtered IS NULL AND item.signature IS NOT c.signature))`);
  const adopt = db.prepare(`
    INSERT OR IGNORE INTO item (id, type, doc, parent, viewer, signature, content, indexed, filtered, rules, run)
    SELECT id, type, CASE WHEN doc = id THEN NULL ELSE doc END, parent, viewer, signature, content, 1, NULL, 0, 0
    FROM census`);
  const insertStrangers = db.prepare('INSERT OR IGNORE INTO stranger (doc) SELECT value FROM json_each(?)');
  const countStrangers = db.prepare('SELECT count(*) FROM stranger').raw(true);
  // An item that came since may have taken the place of one.
  const selectStrangers = db
    .prepare(
      `SELECT doc FROM stranger s WHERE doc > ?
         AND NOT EXISTS (SELECT 1 FROM item i WHERE i.id = s.doc AND i.doc IS NULL AND i.indexed = 1)
         AND NOT EXISTS (SELECT 1 FROM item i WHERE i.doc IS NOT NULL AND i.doc = s.doc AND i.indexed = 1)
       ORDER BY doc LIMIT ?`,
    )
    .raw(true);
  return {
    begin: () => db.exec('DELETE FROM census; DELETE FROM stranger;'),
    add({ documents, strangers }) {
      if (strangers.length > 0) insertStrangers.run(toSqlJson(strangers));
      insert.run(
        toSqlJson(
          documents.map(({ documentId, id, type, parent, viewer, version }) => [
            documentId,
            id,
            itemTypes.indexOf(type),
            parent,
            viewer ?? '',
            version?.signature ?? '',
            version?.content ?? null,
          ]),
        ),
      );
    },
    end() {
      // All or nothing: a census that is cut off in here must not leave a catalogue that knows half of the index.
      db.exec('BEGIN IMMEDIATE');
      try {
        recognise.run();
        const lost = lose.run().changes;
        const differing = correct.run().changes;
        const adopted = adopt.run().changes;
        const found = { lost, differing, adopted, strangers: scalar(countStrangers) };
        db.exec('DELETE FROM census; COMMIT');
        return found;
      } catch (error) {
        if (db.inTransaction) db.exec('ROLLBACK');
        throw error;
      }
    },
    doubtAll() {
      doubt.run();
    },
    strangers: (after, limit) => (selectStrangers.all(after, limit) as [string][]).map(([doc]) => doc),
  };
}
