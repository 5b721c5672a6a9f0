import type { Deferred, Frontier, FrontierFolder, NewFolder } from './frontier.js';
import type { Place } from './place.js';
import { scalar } from './scalar.js';
import { toBeSeen } from './sqlite-census.js';
import type { Sqlite } from './sqlite-database.js';
import { fromSqlJson, toSqlJson } from './sqlite-json.js';
import { type PlaceRow, sqlitePlaces } from './sqlite-places.js';
import { fingerprint } from '../core/fingerprint.js';
import { Turns } from './turns.js';

/** How far the listing of a folder has come, as the table has it. */
export const folderStatus = {
  waiting: 0,
  listing: 1,
  /** Listed to its end, and all that was on its pages has an outcome. */
  settled: 2,
  unread: 3,
  /** Not walked, since a sync rule excludes all of it. */
  pruned: 4,
  /** Box says that there is no such folder any more: `trashed` or `not_found`, as `reason` has it. */
  gone: 5,
  /** Settled so long ago that it has to be listed again, when a listing shows it or a walk begins with it. */
  aged: 6,
} as const;

const { waiting, listing, settled, unread, pruned, gone, aged } = folderStatus;

const deferredTable = `
  CREATE TABLE deferred (
    seq INTEGER PRIMARY KEY,
    viewer TEXT NOT NULL,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    entry TEXT NOT NULL,
    UNIQUE (id, type)
  );`;

const frontierIndexes = `
  CREATE UNIQUE INDEX frontier_folder ON frontier (folder, (CASE folder WHEN '0' THEN viewer ELSE '' END));
  CREATE INDEX frontier_waiting ON frontier (viewer, seq) WHERE status = 0;`;

/** Format 1, where each row kept its whole path. */
export const frontierSchema = `
  CREATE TABLE frontier (
    seq INTEGER PRIMARY KEY,
    folder TEXT NOT NULL,
    viewer TEXT NOT NULL,
    path TEXT NOT NULL,
    ancestors TEXT NOT NULL,
    marker TEXT,
    status INTEGER NOT NULL DEFAULT 0,
    reason TEXT
  );
  ${frontierIndexes}
  ${deferredTable}
`;

/** Format 2: a row has its own name and the row of the folder above it. What format 1 has is a cache, and dropped. */
export const frontierSchema2 = `
  DROP TABLE frontier;
  DELETE FROM deferred;
  CREATE TABLE frontier (
    seq INTEGER PRIMARY KEY,
    folder TEXT NOT NULL,
    viewer TEXT NOT NULL,
    above INTEGER,
    name TEXT NOT NULL,
    ancestors TEXT,
    marker TEXT,
    status INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    listed_as TEXT
  );
  ${frontierIndexes}
  CREATE INDEX frontier_pruned ON frontier (seq) WHERE status = 4;
`;

type FolderRow = [...PlaceRow, viewer: string, marker: string | null];

/** The frontier in SQLite. Beside the rows it holds the ids of the viewers that have waiting folders, and some places. */
export function sqliteFrontier(db: Sqlite): Frontier {
  const insert = db.prepare(`
    INSERT OR IGNORE INTO frontier (folder, viewer, above, name, ancestors, status)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, ? FROM json_each(?)`);
  const next = db
    .prepare(
      `UPDATE frontier SET status = ${listing} WHERE seq =
        (SELECT seq FROM frontier WHERE status = ${waiting} AND viewer = ? ORDER BY seq DESC LIMIT 1)
       RETURNING seq, folder, above, name, ancestors, viewer, marker`,
    )
    .raw(true);
  const find = db
    .prepare(`SELECT seq FROM frontier WHERE folder = ?1 AND (folder <> '0' OR viewer = ?2) AND status <> ${pruned}`)
    .raw(true);
  const see = db.prepare(
    `UPDATE frontier SET viewer = ?, status = CASE status WHEN ${aged} THEN ${waiting} ELSE status END
     WHERE seq = ? AND status IN (${waiting}, ${listing}, ${aged})`,
  );
  const comeBack = db
    .prepare(
      `UPDATE frontier SET viewer = coalesce(?2, viewer), status = ${waiting}, marker = NULL, reason = NULL
       WHERE seq = ?1 AND status = ${gone} RETURNING viewer`,
    )
    .raw(true);
  const isSeenAs = db.prepare('SELECT count(*) FROM frontier WHERE seq = ? AND viewer = ?').raw(true);
  const anyAged = db.prepare(`SELECT count(*) FROM (SELECT 1 FROM frontier WHERE status = ${aged} LIMIT 1)`).raw(true);
  const listAs = db.prepare('UPDATE frontier SET listed_as = ? WHERE seq = ?');
  const listedElsewhere = db.prepare(
    `UPDATE frontier SET listed_as = '', viewer = ?3
     WHERE seq = ?1 AND status IN (${settled}, ${listing}) AND listed_as <> ?2`,
  );
  const listAgain = db
    .prepare(
      `UPDATE frontier SET status = ${waiting}, marker = NULL WHERE seq = ? AND status = ${settled} AND listed_as = ''
       RETURNING viewer`,
    )
    .raw(true);
  const seeAgain = db.prepare(`UPDATE item SET run = ${toBeSeen} WHERE parent = ? AND run = (SELECT max(id) FROM run)`);
  const again = db.prepare(
    `UPDATE frontier SET status = ${waiting}, marker = NULL WHERE status = ${settled} AND (folder, viewer) IN (
       SELECT f.folder, f.viewer FROM item i JOIN frontier f ON f.folder = i.parent AND (f.folder <> '0' OR f.viewer = i.viewer)
       WHERE i.run = ${toBeSeen})`,
  );
  const settle = db.prepare('UPDATE frontier SET marker = ? WHERE seq = ?');
  const done = db.prepare(`UPDATE frontier SET status = ${settled}, marker = NULL WHERE seq = ?`);
  const refuse = db.prepare(`UPDATE frontier SET status = ${unread}, reason = ? WHERE seq = ?`);
  const leave = db.prepare(`UPDATE frontier SET status = ${gone}, reason = ? WHERE seq = ?`);
  const put = db.prepare('INSERT OR IGNORE INTO deferred (viewer, type, id, entry) VALUES (?, ?, ?, ?)');
  const get = db
    .prepare('SELECT seq, viewer, type, id, entry FROM deferred WHERE seq > ? ORDER BY seq LIMIT ?')
    .raw(true);
  const viewersWaiting = db
    .prepare(`SELECT DISTINCT viewer FROM frontier WHERE status = ${waiting} ORDER BY viewer`)
    .raw(true);
  const countRemaining = db
    .prepare(`SELECT count(*) FROM frontier WHERE status IN (${waiting}, ${listing}, ${aged})`)
    .raw(true);
  const countWaiting = db.prepare(`SELECT count(*) FROM frontier WHERE status = ${waiting}`).raw(true);

  const places = sqlitePlaces(db);
  /** Viewers that may have waiting folders. */
  const turns = new Turns();
  const readTurns = () => {
    turns.clear();
    for (const [viewer] of viewersWaiting.all() as [string][]) turns.join(viewer);
  };
  readTurns();
  /** Whether folders of this run may be listed before those above them are. */
  let hasAged = scalar(anyAged) > 0;

  const add = (folders: readonly NewFolder[], status: number = waiting) => {
    if (folders.length === 0) return;
    const added = insert.run(status, toSqlJson(folders.map(toRow))).changes;
    if (status !== waiting) return;
    if (added < folders.length) for (const folder of folders) seenAgain(folder);
    for (const folder of folders) turns.join(folder.viewer ?? '');
  };
  /** Of a folder that was known already the last sighting counts: it was moved, or its first one did not outlive a kill. */
  const seenAgain = (folder: NewFolder) => {
    const [known] = find.all(folder.id, folder.viewer ?? '') as [number][];
    if (known === undefined) return;
    const [id, viewer, ...place] = toRow(folder);
    if (id !== '0') places.move([known[0], id, ...place]);
    see.run(viewer, known[0]);
    comesBack({ seq: known[0], id }, viewer);
    if (!hasAged || id === '0') return;
    // It was listed before the folders above it were looked at anew, and one of them has another name or owner now.
    const { path } = places.at(known[0]);
    listedElsewhere.run(known[0], sightOf(viewer, path), viewer);
    listAnew({ seq: known[0], id });
  };

  /** What is on its pages was seen at another place than it has; while it is being listed, at its end. */
  const listAnew = ({ seq, id }: { readonly seq: number; readonly id: string }) => {
    const [row] = listAgain.all(seq) as [string][];
    if (row === undefined) return;
    seeAgain.run(id);
    turns.join(row[0]);
  };

  /**
   * It was asked for where it hung before, and is shown somewhere else: there it is listed, as `viewer` or as whom it was
   * shown to last. Returns as whom; `undefined`: it had not gone.
   */
  const comesBack = (
    { seq, id }: { readonly seq: number; readonly id: string },
    viewer: string | null,
  ): string | undefined => {
    const [row] = comeBack.all(seq, viewer) as [string][];
    if (row !== undefined) seeAgain.run(id);
    return row?.[0];
  };

  return {
    add: (folders) => add(folders),
    prune: (folders) => add(folders, pruned),
    take() {
      for (let viewer = turns.next(); viewer !== undefined; viewer = turns.next()) {
        const [row] = next.all(viewer) as FolderRow[];
        if (row !== undefined) {
          const folder = toFolder(row);
          if (hasAged) listAs.run(sightOf(folder.viewer ?? '', folder.path), folder.seq);
          return folder;
        }
        turns.leave();
      }
      return undefined;
    },
    pageListed(_folder, _next, children) {
      add(children);
    },
    pageSettled(folder, marker) {
      if (marker !== null) settle.run(marker, folder.seq);
      else {
        done.run(folder.seq);
        if (hasAged) listAnew(folder);
      }
    },
    unread(folder, reason) {
      refuse.run(reason, folder.seq);
    },
    gone(folder, answer) {
      leave.run(answer, folder.seq);
      // While it was asked for, a listing has shown it to somebody else.
      if (scalar(isSeenAs, folder.seq, folder.viewer ?? '') > 0) return;
      const viewer = comesBack(folder, null);
      if (viewer !== undefined) turns.join(viewer);
    },
    defer(entries) {
      for (const { viewer, type, id, entry } of entries) {
        put.run(viewer ?? '', type, id, toSqlJson(entry));
      }
    },
    deferred(after, limit) {
      const rows = get.all(after, limit) as [number, string, string, string, string][];
      return rows.map(([seq, viewer, type, id, entry]): Deferred => ({
        seq,
        viewer: viewer === '' ? null : viewer,
        type,
        id,
        entry: fromSqlJson(entry),
      }));
    },
    remaining: () => scalar(countRemaining),
    waiting: () => scalar(countWaiting),
    resume() {
      db.exec(
        `UPDATE frontier SET status = ${waiting}, reason = NULL WHERE status IN (${listing}, ${unread}, ${gone})`,
      );
      readTurns();
    },
    age() {
      db.exec(`
        DELETE FROM frontier WHERE status = ${pruned};
        DELETE FROM deferred;
        UPDATE frontier SET marker = NULL, reason = NULL,
          listed_as = NULL, status = CASE WHEN status IN (${settled}, ${gone}, ${aged}) OR above IS NULL THEN ${aged} ELSE ${waiting} END;`);
      hasAged = scalar(anyAged) > 0;
      readTurns();
    },
    dropAged() {
      // Not the places of what is below them, which may have to be listed yet.
      db.exec(`
        WITH RECURSIVE above (seq) AS (
          SELECT above FROM frontier WHERE status <> ${aged}
          UNION
          SELECT f.above FROM frontier f JOIN above a ON f.seq = a.seq
        ) DELETE FROM frontier WHERE status = ${aged} AND NOT EXISTS (SELECT 1 FROM above a WHERE a.seq = frontier.seq)`);
    },
    lookAgain() {
      const folders = again.run().changes;
      readTurns();
      return folders;
    },
    clear() {
      db.exec('DELETE FROM frontier; DELETE FROM deferred;');
      places.clear();
      hasAged = false;
      readTurns();
    },
  };

  function toFolder(row: FolderRow): FrontierFolder {
    const [seq, id, above, name, ancestors, viewer, marker] = row;
    const place = places.of([seq, id, above, name, ancestors]);
    return new TakenFolder(place, viewer === '' ? null : viewer, marker);
  }
}

/** Through whose eyes and where a folder was listed, in few bytes. */
function sightOf(viewer: string, path: string): string {
  return fingerprint(viewer, path);
}

class TakenFolder implements FrontierFolder {
  readonly #place: Place;
  readonly viewer: string | null;
  readonly marker: string | null;

  constructor(place: Place, viewer: string | null, marker: string | null) {
    this.#place = place;
    this.viewer = viewer;
    this.marker = marker;
  }

  get seq(): number {
    return this.#place.seq;
  }

  get id(): string {
    return this.#place.id;
  }

  get path(): string {
    return this.#place.path;
  }

  get ancestors(): readonly string[] {
    return this.#place.ancestors;
  }
}

function toRow(
  folder: NewFolder,
): [folder: string, viewer: string, above: number | null, name: string, ancestors: string | null] {
  const { id, viewer } = folder;
  return 'above' in folder
    ? [id, viewer ?? '', folder.above.seq, folder.name, null]
    : [id, viewer ?? '', null, folder.path, toSqlJson(folder.ancestors)];
}
