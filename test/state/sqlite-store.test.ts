import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import * as assert from 'uvu/assert';
import { lockState } from '../../src/state/lock-state.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { knownItem } from '../support/known-item.js';
import { suite } from '../support/suite.js';

suite('Store in SQLite', (test) => {
  let folder = '';
  test.before(() => {
    folder = mkdtempSync(join(tmpdir(), 'state-'));
  });
  test.after(() => rmSync(folder, { recursive: true }));

  test('the file is private, and its folder is made', () => {
    const path = join(folder, 'deep', 'er', 'state.sqlite');
    sqliteStore(path).close();
    assert.is(statSync(path).mode & 0o777, 0o600);
  });

  test('what was written is there after opening again', () => {
    const path = join(folder, 'again.sqlite');
    const store = sqliteStore(path);
    store.catalogue.record([knownItem({ id: '1', rules: 'r1' })]);
    store.tokens.save('account', { accessToken: 'a', refreshToken: 'r', expiresAt: 1_900_000_000_000, origin: 'o' });
    store.facts.set('index', 'uuid');
    store.close();
    const again = sqliteStore(path);
    assert.equal(again.catalogue.known(['1']).get('file 1'), knownItem({ id: '1', rules: 'r1' }));
    assert.equal(again.tokens.load('account'), {
      accessToken: 'a',
      refreshToken: 'r',
      expiresAt: 1_900_000_000_000,
      origin: 'o',
    });
    assert.is(again.tokens.load('other'), undefined);
    assert.is(again.facts.get('index'), 'uuid');
    again.close();
  });

  test('a transaction that throws leaves nothing', () => {
    const store = sqliteStore(':memory:');
    assert.throws(
      () =>
        store.transaction(() => {
          store.facts.set('a', '1');
          throw new Error('stop');
        }),
      'stop',
    );
    assert.is(store.facts.get('a'), undefined);
  });

  test('a file that is no state is refused with advice', () => {
    const path = join(folder, 'rubbish.sqlite');
    writeFileSync(path, 'this is no database, and it is long enough to be looked at as one'.repeat(40));
    assert.throws(() => sqliteStore(path), /Cannot read ".*rubbish\.sqlite": the file is damaged .*Run "sync" again/);
  });

  test('a file of a newer version is refused with advice', () => {
    const path = join(folder, 'newer.sqlite');
    sqliteStore(path).close();
    const db = new Database(path);
    db.exec('PRAGMA user_version = 99');
    db.close();
    assert.throws(
      () => sqliteStore(path),
      /its format is 99, expected at most \d+\. It was written by a newer version/,
    );
  });

  test('only one holds the lock, and the other is told who', () => {
    const path = join(folder, 'locked.sqlite');
    const lock = lockState(path, 'process 4711');
    assert.throws(() => lockState(path, 'process 4712'), /in use by process 4711, expected no other process/);
    lock.release();
    lock.release();
    lockState(path, 'process 4712').release();
  });

  test('dead letters count their attempts and are dropped when delivered', () => {
    const { deadLetters } = sqliteStore(':memory:');
    const letter = {
      documentId: '1',
      type: 'file',
      id: '1',
      path: '/a',
      operation: 'index',
      reason: 'x',
      lastTried: 5,
    };
    deadLetters.add([letter]);
    deadLetters.add([{ ...letter, reason: 'y', lastTried: 6 }]);
    assert.equal(deadLetters.list(10), [{ ...letter, reason: 'y', lastTried: 6, attempts: 2 }]);
    deadLetters.drop(['1', '2']);
    assert.is(deadLetters.count(), 0);
  });

  test('runs are kept with their state and report', () => {
    const { runs } = sqliteStore(':memory:');
    assert.is(runs.last(), undefined);
    const id = runs.start({ kind: 'full', rewrite: true, startedAt: 1, scope: 's' });
    assert.equal(runs.last(), {
      id,
      kind: 'full',
      rewrite: true,
      startedAt: 1,
      endedAt: null,
      state: 'running',
      scope: 's',
      report: null,
    });
    const second = runs.start({ kind: 'incremental', rewrite: false, startedAt: 2, scope: 's' });
    assert.ok(second > id);
  });
});
