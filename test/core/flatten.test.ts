import { EMPTY, NEVER, type Observable, Subject, from, of, map, range, throwError, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import { type Inner, flatten, inOrder } from '../../src/core/flatten.js';
import { marbles } from '../support/marbles.js';
import { suite } from '../support/suite.js';

const million = 1_000_000;

for (const [name, operator] of [
  ['flatten()', (project: (value: string) => Inner<string>) => flatten(project, 1)],
  ['inOrder()', inOrder<string, string>],
] as const) {
  suite(
    name,
    (test) => {
      test('never stays never, empty stays empty, an error of the source passes', () => {
        const through = operator((value) => [value]);
        marbles(({ cold, expectObservable }) => {
          expectObservable(NEVER.pipe(through)).toBe('-');
          expectObservable(EMPTY.pipe(through)).toBe('|');
          expectObservable(cold('-a-#').pipe(through)).toBe('-a-#');
        });
      });

      test('one inner Observable after the other; it completes with the last of them', () => {
        marbles(({ cold, expectObservable, expectSubscriptions }) => {
          const x = cold('    --x-x|');
          const y = cold('         ---y|');
          const source = cold('-x-y-|');
          expectObservable(source.pipe(operator((value) => (value === 'x' ? x : y)))).toBe('---x-x---y|');
          expectSubscriptions(x.subscriptions).toBe('-^----!');
          expectSubscriptions(y.subscriptions).toBe('------^---!');
        });
      });

      test('the error of an inner Observable ends everything', () => {
        marbles(({ cold, expectObservable, expectSubscriptions }) => {
          const source = cold('a---b|');
          expectObservable(source.pipe(operator(() => cold('--#')))).toBe('--#');
          expectSubscriptions(source.subscriptions).toBe('^-!');
        });
      });

      test('an exception of the callback is an error and ends the source', () => {
        marbles(({ cold, expectObservable, expectSubscriptions }) => {
          const source = cold('-a-b-|');
          const failing = operator((value) => {
            if (value === 'b') throw new Error('b');
            return [value];
          });
          expectObservable(source.pipe(failing)).toBe('-a-#', undefined, new Error('b'));
          expectSubscriptions(source.subscriptions).toBe('^--!');
        });
      });

      test('unsubscribing ends what is under way and starts nothing more', () => {
        marbles(({ cold, expectObservable, expectSubscriptions }) => {
          const inner = cold('--x--x|');
          expectObservable(cold('ab--|').pipe(operator(() => inner)), '---!').toBe('--x-');
          expectSubscriptions(inner.subscriptions).toBe('^--!');
        });
      });

      test('a million that end at once, before and behind one that does not', () => {
        const gate = new Subject<string>();
        let seen = 0;
        let done = false;
        range(0, million)
          .pipe(
            map((index) => (index === 10 ? 'gate' : 'x')),
            operator((value) => (value === 'gate' ? gate : of(value))),
          )
          .subscribe({ next: () => (seen += 1), complete: () => (done = true) });
        assert.equal([seen, done], [10, false]);
        gate.complete();
        assert.equal([seen, done], [million - 1, true]);
      });
    },
    { timeoutMs: 30_000 },
  );
}

suite(
  'flatten() and what is there at once',
  (test) => {
    test('a value that makes the source emit from within its own emission, a million times', () => {
      const echo = new Subject<number>();
      let last = 0;
      echo.pipe(inOrder((value) => of(value))).subscribe((value) => {
        last = value;
        if (value < million) echo.next(value + 1);
      });
      echo.next(1);
      assert.is(last, million);
    });

    test('passes at once, beside and before what waits, and takes no place', () => {
      marbles(({ cold, expectObservable }) => {
        const source = cold('a-bcd-|');
        const slow = cold('  ----s|');
        const merged = source.pipe(flatten((value) => (value === 'a' || value === 'c' ? slow : [value]), 1));
        expectObservable(merged).toBe('--b-(ds)-s|', { b: 'b', d: 'd', s: 's' });
      });
    });

    test('more than one at once, no more than `concurrency`', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const a = cold('    ----a|');
        const b = cold('     ----b|');
        const c = cold('         -c|');
        const all: Record<string, Observable<string>> = { a, b, c };
        expectObservable(cold('abc|').pipe(flatten((value) => all[value] ?? EMPTY, 2))).toBe('----abc|');
        expectSubscriptions(c.subscriptions).toBe('-----^-!');
      });
    });

    test('several values of one, and none', () => {
      const seen: string[] = [];
      from(['a', 'b', 'c'])
        .pipe(
          flatten((value) => (value === 'b' ? [] : [value, `${value}2`]), 1),
          toArray(),
        )
        .subscribe((values) => seen.push(...values));
      assert.equal(seen, ['a', 'a2', 'c', 'c2']);
    });

    test('refuses a concurrency that is none', () => {
      for (const concurrency of [0, NaN, -1])
        assert.throws(() => flatten(() => [], concurrency), /expected at least 1/);
    });

    test('what throws behind it is the error of the stream, not an unhandled one', () => {
      let caught = '';
      const bare = flatten((value: number) => [value], 1);
      of(1)
        .pipe(
          bare,
          flatten(() => throwError(() => new Error('behind')), 1),
        )
        .subscribe({ error: (error: unknown) => (caught = (error as Error).message) });
      assert.is(caught, 'behind');
    });
  },
  { timeoutMs: 30_000 },
);
