import * as assert from 'uvu/assert';
import { timeLimit } from '../../src/extractors/time-limit.js';
import { suite } from '../support/suite.js';
import { VirtualClock, settled } from '../support/virtual-clock.js';

suite('timeLimit', (test) => {
  const start = (ms: number) => {
    const clock = new VirtualClock();
    const state = { ended: false };
    return { clock, state, limit: timeLimit(clock, ms, () => (state.ended = true)) };
  };

  test('ends after its time', async () => {
    const { clock, state } = start(100);
    await clock.advance(99);
    assert.is(state.ended, false);
    await clock.advance(1);
    assert.is(state.ended, true);
  });

  test('what it is paused for does not count', async () => {
    const { clock, state, limit } = start(100);
    await clock.advance(60);
    let go = () => {};
    const work = limit.paused(() => new Promise<void>((resolve) => (go = resolve)));
    await clock.advance(1_000_000);
    assert.is(state.ended, false);
    go();
    await work;
    await clock.advance(39);
    assert.is(state.ended, false);
    await clock.advance(1);
    assert.is(state.ended, true);
  });

  test('work that fails is passed on, and the time goes on', async () => {
    const { clock, state, limit } = start(100);
    const failure = new Error('x');
    let caught: unknown;
    await limit.paused(() => Promise.reject(failure)).catch((error: unknown) => (caught = error));
    assert.is(caught, failure);
    await clock.advance(100);
    assert.is(state.ended, true);
  });

  test('stopped, it never ends, also when it was paused', async () => {
    const { clock, state, limit } = start(100);
    const work = limit.paused(() => settled());
    limit.stop();
    await work;
    await clock.advance(1_000);
    assert.equal([state.ended, clock.pending], [false, 0]);
  });
});
