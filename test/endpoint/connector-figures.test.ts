import { lastValueFrom } from 'rxjs';
import * as assert from 'uvu/assert';
import { CallCounts } from '../../src/box/call-counts.js';
import { ConnectorFigures } from '../../src/endpoint/connector-figures.js';
import type { MetricName } from '../../src/endpoint/metric-table.js';
import { BulkCounts } from '../../src/sinks/bulk-counts.js';
import { suite } from '../support/suite.js';
import { SyncRig, startRun } from '../support/sync-rig.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';

/** The value of a series; `undefined` if it is not there. */
function valueOf(figures: ConnectorFigures, name: MetricName, labels: Readonly<Record<string, string>> = {}) {
  const found = figures
    .samples()
    .filter((one) => one.name === name && JSON.stringify(one.labels) === JSON.stringify(labels));
  assert.ok(found.length <= 1, `${name} is there ${found.length} times`);
  return found[0]?.value;
}

const parts = () => ({ counts: new CallCounts(), bulk: new BulkCounts() });
const written = { kind: 'written', version: { signature: 's', content: null } } as const;

suite('ConnectorFigures', (test) => {
  test('counts a run as it goes on, and the next ones on top of it', async () => {
    const rig = new SyncRig();
    for (const id of ['1', '2', '3']) rig.box.file('0', { id });
    const figures = new ConnectorFigures();
    const seen: (number | undefined)[] = [];
    for (let round = 0; round < 3; round += 1) {
      const followed = figures.begin(parts());
      const { run, outcomes } = rig.begin();
      followed.run(run);
      await lastValueFrom(outcomes, { defaultValue: null });
      seen.push(valueOf(figures, 'box_connector_rows_read_total'));
      followed.stop();
      assert.is(valueOf(figures, 'box_connector_rows_read_total'), seen.at(-1), 'the same when it is over');
    }
    assert.equal(seen, [3, 6, 9]);
    assert.is(valueOf(figures, 'box_connector_rows_total', { outcome: 'written' }), 3);
    assert.is(valueOf(figures, 'box_connector_rows_total', { outcome: 'unchanged' }), 6);
  });

  test('does not count again what a run had done before it was stopped', () => {
    const store = sqliteStore(':memory:');
    const figures = new ConnectorFigures();
    const before = { ...startRun(store).tally.report(), listed: 7, written: 5, unchanged: 2 };
    const followed = figures.begin(parts());
    const run = startRun(store, { before });
    followed.run(run);
    assert.is(valueOf(figures, 'box_connector_rows_read_total'), 0);
    run.tally.listed();
    run.tally.ended(written);
    assert.is(valueOf(figures, 'box_connector_rows_read_total'), 1);
    assert.is(valueOf(figures, 'box_connector_rows_total', { outcome: 'written' }), 1);
    assert.is(valueOf(figures, 'box_connector_rows_total', { outcome: 'unchanged' }), 0);
    followed.stop();
    store.close();
  });

  test('shows the rooms of a run while it goes on, and keeps the dead letters behind it', () => {
    const store = sqliteStore(':memory:');
    const figures = new ConnectorFigures();
    assert.is(valueOf(figures, 'box_connector_sync_running'), 0);
    assert.is(valueOf(figures, 'box_connector_dead_letters'), undefined, 'not known yet');
    const followed = figures.begin(parts());
    assert.is(valueOf(figures, 'box_connector_sync_running'), 1);
    const run = startRun(store, { rows: 100, bytes: 1_000 });
    followed.run(run);
    run.ledger.reserve(60).subscribe();
    run.ledger.reserve(60).subscribe();
    run.budget.acquire(900).subscribe();
    run.budget.acquire(900).subscribe();
    const letter = {
      documentId: '1',
      type: 'file',
      id: '1',
      path: '/a',
      operation: 'index',
      reason: 'r',
      lastTried: 1,
    };
    store.deadLetters.add([letter]);
    const gauges = () =>
      (
        [
          'box_connector_ledger_rows',
          'box_connector_ledger_waiting',
          'box_connector_budget_bytes',
          'box_connector_budget_waiting',
          'box_connector_frontier_folders',
          'box_connector_dead_letters',
        ] as const
      ).map((name) => valueOf(figures, name));
    assert.equal(gauges(), [60, 1, 900, 1, 0, 1]);
    followed.stop();
    store.close();
    assert.equal(gauges(), [undefined, undefined, undefined, undefined, undefined, 1]);
    assert.is(valueOf(figures, 'box_connector_sync_running'), 0);
  });

  test('gives the other figures where the state cannot be read', () => {
    const store = sqliteStore(':memory:');
    const figures = new ConnectorFigures();
    const followed = figures.begin(parts());
    followed.run(startRun(store));
    store.close();
    assert.is(valueOf(figures, 'box_connector_rows_read_total'), 0);
    assert.is(valueOf(figures, 'box_connector_sync_running'), 1);
    followed.stop();
  });

  test('counts calls, waits, bulk requests and bytes, those of a ping too', () => {
    const figures = new ConnectorFigures();
    const ping = new CallCounts();
    const me = { method: 'GET', url: '/2.0/users/me', route: 'users' } as const;
    const uncount = figures.calls(ping);
    ping.ended(me, 200);
    uncount();
    ping.ended(me, 200);
    const { counts, bulk } = parts();
    const followed = figures.begin({ counts, bulk });
    counts.ended(me, 200);
    counts.ended(me, 429);
    counts.sent({ ...me, repeat: 'rate-limited' });
    counts.waited(1_500);
    bulk.ends.set(200, 4);
    bulk.items.set(429, 2);
    followed.contentRead(10);
    followed.contentRead(5);
    followed.settled('written', 100);
    followed.settled('rejected', 7);
    followed.settled('deleted', 0);
    const check = () => {
      const calls = 'box_connector_box_calls_total';
      assert.is(valueOf(figures, calls, { route: '/users/me', status: '200' }), 2);
      assert.is(valueOf(figures, calls, { route: '/users/me', status: '429' }), 1);
      assert.is(valueOf(figures, 'box_connector_box_repeats_total', { reason: 'rate-limited' }), 1);
      assert.is(valueOf(figures, 'box_connector_box_rate_waits_total'), 1);
      assert.is(valueOf(figures, 'box_connector_box_rate_wait_seconds_total'), 1.5);
      assert.is(valueOf(figures, 'box_connector_bulk_requests_total', { status: '200' }), 4);
      assert.is(valueOf(figures, 'box_connector_bulk_items_total', { status: '429' }), 2);
      assert.is(valueOf(figures, 'box_connector_content_bytes_read_total'), 15);
      assert.is(valueOf(figures, 'box_connector_document_bytes_total', { outcome: 'written' }), 100);
      assert.is(valueOf(figures, 'box_connector_document_bytes_total', { outcome: 'rejected' }), 7);
    };
    check();
    followed.stop();
    followed.stop();
    check();
  });

  test('counts syncs by how they ended, from 0 on, and knows the last success', () => {
    const figures = new ConnectorFigures();
    const syncs = (outcome: string) => valueOf(figures, 'box_connector_syncs_total', { outcome });
    const success = () => valueOf(figures, 'box_connector_last_success_timestamp_seconds');
    assert.equal(['completed', 'incomplete', 'failed', 'canceled', 'suspended'].map(syncs), [0, 0, 0, 0, 0]);
    assert.is(success(), undefined);
    figures.seen({ lastSuccess: null, inError: true });
    assert.is(success(), undefined);
    assert.is(valueOf(figures, 'box_connector_in_error'), 1);
    figures.seen({ lastSuccess: 5_000, inError: false });
    assert.is(success(), 5);
    figures.ended('completed', 9_000);
    figures.ended('failed', 11_500);
    // As it was written before.
    figures.seen({ lastSuccess: 5_000, inError: false });
    assert.is(success(), 9);
    assert.is(valueOf(figures, 'box_connector_last_sync_end_timestamp_seconds'), 11.5);
    assert.equal(['completed', 'failed'].map(syncs), [1, 1]);
    assert.is(valueOf(figures, 'box_connector_in_error'), 0);
  });
});
