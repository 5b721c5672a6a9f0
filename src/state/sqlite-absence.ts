import type { Absence, AbsentItem, GoneFolder, Proof, Verdict } from './absence.js';
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

/** Since format 2: when an item was first missed, whose a document is, and which verdicts count for the share. */
export const absenceSchema2 = `
  ALTER TABLE item ADD COLUMN missed_at INTEGER;
  CREATE INDEX item_doc ON item (doc) WHERE doc IS NOT NULL;
  ALTER TABLE condemned ADD COLUMN sure INTEGER NOT NULL DEFAULT 0;
`;

const folder = itemTypes.indexOf('folder');
const aliased = itemColumns.replaceAll(/\w+/g, 'i.$&');
/** What `AbsentItem` has, of the table `item i`. */
const absentColumns = `${aliased}, i.missed, i.missed_at`;
const behind = '(i.id, i.type) > (?2, ?3) ORDER BY i.id, i.type LIMIT ?4';
const isNotCondemned = 'NOT EXISTS (SELECT 1 FROM condemned c WHERE c.id = i.id AND c.type = i.type)';
/** The document of item `i` is the one that another item has, which stays. */
const isAnothers = `(
  EXISTS (SELECT 1 FROM item o WHERE o.id = coalesce(i.doc, i.id) AND o.doc IS NULL AND o.indexed = 1
    AND NOT (o.id = i.id AND o.type = i.type)
    AND NOT EXISTS (SELECT 1 FROM condemned c WHERE c.id = o.id AND c.type = o.type))
  OR EXISTS (SELECT 1 FROM item o WHERE o.doc IS NOT NULL AND o.doc = coalesce(i.doc, i.id) AND o.indexed = 1
    AND NOT (o.id = i.id AND o.type = i.type)
    AND NOT EXISTS (SELECT 1 FROM condemned c WHERE c.id = o.id AND c.type = o.type)))`;
/** The item and all below it; `UNION` ends circles. What `?1` has seen is left out: it moved. */
const below = `
  WITH RECURSIVE below (id, type) AS (
    VALUES (?2, ?3)
    UNION
    SELECT i.id, i.type FROM item i JOIN below b ON i.parent = b.id AND b.type = ${folder} WHERE i.run <> ?1
  )`;
/** No run: all below, whoever has seen it. */
const noRun = -1;
const elsewhere = `
  WITH RECURSIVE inside (id, type) AS (
    SELECT i.id, i.type FROM item i JOIN frontier f ON i.parent = f.folder WHERE f.folder <> '0' OR f.viewer = i.viewer
    UNION
    SELECT i.id, i.type FROM item i JOIN json_each(?2) j ON i.parent = j.value
    UNION
    SELECT i.id, i.type FROM item i JOIN inside b ON i.parent = b.id AND b.type = ${folder}
  )`;
const isElsewhere = 'run <> ?1 AND (id, type) NOT IN (SELECT id, type FROM inside)';

export function sqliteAbsence(db: Sqlite): Absence {
  const rows = itemRows(db);
  const goneFolders = db
    .prepare(
      `SELECT f.seq, f.folder, f.viewer, f.reason FROM frontier f
       WHERE f.status = ${folderStatus.gone} AND f.seq > ? ORDER BY f.seq LIMIT ?`,
    )
    .raw(true);
  const byKey = db.prepare(`SELECT ${absentColumns} FROM item i WHERE i.id = ? AND i.type = ?`).raw(true);
  const topmost = db
    .prepare(
      `SELECT ${absentColumns} FROM item i
       WHERE i.run <> ?1 AND ${isNotCondemned}
         AND EXISTS (SELECT 1 FROM frontier f WHERE f.folder = i.parent AND f.status = ${folderStatus.settled}
           AND (i.parent <> '0' OR f.viewer = i.viewer))
         AND ${behind}`,
    )
    .raw(true);
  const unknownFolders = db
    .prepare(
      `SELECT i.parent, min(i.viewer), CASE WHEN count(*) = count(i.missed) THEN max(i.missed) END,
         CASE WHEN count(*) = count(i.missed_at) THEN max(i.missed_at) END
       FROM item i
       WHERE i.parent > ?2 AND i.parent <> '0' AND i.run <> ?1 AND ${isNotCondemned}
         AND i.parent NOT IN (SELECT value FROM json_each(?4))
         AND NOT EXISTS (SELECT 1 FROM frontier f WHERE f.folder = i.parent)
         AND NOT EXISTS (SELECT 1 FROM item p WHERE p.id = i.parent AND p.type = ${folder})
       GROUP BY i.parent ORDER BY i.parent LIMIT ?3`,
    )
    .raw(true);
  const orphans = db
    .prepare(
      `SELECT ${absentColumns} FROM item i
       WHERE i.run <> ?1 AND ${isNotCondemned}
         AND EXISTS (SELECT 1 FROM condemned c WHERE c.id = i.parent AND c.type = ${folder} AND c.proof = ?5)
         AND ${behind}`,
    )
    .raw(true);
  const inRoot = db
    .prepare(
      `SELECT ${absentColumns} FROM item i
       WHERE i.parent = '0' AND i.viewer = ?5 AND i.run <> ?1 AND ${isNotCondemned} AND ${behind}`,
    )
    .raw(true);
  const children = db
    .prepare(`SELECT ${absentColumns} FROM item i WHERE i.parent = ?1 AND ${isNotCondemned} AND ${behind}`)
    .raw(true);
  const condemnItem = db.prepare('INSERT OR REPLACE INTO condemned (id, type, proof, sure) VALUES (?, ?, ?, ?)');
  const condemnBelow = db.prepare(
    `INSERT OR IGNORE INTO condemned (id, type, proof, sure) ${below} SELECT id, type, ?4, ?5 FROM below`,
  );
  const documentsOf = db
    .prepare(`${below} SELECT count(*) FROM below b JOIN item i ON i.id = b.id AND i.type = b.type WHERE i.indexed = 1`)
    .raw(true);
  const condemnExcluded = db.prepare(
    `INSERT OR REPLACE INTO condemned (id, type, proof, sure)
     SELECT id, type, 'filtered', 1 FROM item WHERE filtered IS NOT NULL AND indexed = 1 AND run = ?`,
  );
  const condemnPruned = db.prepare(
    `INSERT OR IGNORE INTO condemned (id, type, proof, sure)
     WITH RECURSIVE below (id, type) AS (
       SELECT i.id, i.type FROM item i JOIN frontier f ON i.parent = f.folder
         WHERE f.status = ${folderStatus.pruned} AND i.run <> ?1
       UNION
       SELECT i.id, i.type FROM item i JOIN below b ON i.parent = b.id AND b.type = ${folder} WHERE i.run <> ?1
     ) SELECT id, type, 'filtered', 1 FROM below`,
  );
  const condemnViewer = db.prepare(
    `INSERT OR IGNORE INTO condemned (id, type, proof, sure)
     SELECT id, type, ?3, ?4 FROM item WHERE viewer = ?2 AND run <> ?1 AND (?5 IS NULL OR missed_at <= ?5)`,
  );
  const condemnElsewhere = db.prepare(
    `INSERT OR IGNORE INTO condemned (id, type, proof, sure)
     ${elsewhere} SELECT id, type, 'out_of_scope', 0 FROM item WHERE ${isElsewhere} AND (?3 IS NULL OR missed_at <= ?3)`,
  );
  const missed = db.prepare(
    `UPDATE item SET missed = coalesce(?4, missed), missed_at = coalesce(missed_at, ?5)
     WHERE (id, type) IN (${below} SELECT id, type FROM below)`,
  );
  const missedViewer = db.prepare(
    'UPDATE item SET missed_at = ?3 WHERE viewer = ?2 AND run <> ?1 AND missed_at IS NULL',
  );
  const missedElsewhere = db.prepare(
    `UPDATE item SET missed_at = ?3 WHERE missed_at IS NULL AND run <> ?1
       AND (id, type) NOT IN (${elsewhere} SELECT id, type FROM inside)`,
  );
  const waitsOfViewer = db
    .prepare(`SELECT count(*) FROM item i WHERE viewer = ?2 AND run <> ?1 AND indexed = 1 AND ${isNotCondemned}`)
    .raw(true);
  const waitsElsewhere = db
    .prepare(`${elsewhere} SELECT count(*) FROM item i WHERE ${isElsewhere} AND indexed = 1 AND ${isNotCondemned}`)
    .raw(true);
  const anyBelow = db.prepare('SELECT count(*) FROM (SELECT 1 FROM item WHERE parent = ? LIMIT 1)').raw(true);
  const departed = db
    .prepare(
      `SELECT DISTINCT viewer FROM item WHERE parent = '0' AND run <> ? AND viewer <> ''
         AND viewer NOT IN (SELECT viewer FROM frontier WHERE folder = '0')`,
    )
    .raw(true);
  const lister = db.prepare(`SELECT viewer FROM frontier WHERE folder = ? AND folder <> '0'`).raw(true);
  const viewers = db.prepare(`SELECT viewer FROM frontier WHERE folder = '0' AND viewer <> '' ORDER BY seq`).raw(true);
  const shown = db.prepare('SELECT count(*) FROM (SELECT 1 FROM item WHERE viewer = ? AND run = ? LIMIT 1)').raw(true);
  const shownInRoot = db
    .prepare(`SELECT count(*) FROM (SELECT 1 FROM item WHERE parent = '0' AND viewer = ? AND run = ? LIMIT 1)`)
    .raw(true);
  const proven = db
    .prepare(
      `SELECT i.viewer, count(*) FROM condemned c JOIN item i ON i.id = c.id AND i.type = c.type
       WHERE c.sure = 0 AND i.indexed = 1 GROUP BY i.viewer`,
    )
    .raw(true);
  const anyPruned = db
    .prepare(`SELECT count(*) FROM (SELECT 1 FROM frontier WHERE status = ${folderStatus.pruned} LIMIT 1)`)
    .raw(true);
  const anyRoot = db.prepare(`SELECT count(*) FROM (SELECT 1 FROM frontier WHERE folder = '0' LIMIT 1)`).raw(true);
  const nearest = db
    .prepare(
      `SELECT f.status FROM json_each(?) a JOIN frontier f ON f.folder = a.value
       WHERE a.value <> '0' ORDER BY a.key DESC LIMIT 1`,
    )
    .raw(true);
  const spare = db.prepare(
    `DELETE FROM condemned WHERE sure = 0 AND EXISTS (SELECT 1 FROM item i
       WHERE i.id = condemned.id AND i.type = condemned.type AND i.viewer IN (SELECT value FROM json_each(?)))`,
  );
  const condemned = db
    .prepare(
      `SELECT ${aliased}, c.proof FROM condemned c JOIN item i ON i.id = c.id AND i.type = c.type
       WHERE (c.id, c.type) > (?, ?) AND NOT ${isAnothers} ORDER BY c.id, c.type LIMIT ?`,
    )
    .raw(true);
  const anyCondemned = db.prepare('SELECT count(*) FROM (SELECT 1 FROM condemned LIMIT 1)').raw(true);
  const disown = db.prepare(
    `DELETE FROM item WHERE (id, type) IN (
       SELECT i.id, i.type FROM condemned c JOIN item i ON i.id = c.id AND i.type = c.type WHERE ${isAnothers})`,
  );
  const forget = db.prepare(
    `WITH RECURSIVE above (id) AS (
       SELECT c.id FROM condemned c JOIN item i ON i.parent = c.id WHERE c.type = ${folder} AND i.indexed = 1
       UNION
       SELECT i.parent FROM item i JOIN above a ON i.id = a.id AND i.type = ${folder}
     ) DELETE FROM item WHERE indexed = 0
       AND EXISTS (SELECT 1 FROM condemned c
         WHERE c.id = item.id AND c.type = item.type AND (c.proof <> 'filtered' OR item.run <> ?))
       AND NOT (type = ${folder} AND id IN (SELECT id FROM above))`,
  );

  const typeOf = (item: ItemKey) => itemTypes.indexOf(item.type);
  const from = (after: ItemKey | null) => (after === null ? (['', -1] as const) : ([after.id, typeOf(after)] as const));
  type AbsentRow = [...ItemRow, missed: number | null, missedAt: number | null];
  const toAbsent =
    (run: number) =>
    (row: AbsentRow): AbsentItem => {
      const [missedIn, missedAt] = row.slice(-2) as [number | null, number | null];
      return {
        ...rows.toItem(row.slice(0, -2) as ItemRow),
        missedBefore: missedIn !== null && missedIn !== run,
        missedSince: missedAt,
      };
    };
  /** A folder that the catalogue has no row of. */
  const unknownFolder = (
    id: string,
    viewer: string,
    missedIn: number | null,
    missedAt: number | null,
    run: number,
  ) => ({
    type: 'folder' as const,
    id,
    documentId: id,
    parent: '',
    viewer: viewer === '' ? null : viewer,
    version: null,
    filtered: null,
    rules: '',
    lastSeen: 0,
    missedBefore: missedIn !== null && missedIn !== run,
    missedSince: missedAt,
  });
  const condemnWith = (item: ItemKey, { proof, isSure }: Verdict, run: number) => {
    const sure = isSure ? 1 : 0;
    condemnItem.run(item.id, typeOf(item), proof, sure);
    // What a rule or the configuration excludes, it excludes with all below.
    const rest = proof === 'filtered' || proof === 'out_of_scope' ? proof : 'parent_gone';
    if (item.type === 'folder') condemnBelow.run(run, item.id, folder, rest, sure);
  };

  return {
    clear: () => db.exec('DELETE FROM condemned'),
    goneFolders: (after, limit) =>
      (goneFolders.all(after, limit) as [number, string, string, string][]).map(
        ([seq, id, viewer, reason]): GoneFolder => {
          const [row] = byKey.all(id, folder) as AbsentRow[];
          return {
            seq,
            item: row === undefined ? unknownFolder(id, viewer, null, null, noRun) : toAbsent(noRun)(row),
            viewer: viewer === '' ? null : viewer,
            answer: reason === 'trashed' ? 'trashed' : 'not_found',
          };
        },
      ),
    topmost: (run, after, limit) => (topmost.all(run, ...from(after), limit) as AbsentRow[]).map(toAbsent(run)),
    unknownFolders: (run, but, after, limit) =>
      (unknownFolders.all(run, after, limit, toSqlJson(but)) as [string, string, number | null, number | null][]).map(
        ([id, viewer, missedIn, missedAt]) => unknownFolder(id, viewer, missedIn, missedAt, run),
      ),
    orphans: (run, proof, after, limit) =>
      (orphans.all(run, ...from(after), limit, proof) as AbsentRow[]).map(toAbsent(run)),
    inRoot: (viewer, run, after, limit) =>
      (inRoot.all(run, ...from(after), limit, viewer) as AbsentRow[]).map(toAbsent(run)),
    children: (id, run, after, limit) => (children.all(id, ...from(after), limit) as AbsentRow[]).map(toAbsent(run)),
    hasBelow: (item) => item.type === 'folder' && scalar(anyBelow, item.id) > 0,
    documentsOf: (item, run) => scalar(documentsOf, run, item.id, typeOf(item)),
    condemnItem(item, { proof, isSure }) {
      condemnItem.run(item.id, typeOf(item), proof, isSure ? 1 : 0);
    },
    condemn(item, verdict) {
      condemnWith(item, verdict, verdict.run);
    },
    condemnWhole(item, verdict) {
      condemnWith(item, verdict, noRun);
    },
    condemnFiltered(run) {
      condemnExcluded.run(run);
      condemnPruned.run(run);
    },
    condemnViewer(viewer, { proof, run, isSure }, missedUpTo) {
      condemnViewer.run(run, viewer, proof, isSure ? 1 : 0, missedUpTo);
    },
    condemnElsewhere(run, folders, missedUpTo) {
      condemnElsewhere.run(run, toSqlJson(folders), missedUpTo);
    },
    missed(item, run, { at, isComplete }) {
      missed.run(run, item.id, typeOf(item), isComplete ? run : null, at);
    },
    missedViewer(viewer, run, at) {
      missedViewer.run(run, viewer, at);
      return scalar(waitsOfViewer, run, viewer);
    },
    missedElsewhere(run, folders, at) {
      const inside = toSqlJson(folders);
      missedElsewhere.run(run, inside, at);
      return scalar(waitsElsewhere, run, inside);
    },
    departed: (run) => (departed.all(run) as [string][]).map(([viewer]) => viewer),
    listerOf(id) {
      const [row] = lister.all(id) as [string][];
      if (row === undefined) return undefined;
      return row[0] === '' ? null : row[0];
    },
    viewers: () => (viewers.all() as [string][]).map(([viewer]) => viewer),
    hasShown: (viewer, run) => scalar(shown, viewer ?? '', run) > 0,
    rootIsEmpty: (viewer, run) => scalar(shownInRoot, viewer ?? '', run) === 0,
    hasPruned: () => scalar(anyPruned) > 0,
    placeOf(folders) {
      if (folders.at(-1) === '0') return scalar(anyRoot) > 0 ? 'walked' : 'unknown';
      const [found] = nearest.all(toSqlJson(folders)) as [number][];
      if (found === undefined) return 'unknown';
      return found[0] === folderStatus.pruned ? 'pruned' : 'walked';
    },
    countProven: () =>
      new Map(
        (proven.all() as [string, number][]).map(([viewer, documents]) => [viewer === '' ? null : viewer, documents]),
      ),
    spare(of) {
      spare.run(toSqlJson(of.map((viewer) => viewer ?? '')));
    },
    disown() {
      // It looks at every item, for what is condemned: most runs condemn nothing.
      if (scalar(anyCondemned) > 0) disown.run();
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
