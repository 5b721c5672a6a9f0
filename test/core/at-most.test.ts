import * as assert from 'uvu/assert';
import { atMost } from '../../src/core/at-most.js';
import { rejection } from '../support/fake-http.js';
import { suite } from '../support/suite.js';
import { VirtualClock, settled } from '../support/virtual-clock.js';

suite('atMost()', (test) => {
  test('what ends in time is waited for, and no timer is left', async () => {
    const clock = new VirtualClock();
    assert.is(await atMost(clock, 100, Promise.resolve('x')), true);
    assert.match((await rejection(atMost(clock, 100, Promise.reject(new Error('broken'))))).message, 'broken');
    assert.is(clock.pending, 0);
  });

  test('what does not is left alone, whatever becomes of it later', async () => {
    const clock = new VirtualClock();
    let fail = () => {};
    const ended: boolean[] = [];
    const work = new Promise<void>((_, reject) => (fail = () => reject(new Error('late'))));
    void atMost(clock, 100, work).then((inTime) => ended.push(inTime));
    await clock.advance(99);
    assert.equal(ended, []);
    await clock.advance(1);
    assert.equal(ended, [false]);
    fail();
    await settled();
  });
});
