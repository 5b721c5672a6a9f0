import * as assert from 'uvu/assert';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { startRun } from '../../src/state/start-run.js';
import { boxFile } from '../support/found.js';
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

  test('two on one store: the first fails in words, and writes nothing over what the second has', () => {
    const store = sqliteStore(':memory:');
    const first = startRun({ store });
    const second = startRun({ store });
    const end = (run: ReturnType<typeof startRun>, id: string) => {
      run.ledger.reserve(1).subscribe();
      const place = { path: `/${id}`, parent: '0', ancestors: ['0'], seenAs: null, known: undefined };
      const envelope = run.found({ item: boxFile({ id }), documentId: id, ...place }, run.detachedPage());
      envelope.settle({ kind: 'written', version: { signature: 's', content: null } });
    };
    end(first, '1');
    end(second, '2');
    assert.throws(
      () => first.flush(),
      /Cannot go on with run 1: run 2 has begun on the same state, expected one at a time/,
    );
    second.flush();
    assert.equal([...store.catalogue.known(['1', '2']).keys()], ['file 2']);
  });
});
