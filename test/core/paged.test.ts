import { EMPTY, type Observable, lastValueFrom, of, throwError, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import { paged } from '../../src/core/paged.js';
import { marbles } from '../support/marbles.js';
import { suite } from '../support/suite.js';

suite(
  'paged()',
  (test) => {
    test('each page is read when the one before has ended, until there is none', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold(' --a-|');
        const second = cold('--b|');
        const pages: Record<string, Observable<string> | undefined> = { start: first, a: second };
        expectObservable(paged<string>((before) => pages[before ?? 'start'])).toBe('--a---b|');
        expectSubscriptions(second.subscriptions).toBe('----^--!');
      });
    });

    test('a read without a page is the end; an error and an exception end it', () => {
      marbles(({ expectObservable }) => {
        expectObservable(paged(() => EMPTY)).toBe('|');
        expectObservable(paged(() => undefined)).toBe('|');
        expectObservable(paged(() => throwError(() => new Error('x')))).toBe('#', undefined, new Error('x'));
        const throwing = paged(() => {
          throw new Error('y');
        });
        expectObservable(throwing).toBe('#', undefined, new Error('y'));
      });
    });

    test('each subscription begins anew', () => {
      const pages = paged<number>((before) => ((before ?? 0) < 3 ? of((before ?? 0) + 1) : undefined));
      for (let round = 0; round < 2; round += 1) {
        let seen: readonly number[] = [];
        pages.pipe(toArray()).subscribe((values) => (seen = values));
        assert.equal(seen, [1, 2, 3]);
      }
    });

    test('a million pages that are there at once', async () => {
      const pages = paged<number>((before) => ((before ?? 0) < 1_000_000 ? of((before ?? 0) + 1) : undefined));
      assert.is(await lastValueFrom(pages), 1_000_000);
    });
  },
  { timeoutMs: 30_000 },
);
