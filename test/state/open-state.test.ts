import { existsSync, openSync, closeSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import * as assert from 'uvu/assert';
import { StateError } from '../../src/core/errors.js';
import { openState } from '../../src/state/open-state.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import type { Store } from '../../src/state/store.js';
import { knownItem } from '../support/known-item.js';
import { suite } from '../support/suite.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';

const token = { accessToken: 'a', refreshToken: 'r', expiresAt: 1_900_000_000_000, origin: 'o' };

/** Without a log: that may have all of it once more. */
function fill(path: string): void {
  const store = sqliteStore(':memory:');
  store.tokens.save('account', token);
  for (let first = 0; first < 2_000; first += 100) {
    store.catalogue.record(Array.from({ length: 100 }, (_, n) => knownItem({ id: String(first + n) })));
  }
  store.facts.set('index.uuid', 'u');
  store.copyTo(path);
  store.close();
}

/** Of the root of a table, from 1. */
function pageOf(path: string, name: string): number {
  const db = new Database(path);
  const [row] = db.prepare('SELECT rootpage FROM sqlite_master WHERE name = ?').raw(true).all(name) as [number][];
  db.close();
  return row![0];
}

function spoilPage(path: string, page: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(4_096, 0xee), 0, 4_096, (page - 1) * 4_096);
  closeSync(file);
}

suite('openState()', (test) => {
  const inFolder = (work: (path: string, open: () => Store, warned: string[]) => void) =>
    inTemporaryFolder((folder) => {
      const path = join(folder, 'x.state.sqlite');
      fill(path);
      const warned: string[] = [];
      work(path, () => openState(path, { log: { warn: (message) => warned.push(message) } }), warned);
    });
  const isEmpty = (store: Store) =>
    assert.equal(
      [store.catalogue.count(), store.facts.get('index.uuid'), store.runs.last()],
      [0, undefined, undefined],
    );

  test('a good state is opened as it is', () =>
    inFolder((path, open, warned) => {
      const store = open();
      assert.is(store.catalogue.count(), 2_000);
      store.close();
      assert.equal([warned, existsSync(`${path}.damaged`)], [[], false]);
    }));

  const damages: readonly [string, (path: string) => void][] = [
    ['rubbish', (path) => writeFileSync(path, 'no database at all '.repeat(1_000))],
    ['one that was cut behind the first page', (path) => truncateSync(path, 4_096)],
    ['one that was cut within the first page', (path) => truncateSync(path, 100)],
    ['one that was cut in the middle', (path) => truncateSync(path, statSync(path).size >> 1)],
    ['one whose first page is overwritten', (path) => spoilPage(path, 1)],
  ];
  for (const [title, damage] of damages) {
    test(`${title} begins anew, the old file is kept`, () =>
      inFolder((path, open, warned) => {
        damage(path);
        const size = statSync(path).size;
        const store = open();
        isEmpty(store);
        store.facts.set('a', 'b');
        store.close();
        assert.is(statSync(`${path}.damaged`).size, size);
        assert.is(statSync(path).mode & 0o777, 0o600);
        assert.is(warned.length, 2);
        assert.match(warned[0] ?? '', /^Cannot read ".*x\.state\.sqlite": the file is damaged \(.*\), expected one as/);
        assert.match(
          warned[1] ?? '',
          /begins anew, .*kept as ".*x\.state\.sqlite\.damaged"; no tokens were found in it$/,
        );
        const again = open();
        assert.is(again.facts.get('a'), 'b');
        again.close();
        assert.is(warned.length, 2);
      }));
  }

  test('damage that shows during the work: StateError, and the next one begins anew, with the tokens', () =>
    inFolder((path, open, warned) => {
      spoilPage(path, pageOf(path, 'item'));
      const store = open();
      assert.is(store.facts.get('index.uuid'), 'u');
      assert.throws(
        () => store.catalogue.known(['1']),
        (error: unknown) => error instanceof StateError && /the file is damaged .*Run "sync" again/.test(error.message),
      );
      assert.equal(warned, []);
      store.close();
      assert.match(warned.join('\n'), /^The state .* its tokens are taken over \(1\)$/);
      const next = open();
      isEmpty(next);
      assert.equal(next.tokens.load('account'), token);
      next.close();
    }));

  test('a newer format is no damage: the file stays', () =>
    inFolder((path, open, warned) => {
      const db = new Database(path);
      db.exec('PRAGMA user_version = 99');
      db.close();
      assert.throws(open, /its format is 99, expected at most \d+.*use that one, or move the file away/);
      assert.equal([warned, existsSync(`${path}.damaged`)], [[], false]);
    }));

  test('a folder in its place is said, and left', () =>
    inTemporaryFolder((folder) => {
      const mode = statSync(folder).mode;
      assert.throws(
        () => openState(folder, { log: { warn: () => assert.unreachable() } }),
        /^Cannot open ".*": it is a folder, or/,
      );
      assert.is(statSync(folder).mode, mode);
    }));
});
