import { EMPTY, NEVER, of } from 'rxjs';
import * as assert from 'uvu/assert';
import { Envelope } from '../../src/core/envelope.js';
import type { Outcome } from '../../src/core/outcome.js';
import type { Settled } from '../../src/core/settled.js';
import { settle } from '../../src/operators/settle.js';
import type { Run } from '../../src/state/run.js';
import { Envelopes } from '../support/envelopes.js';
import { marbles } from '../support/marbles.js';
import { suite } from '../support/suite.js';

suite('settle()', (test) => {
  const outcome: Outcome = { kind: 'rejected', reason: 'x' };

  /** A run that only notes the frames at which it is flushed. */
  const fakeRun = (now: () => number, flush: () => void = () => {}) => {
    const flushes: number[] = [];
    const run = {
      flush: () => {
        flushes.push(now());
        flush();
      },
    };
    return { run: run as unknown as Run, flushes };
  };

  test('never stays never: it flushes on and on, and stops with the subscription', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const { run, flushes } = fakeRun(() => scheduler.now());
      expectObservable(NEVER.pipe(settle({ run }, { flushMs: 10, scheduler })), '35ms !').toBe('-');
      flush();
      assert.equal(flushes, [10, 20, 30, 35]);
    });
  });

  test('unless told otherwise, what has ended waits 25 ms: a kill costs hardly more than what is under way', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const { run, flushes } = fakeRun(() => scheduler.now());
      expectObservable(NEVER.pipe(settle({ run }, { scheduler })), '60ms !').toBe('-');
      flush();
      assert.equal(flushes, [25, 50, 60]);
    });
  });

  test('empty stays empty, and flushes', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const { run, flushes } = fakeRun(() => scheduler.now());
      expectObservable(EMPTY.pipe(settle({ run }, { flushMs: 10, scheduler }))).toBe('|');
      flush();
      assert.ok(flushes.length > 0 && flushes.every((at) => at === 0));
    });
  });

  test('settles each envelope with its outcome and emits the outcomes', () => {
    marbles(({ cold, expectObservable, flush }, scheduler) => {
      const envelopes = new Envelopes();
      const { run } = fakeRun(() => 0);
      const written: Outcome = { kind: 'written', version: { signature: 's', content: null } };
      const a: Settled = { envelope: envelopes.of('a'), outcome: written };
      const b: Settled = { envelope: envelopes.of('b'), outcome };
      const source = cold('-a-b-|', { a, b });
      expectObservable(source.pipe(settle({ run }, { scheduler }))).toBe('-a-b-|', { a: written, b: outcome });
      flush();
      assert.equal(envelopes.outcomes, [written, outcome]);
    });
  });

  test('an outcome is emitted when its envelope is settled already', () => {
    const log: string[] = [];
    const envelope = Envelope.of('a', () => log.push('settled'));
    of<Settled>({ envelope, outcome })
      .pipe(settle({ run: fakeRun(() => 0).run }))
      .subscribe(() => log.push('emitted'));
    assert.equal(log, ['settled', 'emitted']);
  });

  test('an error of the source passes; what has ended before is kept', () => {
    marbles(({ cold, expectObservable, flush }, scheduler) => {
      const { run, flushes } = fakeRun(() => scheduler.now());
      expectObservable(cold<Settled>('---#').pipe(settle({ run }, { flushMs: 10, scheduler }))).toBe('---#');
      flush();
      assert.is(flushes[0], 3);
    });
  });

  test('an error of the source is not hidden by a state that cannot be written', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const { run } = fakeRun(
        () => 0,
        () => {
          throw new Error('disk full');
        },
      );
      expectObservable(cold<Settled>('---#').pipe(settle({ run }, { flushMs: 10, scheduler }))).toBe('---#');
    });
  });

  test('a state that cannot be written is an error: on the timer, at the end', () => {
    const full = new Error('disk full');
    marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const { run } = fakeRun(
        () => 0,
        () => {
          throw full;
        },
      );
      const source = cold<Settled>('-----|');
      expectObservable(source.pipe(settle({ run }, { flushMs: 3, scheduler }))).toBe('---#', undefined, full);
      expectObservable(source.pipe(settle({ run }, { flushMs: 9, scheduler }))).toBe('-----#', undefined, full);
      expectSubscriptions(source.subscriptions).toBe(['^--!', '^----!']);
    });
  });

  test('an envelope that cannot be settled is an error, and its outcome is not emitted', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const fault = new Error('settled twice');
      const envelope = Envelope.of('a', () => {
        throw fault;
      });
      const source = cold<Settled>('-a-|', { a: { envelope, outcome } });
      expectObservable(source.pipe(settle({ run: fakeRun(() => 0).run }, { scheduler }))).toBe('-#', undefined, fault);
    });
  });

  test('unsubscribing stops source and timer, and keeps what has ended', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const { run, flushes } = fakeRun(() => scheduler.now());
      const source = cold<Settled>('---------|');
      expectObservable(source.pipe(settle({ run }, { flushMs: 100, scheduler })), '----!').toBe('----');
      expectSubscriptions(source.subscriptions).toBe('^---!');
      flush();
      assert.equal(flushes, [4]);
    });
  });
});
