import * as assert from 'uvu/assert';
import { progressOf } from '../../src/app/progress.js';
import { CallCounts } from '../../src/box/call-counts.js';
import { startRun } from '../../src/state/start-run.js';
import { suite } from '../support/suite.js';
import { VirtualClock } from '../support/virtual-clock.js';

suite('progressOf', (test) => {
  test('counts, the rate since the last line, and the least time that is left', async () => {
    const run = startRun();
    const clock = new VirtualClock();
    const counts = new CallCounts();
    const progress = progressOf({ run, counts, clock, requests: () => 7 });
    run.frontier.add([
      { id: '1', viewer: null, path: '/a', ancestors: ['0'] },
      { id: '2', viewer: null, path: '/b', ancestors: ['0'] },
    ]);
    run.tally.listed();
    run.tally.ended({ kind: 'filtered', rule: 'r', signature: '' });
    counts.calls.folders = 4;
    await clock.advance(2_000);
    assert.is(
      progress(),
      '1 listed, 0 written, 0 unchanged, 1 filtered; 0 under way, 7 bulk requests, 2 folders waiting; 2 Box calls/s, at least 1 s left',
    );
    counts.waited(3_400);
    await clock.advance(10_000);
    assert.match(progress(), /; 0 Box calls\/s, 3 s waited for Box's rate, at least 6 s left$/);
    run.store.close();
  });

  test('does not divide by nothing', () => {
    const run = startRun();
    const progress = progressOf({ run, counts: new CallCounts(), clock: new VirtualClock(), requests: () => 0 });
    assert.is(
      progress(),
      '0 listed, 0 written, 0 unchanged; 0 under way, 0 bulk requests, 0 folders waiting; 0 Box calls/s',
    );
    run.store.close();
  });
});
