import type { Deferred, Frontier, FrontierFolder, NewFolder } from './frontier.js';
import { scalar } from './scalar.js';
import type { Sqlite } from './sqlite-database.js';
import { fromSqlJson, toSqlJson } from './sqlite-json.js';

/** How far the listing of a folder has come, as the table has it. */
export const folderStatus = {
  waiting: 0,
  listing: 1,
  /** Listed to its end, and all that was on its pages has an outcome. */
  settled: 2,
  unread: 3,
  /** Not walked, since a sync rule excludes all of it. */
  pruned: 4,
} as const;

const { waiting, listing, settled, unread, pruned } = folderStatus;

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
  CREATE UNIQUE INDEX frontier_folder ON frontier (folder, (CASE folder WHEN '0' THEN viewer ELSE '' END));
  CREATE INDEX frontier_waiting ON frontier (viewer, seq) WHERE status = 0;
  CREATE TABLE deferred (
    seq INTEGER PRIMARY KEY,
    viewer TEXT NOT NULL,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    entry TEXT NOT NULL,
    UNIQUE (id, type)
  );
`;

type FolderRow = [number, string, string, string, string, string | null];

/** The frontier in SQLite. Beside the rows it holds the ids of the viewers that have waiting folders. */
export function sqliteFrontier(db: Sqlite): Frontier {
  const insert = db.prepare(`
    INSERT OR IGNORE INTO frontier (folder, viewer, path, ancestors)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?)`);
  const next = db
    .prepare(
      `UPDATE frontier SET status = ${listing} WHERE seq =
        (SELECT seq FROM frontier WHERE status = ${waiting} AND viewer = ? ORDER BY seq DESC LIMIT 1)
       RETURNING seq, folder, viewer, path, ancestors, marker`,
    )
    .raw(true);
  const settle = db.prepare('UPDATE frontier SET marker = ? WHERE seq = ?');
  const done = db.prepare(`UPDATE frontier SET status = ${settled}, marker = NULL WHERE seq = ?`);
  const refuse = db.prepare(`UPDATE frontier SET status = ${unread}, reason = ? WHERE seq = ?`);
  const put = db.prepare('INSERT OR IGNORE INTO deferred (viewer, type, id, entry) VALUES (?, ?, ?, ?)');
  const putPruned = db.prepare(
    `INSERT OR IGNORE INTO frontier (folder, viewer, path, ancestors, status) VALUES (?, ?, ?, ?, ${pruned})`,
  );
  const get = db
    .prepare('SELECT seq, viewer, type, id, entry FROM deferred WHERE seq > ? ORDER BY seq LIMIT ?')
    .raw(true);
  const viewersWaiting = db
    .prepare(`SELECT DISTINCT viewer FROM frontier WHERE status = ${waiting} ORDER BY viewer`)
    .raw(true);
  const countRemaining = db.prepare(`SELECT count(*) FROM frontier WHERE status IN (${waiting}, ${listing})`).raw(true);
  const countWaiting = db.prepare(`SELECT count(*) FROM frontier WHERE status = ${waiting}`).raw(true);

  /** Viewers that may have waiting folders, in the order of their turns. */
  let turns: string[] = [];
  const known = new Set<string>();
  const join = (viewer: string) => {
    if (known.has(viewer)) return;
    known.add(viewer);
    turns.push(viewer);
  };
  const readTurns = () => {
    turns = [];
    known.clear();
    for (const [viewer] of viewersWaiting.all() as [string][]) join(viewer);
  };
  readTurns();

  const add = (folders: readonly NewFolder[]) => {
    if (folders.length === 0) return;
    insert.run(
      toSqlJson(folders.map((folder) => [folder.id, folder.viewer ?? '', folder.path, folder.ancestors.join('/')])),
    );
    for (const folder of folders) join(folder.viewer ?? '');
  };

  return {
    add,
    prune(folders) {
      for (const { id, viewer, path, ancestors } of folders) {
        putPruned.run(id, viewer ?? '', path, ancestors.join('/'));
      }
    },
    take() {
      for (;;) {
        const viewer = turns.shift();
        if (viewer === undefined) return undefined;
        const [row] = next.all(viewer) as FolderRow[];
        if (row === undefined) {
          known.delete(viewer);
          continue;
        }
        turns.push(viewer);
        return toFolder(row);
      }
    },
    pageListed(_folder, _next, children) {
      add(children);
    },
    pageSettled(folder, marker) {
      if (marker === null) done.run(folder.seq);
      else settle.run(marker, folder.seq);
    },
    unread(folder, reason) {
      refuse.run(reason, folder.seq);
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
      db.exec(`UPDATE frontier SET status = ${waiting}, reason = NULL WHERE status IN (${listing}, ${unread})`);
      readTurns();
    },
    clear() {
      db.exec('DELETE FROM frontier; DELETE FROM deferred;');
      readTurns();
    },
  };
}

function toFolder([seq, id, viewer, path, ancestors, marker]: FolderRow): FrontierFolder {
  return {
    seq,
    id,
    viewer: viewer === '' ? null : viewer,
    path,
    ancestors: ancestors === '' ? [] : ancestors.split('/'),
    marker,
  };
}
