import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import * as assert from 'uvu/assert';
import type { RunReport } from '../../src/core/run-report.js';
import { lockState } from '../../src/state/lock-state.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { emptyReport } from '../support/empty-report.js';
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

  test('a file of format 1 is turned into the newest: what is known stays, a run that was stopped begins anew', () => {
    const path = join(folder, 'format-1.sqlite');
    const old = new Database(path);
    old.exec(readFileSync(new URL('../support/state-format-1.sql', import.meta.url), 'utf8'));
    old.exec(`
      INSERT INTO item VALUES ('1', 0, NULL, '0', '', 's', 'c', 1, NULL, 1, 1, NULL);
      INSERT INTO rules VALUES (1, 'r1');
      INSERT INTO fact VALUES ('index.uuid', 'u');
      INSERT INTO token VALUES ('account', 'a', 'r', 1900000000000, 'o');
      INSERT INTO run VALUES (1, 'full', 0, 1, 2, 'complete', 'scope', '{}'), (2, 'full', 0, 3, 4, 'interrupted', 'scope', '{}');
      INSERT INTO frontier VALUES (1, '0', '', '', '', NULL, 1, NULL), (2, '7', '', '/A', '0', NULL, 0, NULL);
      INSERT INTO deferred VALUES (1, 'u1', 'file', '8', '{}');`);
    old.close();
    const store = sqliteStore(path);
    assert.is(store.catalogue.known(['1']).get('file 1')?.rules, 'r1');
    assert.equal([store.facts.get('index.uuid'), store.tokens.load('account')?.refreshToken], ['u', 'r']);
    assert.equal([store.frontier.remaining(), store.frontier.deferred(0, 9)], [0, []]);
    assert.equal(
      store.runs.list(2).map(({ id, scope }) => [id, scope]),
      [
        [2, ''],
        [1, 'scope'],
      ],
    );
    store.close();
    sqliteStore(join(folder, 'new.sqlite')).close();
    assert.equal(schemaOf(path), schemaOf(join(folder, 'new.sqlite')));
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

  test('letters of what nobody has met again are dropped; those of known items stay until they are delivered', () => {
    const { catalogue, deadLetters } = sqliteStore(':memory:');
    catalogue.record([knownItem({ id: '1' }), knownItem({ id: '2', type: 'folder' })]);
    const letter = (documentId: string, type: string, id: string, lastTried: number) => ({
      ...{ documentId, type, id, lastTried },
      ...{ path: '/a', operation: 'parse', reason: 'x' },
    });
    deadLetters.add([
      letter('1', 'file', '1', 5),
      letter('folder_1', 'folder', '1', 5),
      letter('2', 'folder', '2', 5),
      letter('hub 1', 'hub', '1', 5),
      letter('run 1, rejected 1', 'file', '', 5),
      letter('run 2, rejected 1', 'file', '', 6),
    ]);
    deadLetters.forgetGone(6);
    assert.equal(
      deadLetters.list(9).map(({ documentId }) => documentId),
      ['run 2, rejected 1', '1', '2'],
    );
  });

  test('fingerprints of rules under which nothing stands are forgotten, and none is taken for another', () => {
    const { catalogue } = sqliteStore(':memory:');
    const rulesOf = (id: string) => catalogue.known([id]).get(`file ${id}`)?.rules;
    for (let change = 0; change < 50; change += 1) {
      catalogue.record([knownItem({ id: '1', rules: `rules ${change}` }), knownItem({ id: '2', rules: 'first' })]);
      catalogue.forgetRules();
      assert.equal([rulesOf('1'), rulesOf('2')], [`rules ${change}`, 'first']);
    }
    catalogue.record([knownItem({ id: '1', rules: 'rules 3' })]);
    assert.equal([rulesOf('1'), rulesOf('2')], ['rules 3', 'first']);
  });

  test('of what could not be read the last runs keep all, the others a part; 200 runs are kept', () => {
    const { runs } = sqliteStore(':memory:');
    const unread = Array.from({ length: 1_000 }, (_, at) => ({
      ...{ type: 'folder', id: `${at}`, path: '/a', reason: 'x' },
    })) as RunReport['unread'];
    for (let count = 0; count < 210; count += 1) {
      const id = runs.start({ kind: 'full', rewrite: false, startedAt: count, scope: 's' });
      runs.end(id, { state: 'incomplete', endedAt: count, report: { ...emptyReport, listed: count, unread } });
    }
    const all = runs.list(1_000);
    assert.is(all.length, 200);
    assert.equal(
      all.map(({ report }) => report?.unread.length),
      [...Array.from({ length: 5 }, () => 1_000), ...Array.from({ length: 195 }, () => 20)],
    );
    assert.is(all.at(-1)?.report?.listed, 10);
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
      seenAt: 1,
      state: 'running',
      scope: 's',
      report: null,
    });
    const second = runs.start({ kind: 'incremental', rewrite: false, startedAt: 2, scope: 's' });
    assert.ok(second > id);
  });
});

function schemaOf(path: string): unknown {
  const db = new Database(path);
  try {
    const rows = db.prepare('SELECT name, sql FROM sqlite_master ORDER BY name').raw(true).all() as [
      string,
      string | null,
    ][];
    const [version] = db.prepare('PRAGMA user_version').raw(true).all();
    return [version, rows.map(([name, sql]) => [name, sql?.replaceAll(/\s+/g, '')])];
  } finally {
    db.close();
  }
}
