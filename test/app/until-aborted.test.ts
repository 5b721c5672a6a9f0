import { getEventListeners } from 'node:events';
import { NEVER, Observable, of, throwError } from 'rxjs';
import * as assert from 'uvu/assert';
import { untilAborted } from '../../src/app/until-aborted.js';
import { StageError } from '../../src/core/errors.js';
import { suite } from '../support/suite.js';

suite('untilAborted()', (test) => {
  const later = new Observable<never>((subscriber) => {
    setImmediate(() => subscriber.complete());
  });

  test('whatever its end, nobody listens to the signal afterwards', async () => {
    for (const work of [of(1), later, throwError(() => new Error('x'))]) {
      const { signal } = new AbortController();
      await untilAborted(work, signal).catch(() => {});
      assert.equal(getEventListeners(signal, 'abort'), []);
    }
  });

  test('an abort unsubscribes and rejects, with the fault that it was for', async () => {
    for (const [reason, name] of [
      [undefined, 'AbortedError'],
      [new StageError('a fault'), 'StageError'],
    ] as const) {
      const controller = new AbortController();
      let ended = false;
      const work = new Observable<never>(() => () => (ended = true));
      const end = untilAborted(work, controller.signal).catch((error: unknown) => (error as Error).name);
      controller.abort(reason);
      assert.equal([await end, ended], [name, true]);
    }
    const aborted = await untilAborted(NEVER, AbortSignal.abort()).catch((error: unknown) => (error as Error).name);
    assert.is(aborted, 'AbortedError');
  });
});
