import type { Absence, Proof } from './absence.js';
import { type ItemKey, itemTypes } from './catalogue.js';
import { folderStatus } from './sqlite-frontier.js';
import { type ItemRow, itemColumns, itemRows } from './sqlite-item-rows.js';
import { scalar } from './scalar.js';
import type { Sqlite } from './sqlite-database.js';
import { toSqlJson } from './sqlite-json.js';

export const absenceSchema = `
  CREATE TABLE condemned (
    id TEXT NOT NULL,
    type INTEGER NOT NULL,
    proof TEXT NOT NULL,
    PRIMARY KEY (id, type)
  ) WITHOUT ROWID;
`;

const folder = itemTypes.indexOf('folder');
/** Proofs that are the administrator's own words. */
const configured = `'filtered', 'out_of_scope'`;
const aliased = itemColumns.replaceAll(/\w+/g, 'i.$&');

export function sqliteAbsence(db: Sqlite): Absence {
  const rows = itemRows(db);
  const topmost = db
    .prepare(
      `SELECT ${aliased}, i.missed FROM item i
       WHERE i.run <> ?1 AND (i.id, i.type) > (?2, ?3)
         AND NOT EXISTS (SELECT 1 FROM item p WHERE p.id = i.parent AND p.type = ${folder} AND p.run <> ?1)
         AND EXISTS (SELECT 1 FROM frontier f WHERE f.folder = i.parent AND f.status = ${folderStatus.settled}
           AND (i.parent <> '0' OR f.viewer = i.viewer))
       ORDER BY i.id, i.type LIMIT ?4`,
    )
    .raw(true);
  const below = `
    WITH RECURSIVE below (id, type) AS (
      SELECT id, type FROM item WHERE run <> ?1 AND id = ?2 AND type = ?3
      UNION
      SELECT i.id, i.type FROM item i JOIN below b ON i.parent = b.id AND b.type = ${folder} WHERE i.run <> ?1
    )`;
  const condemnSelf = db.prepare(`INSERT OR REPLACE INTO condemned (id, type, proof) VALUES (?, ?, ?)`);
  const condemnBelow = db.prepare(
    `INSERT OR IGNORE INTO condemned (id, type, proof) ${below} SELECT id, type, ?4 FROM below`,
  );
  const documentsOf = db
    .prepare(`${below} SELECT count(*) FROM below b JOIN item i ON i.id = b.id AND i.type = b.type WHERE i.indexed = 1`)
    .raw(true);
  const condemnExcluded = db.prepare(
    `INSERT OR REPLACE INTO condemned (id, type, proof)
     SELECT id, type, 'filtered' FROM item WHERE filtered IS NOT NULL AND indexed = 1 AND run = ?`,
  );
  const condemnPruned = db.prepare(
    `INSERT OR IGNORE INTO condemned (id, type, proof)
     WITH RECURSIVE below (id, type) AS (
       SELECT i.id, i.type FROM item i JOIN frontier f ON i.parent = f.folder
         WHERE f.status = ${folderStatus.pruned} AND i.run <> ?1
       UNION
       SELECT i.id, i.type FROM item i JOIN below b ON i.parent = b.id AND b.type = ${folder} WHERE i.run <> ?1
     ) SELECT id, type, 'filtered' FROM below`,
  );
  const condemnViewer = db.prepare(
    `INSERT OR IGNORE INTO condemned (id, type, proof)
     SELECT id, type, ? FROM item WHERE viewer = ? AND run <> ?`,
  );
  const condemnElsewhere = db.prepare(
    `INSERT OR IGNORE INTO condemned (id, type, proof)
     WITH RECURSIVE inside (id, type) AS (
       SELECT i.id, i.type FROM item i JOIN frontier f ON i.parent = f.folder WHERE f.folder <> '0' OR f.viewer = i.viewer
       UNION
       SELECT i.id, i.type FROM item i JOIN inside b ON i.parent = b.id AND b.type = ${folder}
     ) SELECT id, type, 'out_of_scope' FROM item WHERE run <> ? AND (id, type) NOT IN (SELECT id, type FROM inside)`,
  );
  const missed = db.prepare('UPDATE item SET missed = ? WHERE id = ? AND type = ?');
  const anyBelow = db.prepare('SELECT count(*) FROM (SELECT 1 FROM item WHERE parent = ? LIMIT 1)').raw(true);
  const departed = db
    .prepare(
      `SELECT DISTINCT viewer FROM item WHERE parent = '0' AND run <> ? AND viewer <> ''
         AND viewer NOT IN (SELECT viewer FROM frontier WHERE folder = '0')`,
    )
    .raw(true);
  const viewers = db.prepare(`SELECT viewer FROM frontier WHERE folder = '0' AND viewer <> '' ORDER BY seq`).raw(true);
  const shown = db.prepare('SELECT count(*) FROM (SELECT 1 FROM item WHERE viewer = ? AND run = ? LIMIT 1)').raw(true);
  const inRoot = db
    .prepare(`SELECT count(*) FROM (SELECT 1 FROM item WHERE parent = '0' AND viewer = ? AND run = ? LIMIT 1)`)
    .raw(true);
  const proven = db
    .prepare(
      `SELECT count(*) FROM condemned c JOIN item i ON i.id = c.id AND i.type = c.type
       WHERE c.proof NOT IN (${configured}) AND i.indexed = 1`,
    )
    .raw(true);
  const anyPruned = db
    .prepare(`SELECT count(*) FROM (SELECT 1 FROM frontier WHERE status = ${folderStatus.pruned} LIMIT 1)`)
    .raw(true);
  const nearest = db
    .prepare(
      `SELECT f.status FROM json_each(?) a JOIN frontier f ON f.folder = a.value
       WHERE a.value <> '0' ORDER BY a.key DESC LIMIT 1`,
    )
    .raw(true);
  const spare = db.prepare(`DELETE FROM condemned WHERE proof NOT IN (${configured})`);
  const condemned = db
    .prepare(
      `SELECT ${aliased}, c.proof FROM condemned c JOIN item i ON i.id = c.id AND i.type = c.type
       WHERE (c.id, c.type) > (?, ?) ORDER BY c.id, c.type LIMIT ?`,
    )
    .raw(true);

  const forget = db.prepare(
    `WITH RECURSIVE above (id) AS (
       SELECT i.parent FROM item i JOIN condemned c ON c.id = i.id AND c.type = i.type WHERE i.indexed = 1
       UNION
       SELECT i.parent FROM item i JOIN above a ON i.id = a.id AND i.type = ${folder}
     ) DELETE FROM item WHERE run <> ? AND indexed = 0 AND (id, type) IN (SELECT id, type FROM condemned)
       AND NOT (type = ${folder} AND id IN (SELECT id FROM above))`,
  );

  const typeOf = (item: ItemKey) => itemTypes.indexOf(item.type);
  const from = (after: ItemKey | null) => (after === null ? (['', -1] as const) : ([after.id, typeOf(after)] as const));

  return {
    clear: () => db.exec('DELETE FROM condemned'),
    topmost: (run, after, limit) =>
      (topmost.all(run, ...from(after), limit) as [...ItemRow, number | null][]).map((row) => ({
        ...rows.toItem(row.slice(0, -1) as ItemRow),
        missedBefore: row.at(-1) !== null && row.at(-1) !== run,
      })),
    hasBelow: (item) => item.type === 'folder' && scalar(anyBelow, item.id) > 0,
    documentsOf: (item, run) => scalar(documentsOf, run, item.id, typeOf(item)),
    condemn(item, proof, run) {
      condemnSelf.run(item.id, typeOf(item), proof);
      // What a rule excludes, it excludes with all below.
      const below = proof === 'filtered' ? proof : 'parent_gone';
      if (item.type === 'folder') condemnBelow.run(run, item.id, folder, below);
    },
    condemnFiltered(run) {
      condemnExcluded.run(run);
      condemnPruned.run(run);
    },
    condemnViewer(viewer, proof, run) {
      condemnViewer.run(proof, viewer, run);
    },
    condemnElsewhere(run) {
      condemnElsewhere.run(run);
    },
    missed(item, run) {
      missed.run(run, item.id, typeOf(item));
    },
    departed: (run) => (departed.all(run) as [string][]).map(([viewer]) => viewer),
    viewers: () => (viewers.all() as [string][]).map(([viewer]) => viewer),
    hasShown: (viewer, run) => scalar(shown, viewer ?? '', run) > 0,
    rootIsEmpty: (viewer, run) => scalar(inRoot, viewer ?? '', run) === 0,
    hasPruned: () => scalar(anyPruned) > 0,
    placeOf(folders) {
      if (folders.at(-1) === '0') return 'walked';
      const [found] = nearest.all(toSqlJson(folders)) as [number][];
      if (found === undefined) return 'unknown';
      return found[0] === folderStatus.pruned ? 'pruned' : 'walked';
    },
    countProven: () => scalar(proven),
    spare() {
      spare.run();
    },
    forget(run) {
      forget.run(run);
    },
    condemned: (after, limit) =>
      (condemned.all(...from(after), limit) as [...ItemRow, Proof][]).map((row) => ({
        item: rows.toItem(row.slice(0, -1) as ItemRow),
        proof: row.at(-1) as Proof,
      })),
  };
}
