import * as assert from 'uvu/assert';
import { sleep, systemClock } from '../../src/core/clock.js';
import { AbortedError } from '../../src/core/errors.js';
import { never, rejection } from '../support/fake-http.js';
import { suite } from '../support/suite.js';
import { VirtualClock, settled } from '../support/virtual-clock.js';

suite('sleep()', (test) => {
  test('resolves when the time has come, not before', async () => {
    const clock = new VirtualClock();
    let awake = false;
    void sleep(clock, 100, never).then(() => (awake = true));
    await clock.advance(99);
    assert.is(awake, false);
    await clock.advance(1);
    assert.is(awake, true);
  });

  test('an abort ends it at once and leaves no timer', async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    const sleeping = rejection(sleep(clock, 100, controller.signal));
    await settled();
    controller.abort();
    assert.instance(await sleeping, AbortedError);
    assert.is(clock.pending, 0);
  });

  test('after an abort it sets no timer', async () => {
    const clock = new VirtualClock();
    assert.instance(await rejection(sleep(clock, 100, AbortSignal.abort())), AbortedError);
    assert.is(clock.pending, 0);
  });
});

suite('systemClock', (test) => {
  test('calls back once, and not at all when called off', async () => {
    const called: string[] = [];
    systemClock.after(1, () => called.push('kept'));
    systemClock.after(1, () => called.push('called off'))();
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(called, ['kept']);
  });
});
