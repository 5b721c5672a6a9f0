import { from, lastValueFrom, map, mergeMap, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import { settledBytes } from '../../src/app/settled-bytes.js';
import { Envelope } from '../../src/core/envelope.js';
import type { Outcome } from '../../src/core/outcome.js';
import type { Settled } from '../../src/core/settled.js';
import type { Operation } from '../../src/sinks/operation.js';
import { suite } from '../support/suite.js';

const version = { signature: 's', content: null };

suite('settledBytes', (test) => {
  test('tells how each operation ended and how large it was', async () => {
    const outcomes: Record<string, Outcome> = {
      1: { kind: 'written', version },
      2: { kind: 'rejected', reason: 'no' },
      3: { kind: 'deleted' },
      4: { kind: 'written', version },
    };
    const operations: Operation[] = [
      { kind: 'index', id: '1', source: '{"name":"ä"}', content: '"body":"x"', version },
      { kind: 'index', id: '2', source: '{"name":"b"}', content: '', version },
      { kind: 'delete', id: '3' },
      { kind: 'update', id: '4', source: '{}', version, whole: from([]) },
    ];
    const told: (readonly [string, number])[] = [];
    const sink = settledBytes(
      (batches) =>
        batches.pipe(
          mergeMap((batch) => from(batch), 1),
          map((envelope): Settled => ({ envelope, outcome: outcomes[envelope.value.id] ?? { kind: 'deleted' } })),
        ),
      (outcome, bytes) => told.push([outcome, bytes]),
    );
    const batch = operations.map((operation) => Envelope.of(operation, () => {}));
    const settled = await lastValueFrom(from([batch.slice(0, 2), batch.slice(2)]).pipe(sink, toArray()));
    assert.is(settled.length, 4);
    assert.equal(told, [
      ['written', 13 + 10],
      ['rejected', 12],
      ['deleted', 0],
      ['written', 2],
    ]);
  });
});
