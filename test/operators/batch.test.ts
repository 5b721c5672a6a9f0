import fc from 'fast-check';
import { EMPTY, NEVER, Subject, VirtualTimeScheduler, from } from 'rxjs';
import * as assert from 'uvu/assert';
import { batch } from '../../src/operators/batch.js';
import { marbles } from '../support/marbles.js';
import { suite } from '../support/suite.js';

suite('batch()', (test) => {
  const limits = { maxItems: 3, maxBytes: 100, maxWaitMs: 5, weigh: () => 1 };

  test('never stays never, empty stays empty', () => {
    marbles(({ expectObservable }) => {
      expectObservable(NEVER.pipe(batch(limits))).toBe('-');
      expectObservable(EMPTY.pipe(batch(limits))).toBe('|');
    });
  });

  test('closes at maxItems', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('abcd-|');
      expectObservable(source.pipe(batch(limits))).toBe('--x--(y|)', { x: ['a', 'b', 'c'], y: ['d'] });
    });
  });

  test('closes when the first value has waited maxWaitMs; the timer is not pushed back by later ones', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('a--b-----------|');
      expectObservable(source.pipe(batch(limits))).toBe('-----x---------|', { x: ['a', 'b'] });
    });
  });

  test('closes before a value that would exceed maxBytes', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('ab-|');
      const weigh = (value: string) => (value === 'a' ? 60 : 50);
      expectObservable(source.pipe(batch({ ...limits, weigh }))).toBe('-x-(y|)', { x: ['a'], y: ['b'] });
    });
  });

  test('a `weigh` that throws is the error of the stream, with its name', () => {
    let failure: unknown;
    const weigh = () => {
      throw new Error('no such size');
    };
    from(['a', 'b'])
      .pipe(batch({ ...limits, weigh }))
      .subscribe({ error: (error: unknown) => (failure = error) });
    assert.is(String(failure), 'Error: "weigh" failed with "no such size"');
  });

  test('a value heavier than maxBytes goes alone and at once', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('abc--|');
      const weigh = (value: string) => (value === 'b' ? 1_000 : 1);
      expectObservable(source.pipe(batch({ ...limits, weigh }))).toBe('-(xy)(z|)', {
        x: ['a'],
        y: ['b'],
        z: ['c'],
      });
    });
  });

  const roomy = { ...limits, maxItems: 9, maxWaitMs: 50 };

  test('closes when it has all that is awaited, whichever comes last', () => {
    marbles(({ cold, hot, expectObservable }) => {
      const numbers = { '0': 0, '1': 1, '2': 2, '3': 3 };
      const source = '---ab---c--d---|';
      for (const [awaited, batches] of [
        ['0-2-----------', '----x------y---|'],
        ['0-----2-------', '------x----y---|'],
        ['0-3--2--------', '-----x-----y---|'],
        ['0-3-----------', '--------v------(d|)'],
        ['0-----1---0---', '------x-c------(d|)'],
        ['0-1-----------', '---ab---c--d---|'],
        ['0-------------', '---------------(z|)'],
      ] as const) {
        const values = {
          a: ['a'],
          b: ['b'],
          c: ['c'],
          d: ['d'],
          v: ['a', 'b', 'c'],
          x: ['a', 'b'],
          y: ['c', 'd'],
          z: ['a', 'b', 'c', 'd'],
        };
        const options = { ...roomy, awaited: hot(awaited, numbers) };
        expectObservable(cold(source).pipe(batch(options))).toBe(batches, values);
      }
    });
  });

  test('nobody waits for an empty batch; the end and an error of who waits are heard', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const awaited = hot('-0--0----', { '0': 0 });
      expectObservable(cold('-----|').pipe(batch({ ...roomy, awaited }))).toBe('-----|');
      expectSubscriptions(awaited.subscriptions).toBe('^----!');
      expectObservable(cold('--a--|').pipe(batch({ ...roomy, awaited: cold('---#') }))).toBe('---#');
      expectObservable(cold('--a--|').pipe(batch({ ...roomy, awaited: cold('---|') }))).toBe('-----(a|)', { a: ['a'] });
    });
  });

  test('an error of the source passes at once', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('a-#').pipe(batch(limits))).toBe('--#');
    });
  });

  test('an exception of weigh is an error', () => {
    marbles(({ cold, expectObservable }) => {
      const weigh = () => {
        throw new Error('no weight');
      };
      expectObservable(cold('a-|').pipe(batch({ ...limits, weigh }))).toBe('#', undefined, new Error('no weight'));
    });
  });

  test('unsubscribing stops the source and the timer', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a--------|');
      expectObservable(source.pipe(batch(limits)), '--!').toBe('---');
      expectSubscriptions(source.subscriptions).toBe('^-!');
    });
  });

  test('keeps order, loses nothing and respects the limits, whatever the weights', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 150 })),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 200 }),
        (weights, maxItems, maxBytes) => {
          const batches: (readonly number[])[] = [];
          from(weights)
            .pipe(batch({ maxItems, maxBytes, maxWaitMs: 1_000, weigh: (weight) => weight }))
            .subscribe((values) => batches.push(values));
          assert.equal(batches.flat(), weights);
          for (const values of batches) {
            assert.ok(values.length > 0 && values.length <= maxItems);
            const bytes = values.reduce((sum, weight) => sum + weight, 0);
            assert.ok(bytes <= maxBytes || values.length === 1);
          }
        },
      ),
    );
  });

  test('values at any moments, and any end: each batch closes when a plain list with a deadline would', () => {
    const reference = (
      arrivals: readonly { readonly at: number; readonly weight: number }[],
      ending: { readonly at: number; readonly kind: 'complete' | 'error' | 'unsubscribe' },
      { maxItems, maxBytes, maxWaitMs }: Readonly<Record<'maxItems' | 'maxBytes' | 'maxWaitMs', number>>,
    ): (readonly [number, readonly number[]])[] => {
      const closed: [number, readonly number[]][] = [];
      let open: number[] = [];
      let deadline = Infinity;
      const sum = () => open.reduce((total, weight) => total + weight, 0);
      const close = (at: number) => {
        if (open.length > 0) closed.push([at, open]);
        open = [];
        deadline = Infinity;
      };
      for (const { at, weight } of arrivals) {
        if (deadline < at) close(deadline);
        if (sum() + weight > maxBytes) close(at);
        if (open.length === 0) deadline = at + maxWaitMs;
        open.push(weight);
        if (open.length === maxItems || sum() >= maxBytes) close(at);
      }
      if (deadline < ending.at) close(deadline);
      if (ending.kind === 'complete') close(ending.at);
      return closed;
    };
    fc.assert(
      fc.property(
        fc.array(fc.record({ gap: fc.nat({ max: 15 }), weight: fc.nat({ max: 60 }) }), { maxLength: 40 }),
        fc.record({
          maxItems: fc.integer({ min: 1, max: 7 }),
          maxBytes: fc.integer({ min: 1, max: 120 }),
          // Odd, while all that happens happens at even moments: nothing falls on a deadline.
          maxWaitMs: fc.nat({ max: 40 }).map((half) => 2 * half + 1),
        }),
        fc.constantFrom('complete', 'error', 'unsubscribe'),
        fc.nat({ max: 60 }),
        (steps, limits, kind, rest) => {
          const scheduler = new VirtualTimeScheduler();
          let now = 0;
          const arrivals = steps.map(({ gap, weight }) => ({ at: (now += 2 * gap), weight }));
          const ending = { at: now + 2 * rest, kind } as const;
          const source = new Subject<number>();
          const closed: (readonly [number, readonly number[]])[] = [];
          let ended: string | undefined;
          const subscription = source.pipe(batch({ ...limits, weigh: (weight) => weight, scheduler })).subscribe({
            next: (values) => closed.push([scheduler.now(), values]),
            error: () => (ended = 'error'),
            complete: () => (ended = 'complete'),
          });
          for (const { at, weight } of arrivals) scheduler.schedule(() => source.next(weight), at);
          scheduler.schedule(() => {
            if (kind === 'complete') source.complete();
            else if (kind === 'error') source.error(new Error('the source'));
            else subscription.unsubscribe();
          }, ending.at);
          scheduler.flush();
          assert.equal(closed, reference(arrivals, ending, limits));
          assert.is(ended ?? 'unsubscribe', kind);
          assert.is(source.observed, false);
        },
      ),
    );
  });
});
