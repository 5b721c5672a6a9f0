import * as assert from 'uvu/assert';
import { StateError } from '../../src/core/errors.js';
import { openSqlite } from '../../src/state/sqlite-database.js';
import { suite } from '../support/suite.js';

suite('openSqlite()', (test) => {
  const fill = (work: (insert: () => unknown) => void): unknown => {
    const db = openSqlite(':memory:');
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
    const db = openSqlite(':memory:');
    assert.throws(
      () => db.prepare('SELEC'),
      (error: unknown) => error instanceof Error && !(error instanceof StateError),
    );
    db.close();
  });
});
