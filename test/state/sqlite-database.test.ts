import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { StateError } from '../../src/core/errors.js';
import { openSqlite } from '../../src/state/sqlite-database.js';
import { holdDatabase } from '../support/database-holder.js';
import { suite } from '../support/suite.js';

suite('openSqlite()', (test) => {
  const fill = (work: (insert: () => unknown) => void): unknown => {
    const db = openSqlite(':memory:', { ifDamaged: 'Delete it' });
    db.exec('CREATE TABLE text (value TEXT); PRAGMA max_page_count = 10;');
    const insert = db.prepare('INSERT INTO text VALUES (?)');
    try {
      work(() => insert.run('x'.repeat(10_000)));
      return undefined;
    } catch (error) {
      return error;
    } finally {
      db.close();
    }
  };

  test('a file that was deleted without its log begins anew, also while another process has the old one open', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sqlite-'));
    const path = join(folder, 'file.sqlite');
    const other = await holdDatabase(path, 'PRAGMA journal_mode = WAL; CREATE TABLE a (x); INSERT INTO a VALUES (1);');
    rmSync(path);
    const db = openSqlite(path, { ifDamaged: 'Delete it' });
    db.exec('CREATE TABLE a (x); INSERT INTO a VALUES (2);');
    assert.equal(db.prepare('SELECT x FROM a').raw(true).all(), [[2]]);
    db.close();
    await other.letGo();
    rmSync(folder, { recursive: true });
  });

  test('when it is closed, all is in the file and nothing in its log', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sqlite-'));
    const path = join(folder, 'file.sqlite');
    const db = openSqlite(path, { ifDamaged: 'Delete it' });
    db.exec('CREATE TABLE a (x)');
    db.prepare('INSERT INTO a VALUES (?)').run('x'.repeat(100_000));
    db.close();
    const left = readdirSync(folder).filter((file) => file.endsWith('-wal'));
    assert.equal(
      left.map((file) => statSync(join(folder, file)).size).filter((size) => size > 0),
      [],
    );
    assert.ok(statSync(path).size > 100_000);
    rmSync(folder, { recursive: true });
  });

  test('a log is kept as long as there is a file to it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sqlite-'));
    const path = join(folder, 'file.sqlite');
    const abandoned = openSqlite(path, { ifDamaged: 'Delete it' });
    abandoned.exec('CREATE TABLE a (x); INSERT INTO a VALUES (1);');
    const db = openSqlite(path, { ifDamaged: 'Delete it' });
    assert.equal(db.prepare('SELECT x FROM a').raw(true).all(), [[1]]);
    db.close();
    abandoned.close();
    rmSync(folder, { recursive: true });
  });

  test('a full disk is a StateError that says what to do', () => {
    const error = fill((insert) => {
      for (let count = 0; count < 100; count += 1) insert();
    });
    assert.ok(error instanceof StateError);
    assert.match(error.message, /^Cannot write ":memory:": the disk is full, .*Free some space and start again/);
    assert.is(error.code, 'SQLITE_FULL');
  });

  test('what fits is written, and other errors stay what they are', () => {
    assert.is(
      fill((insert) => insert()),
      undefined,
    );
    const db = openSqlite(':memory:', { ifDamaged: 'Delete it' });
    assert.throws(
      () => db.prepare('SELEC').all(),
      (error: unknown) => error instanceof Error && !(error instanceof StateError),
    );
    db.close();
  });
});
