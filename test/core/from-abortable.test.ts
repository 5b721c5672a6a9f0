import type { Observable, Subscription } from 'rxjs';
import * as assert from 'uvu/assert';
import { fromAbortable } from '../../src/core/from-abortable.js';
import { suite } from '../support/suite.js';
import { settled } from '../support/virtual-clock.js';

function watch<T>(source: Observable<T>): { seen: unknown[]; subscription: Subscription } {
  const seen: unknown[] = [];
  const subscription = source.subscribe({
    next: (value) => seen.push(value),
    error: (error: unknown) => seen.push(error),
    complete: () => seen.push('complete'),
  });
  return { seen, subscription };
}

suite('fromAbortable()', (test) => {
  test('starts on subscription, once for each', async () => {
    let started = 0;
    const source = fromAbortable(() => Promise.resolve(++started));
    assert.is(started, 0);
    const first = watch(source);
    const second = watch(source);
    await settled();
    assert.equal(
      [first.seen, second.seen],
      [
        [1, 'complete'],
        [2, 'complete'],
      ],
    );
  });

  test('a rejection is the error', async () => {
    const fault = new Error('x');
    const { seen } = watch(fromAbortable(() => Promise.reject(fault)));
    await settled();
    assert.equal(seen, [fault]);
  });

  test('unsubscribing aborts the signal at once, and nothing comes after', async () => {
    const signals: AbortSignal[] = [];
    const { seen, subscription } = watch(
      fromAbortable((signal) => {
        signals.push(signal);
        return new Promise((resolve) => setImmediate(() => resolve('late')));
      }),
    );
    assert.is(signals[0]?.aborted, false);
    subscription.unsubscribe();
    assert.is(signals[0]?.aborted, true);
    await settled();
    assert.equal(seen, []);
  });

  test('the signal is not aborted after the end: a body that is still read goes on', async () => {
    const signals: AbortSignal[] = [];
    const { subscription } = watch(
      fromAbortable((signal) => {
        signals.push(signal);
        return Promise.resolve(1);
      }),
    );
    await settled();
    subscription.unsubscribe();
    assert.is(signals[0]?.aborted, false);
  });
});
