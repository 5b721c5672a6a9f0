import fc from 'fast-check';
import { EMPTY, NEVER, from } from 'rxjs';
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
});
