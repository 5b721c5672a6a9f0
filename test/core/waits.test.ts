import { VirtualTimeScheduler } from 'rxjs';
import * as assert from 'uvu/assert';
import { Waits } from '../../src/core/waits.js';
import { suite } from '../support/suite.js';
import { VirtualClock } from '../support/virtual-clock.js';

suite('Waits', (test) => {
  test('a wait on its clock is under way until it is over or called off', async () => {
    const plain = new VirtualClock();
    const waits = new Waits(plain);
    let rang = 0;
    const { clock } = waits;
    clock.after(1_000, () => (rang += 1));
    const cancel = clock.after(5_000, () => (rang += 1));
    assert.equal([waits.areUnderWay, clock.now()], [true, plain.now()]);
    await plain.advance(1_000);
    assert.equal([rang, waits.areUnderWay], [1, true]);
    cancel();
    assert.equal([waits.areUnderWay, plain.pending], [false, 0]);
  });

  test('a wait that nobody ends counts only until its time', async () => {
    const plain = new VirtualClock();
    const frozen = { now: () => plain.now(), after: () => () => {} };
    const waits = new Waits(frozen);
    waits.clock.after(1_000, () => {});
    assert.is(waits.areUnderWay, true);
    await plain.advance(1_001);
    assert.is(waits.areUnderWay, false);
  });

  test('so it is with its scheduler', () => {
    const waits = new Waits(new VirtualClock());
    const scheduler = new VirtualTimeScheduler();
    const done: unknown[] = [];
    const watched = waits.scheduler(scheduler);
    watched.schedule((state) => done.push(state), 100, 'a');
    const calledOff = watched.schedule((state) => done.push(state), 100, 'b');
    assert.is(waits.areUnderWay, true);
    calledOff.unsubscribe();
    scheduler.flush();
    assert.equal([done, waits.areUnderWay, watched.now()], [['a'], false, 100]);
  });
});
