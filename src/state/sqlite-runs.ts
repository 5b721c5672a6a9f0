import type { RunReport } from '../core/run-report.js';
import type { RunKind, RunRow, Runs, RunState } from './runs.js';
import { scalar } from './scalar.js';
import type { Sqlite } from './sqlite-database.js';
import { fromSqlJson, toSqlJson } from './sqlite-json.js';

export const runSchema = `
  CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    rewrite INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    state TEXT NOT NULL,
    scope TEXT NOT NULL,
    report TEXT
  );
`;

/** Format 2 has lost the frontier of a run that had not ended: it is not gone on with, a new one begins. */
export const runSchema2 = `
  UPDATE run SET scope = '' WHERE state NOT IN ('complete', 'incomplete');
  ALTER TABLE run ADD COLUMN seen_at INTEGER;
`;

/** How many ended runs are kept, */
const kept = 200;

/** of how many all that could not be read, up to a thousand lines each, and how many of them of the others. */
const keptWhole = 5;
const keptOfUnread = 20;

type Row = [number, RunKind, number, number, number | null, RunState, string, string | null, number | null];

export function sqliteRuns(db: Sqlite): Runs {
  const insert = db
    .prepare(`INSERT INTO run (kind, rewrite, started_at, state, scope) VALUES (?, ?, ?, 'running', ?) RETURNING id`)
    .raw(true);
  const progress = db.prepare('UPDATE run SET report = ?, seen_at = ? WHERE id = ?');
  const end = db.prepare('UPDATE run SET state = ?, ended_at = ?, report = ? WHERE id = ?');
  const reopen = db.prepare(`UPDATE run SET state = 'running', ended_at = NULL WHERE id = ?`);
  const newest = db.prepare('SELECT coalesce(max(id), 0) FROM run').raw(true);
  const prune = db.prepare('DELETE FROM run WHERE id <= ?');
  const select = db
    .prepare(
      'SELECT id, kind, rewrite, started_at, ended_at, state, scope, report, seen_at FROM run ORDER BY id DESC LIMIT ?',
    )
    .raw(true);
  const list = (limit: number) => (select.all(limit) as Row[]).map(toRun);
  const reportOf = db.prepare('SELECT report FROM run WHERE id = ?').raw(true);
  const write = db.prepare('UPDATE run SET report = ? WHERE id = ?');
  /** Leaves of the report of a run that is not looked at any more what there is room for 200 times. */
  const cut = (id: number) => {
    const [row] = reportOf.all(id) as [string | null][];
    if (row === undefined || row[0] === null) return;
    const report = fromSqlJson(row[0]) as RunReport;
    if (report.unread.length <= keptOfUnread) return;
    write.run(toSqlJson({ ...report, unread: report.unread.slice(0, keptOfUnread) }), id);
  };
  return {
    start({ kind, rewrite, startedAt, scope }) {
      const [row] = insert.all(kind, rewrite ? 1 : 0, startedAt, scope) as [number][];
      const id = row?.[0] ?? 0;
      prune.run(id - kept);
      cut(id - keptWhole);
      return id;
    },
    progress(id, report, at) {
      progress.run(toSqlJson(report), at, id);
    },
    end(id, { state, endedAt, report }) {
      end.run(state, endedAt, toSqlJson(report), id);
    },
    reopen(id) {
      reopen.run(id);
    },
    newest: () => scalar(newest),
    last: () => list(1)[0],
    list,
  };
}

function toRun([id, kind, rewrite, startedAt, endedAt, state, scope, report, seenAt]: Row): RunRow {
  return {
    id,
    kind,
    rewrite: rewrite === 1,
    startedAt,
    endedAt,
    state,
    scope,
    seenAt: endedAt ?? seenAt ?? startedAt,
    report: report === null ? null : (fromSqlJson(report) as RunReport),
  };
}
