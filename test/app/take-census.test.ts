import { firstValueFrom, from } from 'rxjs';
import * as assert from 'uvu/assert';
import { takeCensus } from '../../src/app/take-census.js';
import type { IndexedPage } from '../../src/state/census.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { knownItem } from '../support/known-item.js';
import { suite } from '../support/suite.js';

suite('takeCensus()', (test) => {
  const rig = (pages: readonly IndexedPage[] | null) => {
    const store = sqliteStore(':memory:');
    store.catalogue.record([knownItem({ id: 'kept' }), knownItem({ id: 'lost' })]);
    const logged: unknown[] = [];
    const deps = {
      store,
      access: { isEnterprise: false },
      target: { documents: pages === null ? null : () => from(pages) },
      log: { info: (found: unknown) => logged.push(found) },
    };
    return { store, logged, take: () => firstValueFrom(takeCensus(deps)) };
  };
  const page = (...ids: string[]): IndexedPage => ({
    documents: ids.map((id) => ({
      documentId: id,
      type: 'file' as const,
      id,
      parent: '0',
      viewer: null,
      version: { signature: `signature of ${id}`, content: null },
    })),
    strangers: [],
  });

  test('what was left in the index is known afterwards, what it has lost is not indexed any more', async () => {
    const { store, logged, take } = rig([page('kept'), page('left')]);
    await take();
    const known = store.catalogue.known(['kept', 'lost', 'left']);
    assert.ok(known.get('file kept')?.version);
    assert.is(known.get('file lost')?.version, null);
    assert.is(known.get('file left')?.lastSeen, 0, 'no run has seen it: it has to be proven that it is there or gone');
    assert.equal(logged, [{ lost: 1, differing: 0, adopted: 1, strangers: 0 }]);
  });

  test('an index that is as the state had it is not worth a line', async () => {
    const { logged, take } = rig([page('kept', 'lost')]);
    await take();
    assert.equal(logged, []);
  });

  test('what cannot be read back counts as empty', async () => {
    const { store, take } = rig(null);
    await take();
    assert.is(store.catalogue.indexed(), 0);
  });
});
