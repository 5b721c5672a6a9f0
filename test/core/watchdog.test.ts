import { NEVER, Subject, concat, of } from 'rxjs';
import * as assert from 'uvu/assert';
import { StageError } from '../../src/core/errors.js';
import { Waits } from '../../src/core/waits.js';
import { watchdog } from '../../src/core/watchdog.js';
import { suite } from '../support/suite.js';
import { VirtualClock } from '../support/virtual-clock.js';

suite('watchdog()', (test) => {
  const setUp = () => {
    const clock = new VirtualClock();
    const waits = new Waits(clock);
    const moved = { count: 0 };
    const operator = watchdog<string>(
      { clock, waits, figures: () => [moved.count, 7], describe: () => 'Two items are in the stage "x"' },
      { stallAfterMs: 10_000 },
    );
    const seen: string[] = [];
    let error: unknown;
    const watch = (source: Parameters<typeof operator>[0]) =>
      source.pipe(operator).subscribe({
        next: (value) => seen.push(value),
        error: (cause: unknown) => (error = cause),
        complete: () => seen.push('|'),
      });
    return { clock, waits, moved, watch, seen, error: () => error };
  };

  test('values, completion and errors pass, and no timer stays', async () => {
    const { clock, watch, seen, error } = setUp();
    watch(of('a', 'b'));
    const source = new Subject<string>();
    watch(source);
    source.next('c');
    source.error(new Error('x'));
    assert.equal([seen, (error() as Error).message, clock.pending], [['a', 'b', '|', 'c'], 'x', 0]);
    const subscription = watch(NEVER);
    subscription.unsubscribe();
    assert.is(clock.pending, 0);
    await clock.advance(20_000);
  });

  test('nothing moves and nobody waits: it fails, and says what is held where', async () => {
    const { clock, watch, error, seen } = setUp();
    watch(concat(of('a'), NEVER));
    await clock.advance(10_900);
    assert.equal([seen, error()], [['a'], undefined]);
    await clock.advance(200);
    assert.instance(error(), StageError);
    assert.match(
      (error() as Error).message,
      /stands still: for 10 s nothing was settled.*Two items are in the stage "x"/,
    );
    assert.is(clock.pending, 0);
  });

  test('whatever moves, or waits for something that has an end, is no standstill', async () => {
    const { clock, waits, moved, watch, error } = setUp();
    const subscription = watch(NEVER);
    for (let second = 0; second < 60; second += 1) {
      if (second % 9 === 0) moved.count += 1;
      await clock.advance(1_000);
    }
    waits.clock.after(100_000, () => {});
    await clock.advance(100_000);
    assert.is(error(), undefined);
    await clock.advance(11_000);
    assert.instance(error(), StageError);
    subscription.unsubscribe();
  });

  test('a machine that was asleep is looked at for the whole time again', () => {
    let now = 0;
    let ring = () => {};
    const asleep = { now: () => now, after: (_ms: number, run: () => void) => ((ring = run), () => {}) };
    let error: unknown;
    const operator = watchdog<never>(
      { clock: asleep, waits: new Waits(asleep), figures: () => [], describe: () => '' },
      { stallAfterMs: 10_000 },
    );
    NEVER.pipe(operator).subscribe({ error: (cause: unknown) => (error = cause) });
    now = 3_600_000;
    for (let look = 0; look < 10; look += 1) ring();
    assert.is(error, undefined);
    ring();
    assert.instance(error, StageError);
  });
});
