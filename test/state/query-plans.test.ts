import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import * as assert from 'uvu/assert';
import { sqliteAbsence } from '../../src/state/sqlite-absence.js';
import { sqliteCatalogue } from '../../src/state/sqlite-catalogue.js';
import { sqliteCensus } from '../../src/state/sqlite-census.js';
import { sqliteContentTries } from '../../src/state/sqlite-content-tries.js';
import type { Sqlite, Statement } from '../../src/state/sqlite-database.js';
import { sqliteDeadLetters } from '../../src/state/sqlite-dead-letters.js';
import { sqliteFrontier } from '../../src/state/sqlite-frontier.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { suite } from '../support/suite.js';

/** What looks at each row of the catalogue or of the frontier, and when: once in a run or for a user, never for an item. */
const whole: readonly (readonly [when: string, statement: RegExp])[] = [
  ['at the end of a run', /^DELETE FROM rules/],
  ['at the end of a run', /^DELETE FROM content_try WHERE id NOT IN/],
  ['at the end of a run', /^SELECT count\(\*\) FROM item/],
  ['for the command "status"', /^SELECT count\(\*\) FROM (content_try|frontier WHERE status IN)/],
  ['for the command "retry-texts"', /^UPDATE item SET content = NULL WHERE type = 0/],
  ['when the state is opened', /^SELECT count\(\*\) FROM \(SELECT 1 FROM frontier WHERE status = 6/],
  ['when the index has lost something', /^UPDATE frontier SET status = 0, marker = NULL WHERE status = 2 AND \(folder/],
  ['when the index was read', /^UPDATE item SET (indexed|content = '')/],
  ['at the end of a walk', /^INSERT OR (REPLACE|IGNORE) INTO condemned .* (FROM item WHERE|WITH RECURSIVE inside)/],
  [
    'at the end of a walk',
    /^(UPDATE item SET missed_at|WITH RECURSIVE inside|WITH RECURSIVE above|DELETE FROM item WHERE \(id)/,
  ],
  ['once for a user', /^SELECT count\(\*\) FROM \(SELECT 1 FROM item WHERE viewer/],
];

suite('what SQLite does for each statement of the state', (test) => {
  test('no statement for an item, a folder or a page looks at a whole table', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plans-'));
    try {
      const path = join(folder, 'state.sqlite');
      sqliteStore(path).close();
      const db = new Database(path);
      const statements = statementsOf();
      assert.ok(statements.length > 70, `${statements.length} statements`);
      const scanning = statements.filter((sql) => scansWhole(db, sql));
      db.close();
      assert.equal(
        scanning.filter((sql) => !whole.some(([, known]) => known.test(sql))),
        [],
      );
      const unused = whole.filter(([, known]) => !scanning.some((sql) => known.test(sql)));
      assert.equal(unused, [], 'in the list, and no longer so');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** All statements that the parts of the store prepare. */
function statementsOf(): readonly string[] {
  const found = new Set<string>();
  const statement: Statement = { run: () => ({ changes: 0 }), all: () => [], raw: () => statement };
  const db: Sqlite = {
    prepare(sql) {
      found.add(sql.replaceAll(/\s+/g, ' ').trim());
      return statement;
    },
    exec: () => {},
    inTransaction: false,
    close: () => {},
  };
  for (const part of [sqliteCatalogue, sqliteFrontier, sqliteAbsence, sqliteCensus]) part(db);
  for (const part of [sqliteContentTries, sqliteDeadLetters]) part(db);
  return [...found];
}

/** Whether the plan has a step that reads all rows of one of the tables that grow with Box. */
function scansWhole(db: InstanceType<typeof Database>, sql: string): boolean {
  const numbers = Array.from(sql.matchAll(/\?(\d+)/g), ([, number]) => Number(number));
  const count = numbers.length > 0 ? Math.max(...numbers) : sql.split('?').length - 1;
  const plan = db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .raw(true)
    .all(...new Array<string>(count).fill('1')) as [number, number, number, string][];
  // `i`, `o`: the catalogue, `f`: the frontier. A partial index holds but some of the rows.
  return plan.some(([, , , step]) => /^SCAN (item|frontier|i|o|f)\b(?!.* INDEX frontier_(pruned|waiting))/.test(step));
}
