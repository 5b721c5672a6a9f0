import * as assert from 'uvu/assert';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { startRun } from '../../src/state/start-run.js';
import { knownItem } from '../support/known-item.js';
import { suite } from '../support/suite.js';

suite('startRun', (test) => {
  test('alone it knows nothing and has the usual bounds', () => {
    const run = startRun();
    assert.is(run.ledger.limit, 5_000);
    assert.is(run.store.catalogue.count(), 0);
    assert.is(run.rewrite, false);
    run.store.close();
  });

  test('on a kept store it keeps what is known and forgets where an earlier walk was', () => {
    const store = sqliteStore(':memory:');
    store.catalogue.record([knownItem({ id: '1' })]);
    const first = startRun({ store });
    store.frontier.add([{ id: '7', viewer: null, path: '/a', ancestors: ['0'] }]);
    const second = startRun({ store, rows: 10, rules: 'r', now: () => 5 });
    assert.is(second.id, first.id + 1);
    assert.is(store.frontier.waiting(), 0);
    assert.is(store.catalogue.count(), 1);
    assert.is(second.ledger.limit, 10);
    assert.is(second.rules, 'r');
    assert.is(store.runs.last()?.startedAt, 5);
    store.close();
  });
});
