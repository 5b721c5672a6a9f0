import { Observable, of } from 'rxjs';
import * as assert from 'uvu/assert';
import { observerOf } from '../../src/core/observer-of.js';
import { suite } from '../support/suite.js';

suite('observerOf()', (test) => {
  const through = (callbacks: Parameters<typeof observerOf<number>>[1], source: Observable<number> = of(1, 2)) => {
    const seen: unknown[] = [];
    new Observable<never>((subscriber) => source.subscribe(observerOf(subscriber, callbacks))).subscribe({
      error: (error: unknown) => seen.push((error as Error).message),
      complete: () => seen.push('complete'),
    });
    return seen;
  };

  test('what a callback throws is the error of the stream, and nothing follows', () => {
    const values: number[] = [];
    const next = (value: number) => {
      values.push(value);
      throw new Error('next');
    };
    assert.equal([through({ next }), values], [['next'], [1]]);
    const complete = () => {
      throw new Error('complete');
    };
    assert.equal(through({ next: () => {}, complete }), ['complete']);
  });

  test('without a callback, completion passes; an error passes also if its callback throws', () => {
    assert.equal(through({ next: () => {} }), ['complete']);
    const failing = new Observable<number>((subscriber) => subscriber.error(new Error('source')));
    const told: unknown[] = [];
    assert.equal(through({ next: () => {}, error: (error) => told.push(error) }, failing), ['source']);
    assert.is(told.length, 1);
  });
});
