import * as assert from 'uvu/assert';
import { drainLimit } from '../../src/app/drain-limit.js';
import { suite } from '../support/suite.js';
import { VirtualClock } from '../support/virtual-clock.js';

suite('drainLimit()', (test) => {
  test('begins with the stop, and is over after its time', async () => {
    const clock = new VirtualClock();
    const stop = new AbortController();
    const limit = drainLimit(clock, stop.signal, 1_000);
    await clock.advance(5_000);
    stop.abort();
    await clock.advance(999);
    assert.is(limit.signal.aborted, false);
    await clock.advance(1);
    assert.is(limit.signal.aborted, true);
  });

  test('of a stop that has been asked for already; called off, it leaves nothing', async () => {
    const clock = new VirtualClock();
    const limit = drainLimit(clock, AbortSignal.abort(), 1_000);
    assert.is(clock.pending, 1);
    limit.cancel();
    await clock.advance(2_000);
    assert.equal([limit.signal.aborted, clock.pending], [false, 0]);
  });
});
