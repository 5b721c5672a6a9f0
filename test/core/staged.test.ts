import { Observable, type OperatorFunction, from, map, of, throwError, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import type { Envelope } from '../../src/core/envelope.js';
import { PermanentError, StageError } from '../../src/core/errors.js';
import { staged } from '../../src/core/staged.js';
import { Envelopes } from '../support/envelopes.js';
import { marbles } from '../support/marbles.js';
import { suite } from '../support/suite.js';

suite('staged()', (test) => {
  const failureOf = <A>(source: Observable<A>, ...stages: OperatorFunction<A, A>[]): unknown => {
    let caught: unknown;
    stages.reduce((all, stage) => all.pipe(stage), source).subscribe({ error: (error: unknown) => (caught = error) });
    return caught;
  };

  test('what the operator does stays as it is', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b-|');
      expectObservable(
        source.pipe(
          staged(
            'upper',
            map((value) => value.toUpperCase()),
          ),
        ),
      ).toBe('-A-B-|');
      expectSubscriptions(source.subscriptions).toBe('^----!');
      const endless = cold('a--b');
      expectObservable(
        endless.pipe(
          staged(
            'x',
            map((value) => value),
          ),
        ),
        '-!',
      ).toBe('a-');
      expectSubscriptions(endless.subscriptions).toBe('^!');
    });
  });

  test('envelopes, alone or in a batch, say where they are', () => {
    const envelopes = new Envelopes();
    const one = envelopes.of('a');
    const batch = [envelopes.of('b'), envelopes.of('c')];
    const inputs: Observable<Envelope<string> | readonly Envelope<string>[]> = from([one, batch]);
    inputs.pipe(staged('here', toArray())).subscribe();
    assert.equal(
      [one, ...batch].map(({ stage }) => stage),
      ['here', 'here', 'here'],
    );
    assert.is(envelopes.of('d').stage, 'source');
  });

  test('a fault of the program says whose it is; one from above, and one that is meant for people, stay as they are', () => {
    const faulty = staged(
      'faulty',
      map((): number => {
        throw new RangeError('out of range');
      }),
    );
    const fine = staged(
      'fine',
      map((value: number) => value),
    );
    const caught = failureOf(of(1), fine, faulty, fine);
    assert.instance(caught, StageError);
    assert.match((caught as Error).message, /The stage "faulty" has failed: out of range/);
    const refused = new PermanentError('refused');
    assert.is(
      failureOf(
        of(1),
        staged('x', () => throwError(() => refused)),
        fine,
      ),
      refused,
    );
    const above = new Error('above');
    assert.is(
      failureOf(
        throwError(() => above),
        fine,
      ),
      above,
    );
  });

  test('what a stage throws when it is subscribed to is its error, too', () => {
    const throwing = staged('at once', () => {
      throw new Error('no source');
    });
    assert.match((failureOf(of(1), throwing) as Error).message, /stage "at once" has failed: no source/);
    const later = staged(
      'subscribed',
      () =>
        new Observable<number>(() => {
          throw new Error('no subscriber');
        }),
    );
    assert.match((failureOf(of(1), later) as Error).message, /stage "subscribed" has failed: no subscriber/);
  });
});
