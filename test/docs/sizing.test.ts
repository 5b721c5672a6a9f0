import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import * as assert from 'uvu/assert';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { docTable } from '../support/documentation.js';
import { suite } from '../support/suite.js';

const page = 'docs/sizing.md';

suite(page, (test) => {
  test('the table follows from its rules: a call for each folder and each file, 1,000 in a minute', () => {
    const rows = docTable(page, 'files with text').map((row) => row.map((cell) => Number(cell.replaceAll(',', ''))));
    assert.ok(rows.length > 3);
    for (const row of rows) {
      const [files = 0, folders = 0] = row;
      const calls = files + folders;
      assert.equal(row, [files, folders, calls, Math.ceil(calls / 1_000), folders, Math.ceil(folders / 1_000)]);
    }
  });

  test('each table of the state stands there, with what ends it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sizing-'));
    try {
      const path = join(folder, 'state.sqlite');
      sqliteStore(path).close();
      const db = new Database(path);
      const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").raw(true).all() as [string][];
      db.close();
      const documented = docTable(page, 'table', 'holds').map(([name = '']) => name.replaceAll('`', ''));
      assert.equal(documented.sort(), tables.map(([name]) => name).sort());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
