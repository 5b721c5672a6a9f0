import { type Observable, concatMap, firstValueFrom, from, map, of, throwError, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import { type Sink, bothSinks } from '../../examples/both-sinks.js';
import type { Envelope } from '../../src/core/envelope.js';
import type { Outcome } from '../../src/core/outcome.js';
import type { Settled } from '../../src/core/settled.js';
import type { Operation } from '../../src/sinks/operation.js';
import { enveloped, index, remove } from '../sinks/operations.js';
import { suite } from '../support/suite.js';

const version = { signature: 's', content: null };
const written: Outcome = { kind: 'written', version };

/** Ends each operation as `end` says, a batch at a time in reverse order. */
function endingAs(end: (id: string) => Outcome): Sink {
  return concatMap((batch: readonly Envelope<Operation>[]) =>
    from(batch.map((envelope): Settled => ({ envelope, outcome: end(envelope.value.id) })).reverse()),
  );
}

async function run(first: Sink, second: Sink, operations: readonly Operation[]): Promise<[string, string][]> {
  const envelopes = enveloped(operations);
  const batches: Observable<readonly Envelope<Operation>[]> = of(envelopes.slice(0, 2), envelopes.slice(2));
  return firstValueFrom(
    batches.pipe(
      bothSinks(first, second),
      map(({ envelope, outcome }): [string, string] => {
        // Throws if it has been ended before.
        envelope.settle(outcome);
        return [(envelope.value as Operation).id, outcome.kind];
      }),
      toArray(),
    ),
  );
}

suite('examples/both-sinks', (test) => {
  test('each envelope comes out once, as the first sink ended it', async () => {
    const ends = await run(
      endingAs((id) => (id === 'c' ? { kind: 'deleted' } : { kind: 'unchanged', version })),
      endingAs(() => written),
      [index('a', {}), index('b', {}), remove('c')],
    );
    assert.equal(ends.sort(), [
      ['a', 'unchanged'],
      ['b', 'unchanged'],
      ['c', 'deleted'],
    ]);
  });

  test('what either rejects is rejected', async () => {
    const rejecting = (bad: string) =>
      endingAs((id) => (id === bad ? { kind: 'rejected', reason: 'no room' } : written));
    const ends = await run(rejecting('a'), rejecting('b'), [index('a', {}), index('b', {}), index('c', {})]);
    assert.equal(ends.sort(), [
      ['a', 'rejected'],
      ['b', 'rejected'],
      ['c', 'written'],
    ]);
  });

  test('a failure of the second is one of the whole', async () => {
    const broken: Sink = () => throwError(() => new Error('disk full'));
    let message = '';
    await run(
      endingAs(() => written),
      broken,
      [index('a', {})],
    ).catch((error: unknown) => (message = (error as Error).message));
    assert.is(message, 'disk full');
  });
});
