import { EMPTY, concat, firstValueFrom, from, throwError } from 'rxjs';
import * as assert from 'uvu/assert';
import { takeCensus } from '../../src/app/take-census.js';
import type { IndexedPage } from '../../src/state/census.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { knownItem } from '../support/known-item.js';
import { suite } from '../support/suite.js';

suite('takeCensus()', (test) => {
  const rig = (pages: readonly IndexedPage[] | null, end?: Error) => {
    const store = sqliteStore(':memory:');
    store.catalogue.record([knownItem({ id: 'kept' }), knownItem({ id: 'lost' })]);
    const logged: unknown[] = [];
    const deps = {
      store,
      access: { isEnterprise: false },
      target: {
        documents: pages === null ? null : () => concat(from(pages), end === undefined ? EMPTY : throwError(() => end)),
      },
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

  test('what cannot be read back holds what the catalogue says, in some version: all of it is written anew', async () => {
    const { store, logged, take } = rig(null);
    store.catalogue.record([knownItem({ id: 'out', filtered: { rule: 'r', signature: 'judged' } })]);
    await take();
    assert.is(store.catalogue.indexed(), 3, 'it can still be deleted');
    const known = store.catalogue.known(['kept', 'out']);
    assert.equal(known.get('file kept')?.version, { signature: '', content: '' });
    assert.equal(known.get('file out')?.filtered, { rule: 'r', signature: 'judged' });
    assert.equal(logged, []);
  });

  test('one that breaks off changes nothing', async () => {
    const { store, take } = rig([page('kept'), page('left')], new Error('cut'));
    const before = store.catalogue.known(['kept', 'lost', 'left']);
    await assertRejects(take(), /cut/);
    assert.equal(store.catalogue.known(['kept', 'lost', 'left']), before);
  });
});

async function assertRejects(promise: Promise<unknown>, message: RegExp): Promise<void> {
  let caught: unknown;
  await promise.catch((error: unknown) => (caught = error));
  assert.match(String(caught), message);
}
