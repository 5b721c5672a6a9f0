import { EMPTY, NEVER, from, of, take, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import { keep } from '../../src/core/keep.js';
import { marbles } from '../support/marbles.js';
import { suite } from '../support/suite.js';

suite('keep()', (test) => {
  const boxed = keep((value: string) => (value === 'x' ? undefined : { value }));
  const values = { a: { value: 'a' }, b: { value: 'b' } };

  test('never stays never, empty stays empty', () => {
    marbles(({ expectObservable }) => {
      expectObservable(NEVER.pipe(boxed)).toBe('-');
      expectObservable(EMPTY.pipe(boxed)).toBe('|');
    });
  });

  test('maps each value, and drops what becomes undefined', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  -a-x-b-|');
      expectObservable(source.pipe(boxed)).toBe('-a---b-|', values);
      expectSubscriptions(source.subscriptions).toBe('^------!');
    });
  });

  test('an error of the source passes', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('-a-#').pipe(boxed)).toBe('-a-#', values);
    });
  });

  test('an exception of the callback is an error and ends the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b-|');
      const failing = keep((value: string) => {
        if (value === 'b') throw new Error('b');
        return { value };
      });
      expectObservable(source.pipe(failing)).toBe('-a-#', values, new Error('b'));
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test('unsubscribing ends the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b-|');
      expectObservable(source.pipe(boxed), '--!').toBe('-a-', values);
      expectSubscriptions(source.subscriptions).toBe('^-!');
    });
  });

  test('after the end the callback is called no more, even if the source is synchronous', () => {
    const called: number[] = [];
    const count = keep((value: number) => {
      called.push(value);
      return { value };
    });
    from([1, 2, 3]).pipe(count, take(1)).subscribe();
    assert.equal(called, [1]);
  });

  test('holds nothing: a value is out before the next comes in', () => {
    const log: string[] = [];
    const source = of('a', 'b').pipe(
      keep((value) => {
        log.push(`in ${value}`);
        return { value };
      }),
    );
    source.subscribe(({ value }) => log.push(`out ${value}`));
    assert.equal(log, ['in a', 'out a', 'in b', 'out b']);
    source.pipe(toArray()).subscribe((all) => assert.is(all.length, 2));
  });
});
