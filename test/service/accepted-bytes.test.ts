import { from, lastValueFrom, map, mergeMap, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import { Envelope } from '../../src/core/envelope.js';
import type { Outcome } from '../../src/core/outcome.js';
import type { Settled } from '../../src/core/settled.js';
import { acceptedBytes } from '../../src/service/accepted-bytes.js';
import type { Operation } from '../../src/sinks/operation.js';
import { suite } from '../support/suite.js';

const version = { signature: 's', content: null };

suite('acceptedBytes', (test) => {
  test('counts the bytes of what was written, and of nothing else', async () => {
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
    let bytes = 0;
    const sink = acceptedBytes(
      (batches) =>
        batches.pipe(
          mergeMap((batch) => from(batch), 1),
          map((envelope): Settled => ({ envelope, outcome: outcomes[envelope.value.id] ?? { kind: 'deleted' } })),
        ),
      (more) => (bytes += more),
    );
    const batch = operations.map((operation) => Envelope.of(operation, () => {}));
    const settled = await lastValueFrom(from([batch.slice(0, 2), batch.slice(2)]).pipe(sink, toArray()));
    assert.is(settled.length, 4);
    assert.is(bytes, 13 + 10 + 2);
  });
});
