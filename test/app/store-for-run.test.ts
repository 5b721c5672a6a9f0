import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { storeForRun } from '../../src/app/store-for-run.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import type { Store } from '../../src/state/store.js';
import { knownItem } from '../support/known-item.js';
import { suite } from '../support/suite.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';

const token = { accessToken: 'a', refreshToken: 'r', expiresAt: 1, origin: 'o' };

function withKept(work: (kept: Store, path: string) => void): Promise<void> {
  return inTemporaryFolder((folder) => {
    const path = join(folder, 'kept.sqlite');
    const kept = sqliteStore(path);
    kept.catalogue.record([knownItem({ id: '1' })]);
    try {
      work(kept, path);
    } finally {
      kept.close();
    }
  });
}

suite('storeForRun', (test) => {
  test('a run works on the kept state itself', () =>
    withKept((kept) => assert.is(storeForRun(kept, { dryRun: false, replay: false }), kept)));

  test('a dry run has a copy, which keeps nothing and leaves nothing; tokens alone are kept', () =>
    withKept((kept, path) => {
      const copies = () => readdirSync(tmpdir()).filter((name) => name.startsWith('box-connector-')).length;
      const before = copies();
      const store = storeForRun(kept, { dryRun: true, replay: false });
      assert.is(store.catalogue.count(), 1);
      store.catalogue.record([knownItem({ id: '2' })]);
      store.tokens.save('account', token);
      assert.is(store.catalogue.count(), 2);
      store.close();
      assert.is(kept.catalogue.count(), 1);
      assert.equal(kept.tokens.load('account'), token);
      assert.is(copies(), before);
      assert.ok(existsSync(path));
    }));

  test('a replay knows nothing, and leaves the kept state alone', () =>
    withKept((kept) => {
      const store = storeForRun(kept, { dryRun: false, replay: true });
      assert.is(store.catalogue.count(), 0);
      store.catalogue.record([knownItem({ id: '2' }), knownItem({ id: '3' })]);
      store.close();
      assert.is(kept.catalogue.count(), 1);
    }));
});
