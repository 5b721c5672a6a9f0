import { getEventListeners } from 'node:events';
import * as assert from 'uvu/assert';
import { NEVER, takeUntil } from 'rxjs';
import { whenAborted } from '../../src/core/when-aborted.js';
import { suite } from '../support/suite.js';

suite('whenAborted()', (test) => {
  const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;
  const watch = (signal: AbortSignal) => {
    const log: string[] = [];
    const subscription = whenAborted(signal).subscribe({
      next: () => log.push('next'),
      complete: () => log.push('end'),
    });
    return { log, subscription };
  };

  test('emits nothing while nothing is aborted', () => {
    const controller = new AbortController();
    const { log, subscription } = watch(controller.signal);
    assert.equal([log, listeners(controller.signal)], [[], 1]);
    subscription.unsubscribe();
    assert.is(listeners(controller.signal), 0);
    controller.abort();
    assert.equal(log, []);
  });

  test('emits once and completes when it is aborted, and leaves no listener', () => {
    const controller = new AbortController();
    const { log } = watch(controller.signal);
    controller.abort();
    assert.equal([log, listeners(controller.signal)], [['next', 'end'], 0]);
  });

  test('emits at once if it is aborted already', () => {
    assert.equal(watch(AbortSignal.abort()).log, ['next', 'end']);
  });

  test('ends a source with takeUntil, also one that is stopped before it begins', () => {
    const controller = new AbortController();
    const ended: string[] = [];
    for (const [name, signal] of [
      ['later', controller.signal],
      ['before', AbortSignal.abort()],
    ] as const) {
      NEVER.pipe(takeUntil(whenAborted(signal))).subscribe({ complete: () => ended.push(name) });
    }
    assert.equal(ended, ['before']);
    controller.abort();
    assert.equal(ended, ['before', 'later']);
  });
});
