import { lastValueFrom, tap, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import { strangers } from '../../src/sources/strangers.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { suite } from '../support/suite.js';
import { startRun } from '../support/sync-rig.js';

suite('strangers()', (test) => {
  const withStrangers = (ids: readonly string[]) => {
    const store = sqliteStore(':memory:');
    store.census.begin();
    store.census.add({ documents: [], strangers: ids });
    store.census.end();
    return store;
  };
  const drain = (run: ReturnType<typeof startRun>) =>
    lastValueFrom(
      strangers({ run }).pipe(
        tap((envelope) => envelope.settle({ kind: 'deleted' })),
        toArray(),
      ),
    );

  test('without strangers there is nothing to do', async () => {
    assert.equal(await drain(startRun(withStrangers([]))), []);
  });

  test('each is emitted once, however many there are, within the ledger', async () => {
    const ids = Array.from({ length: 450 }, (_, index) => `stranger-${String(index).padStart(3, '0')}`);
    const run = startRun(withStrangers(ids), { rows: 7 });
    const gone = await drain(run);
    assert.equal(
      gone.map(({ value }) => value.documentId),
      ids,
    );
    assert.is(run.tally.finalReport().deleted, 450);
    assert.is(run.ledger.outstanding, 0);
  });

  test('nothing that is known is forgotten with them, even under the same number', async () => {
    const store = withStrangers(['7']);
    store.catalogue.record([
      {
        type: 'file',
        id: '7',
        documentId: 'file_7',
        parent: '0',
        viewer: null,
        version: { signature: 's', content: null },
        filtered: null,
        rules: '',
        lastSeen: 1,
      },
    ]);
    const run = startRun(store);
    await drain(run);
    run.flush();
    assert.is(store.catalogue.count(), 1);
  });
});
