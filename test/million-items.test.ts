import type { Observable } from 'rxjs';
import { type OperatorFunction, map, of, range, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import { Budget } from '../src/core/budget.js';
import { Envelope } from '../src/core/envelope.js';
import { flatten, inOrder } from '../src/core/flatten.js';
import { keep } from '../src/core/keep.js';
import type { Outcome } from '../src/core/outcome.js';
import type { Settled } from '../src/core/settled.js';
import { staged } from '../src/core/staged.js';
import { applySyncRules } from '../src/operators/apply-sync-rules.js';
import { batch } from '../src/operators/batch.js';
import { changedSince } from '../src/operators/changed-since.js';
import type { Compared, Draft } from '../src/operators/draft.js';
import { extractContent } from '../src/operators/extract-content.js';
import { settle } from '../src/operators/settle.js';
import { syncRules } from '../src/operators/sync-rules/sync-rules.js';
import { toDocument } from '../src/operators/to-document.js';
import { pipeline } from '../src/pipeline.js';
import type { Operation } from '../src/sinks/operation.js';
import { written } from '../src/sinks/written.js';
import type { Change, Found } from '../src/sources/change.js';
import { startRun } from '../src/state/start-run.js';
import { FakeBox } from './support/fake-box.js';
import { found } from './support/found.js';
import { suite } from './support/suite.js';
import { plainText } from './support/sync-rig.js';

const million = 1_000_000;

// A storm of items that end at once: no stage may need a stack that grows with them.
suite(
  'a million items that are there at once',
  (test) => {
    const item = found({ type: 'web_link', id: '1', name: 'L' } as Found['item']);
    const draft: Draft<object> = { kind: 'draft', found: item, document: { a: 1 } };
    const compared: Compared<object> = {
      kind: 'compared',
      found: item,
      document: { a: 1 },
      source: '{"a":1}',
      signature: 's',
      wanted: null,
      difference: 'whole',
    };
    const operation: Operation = { kind: 'delete', id: '1' };
    const ignore = () => {};
    const envelopes = <T>(value: T) => range(0, million).pipe(map(() => Envelope.of(value, ignore)));
    const counted = (source: Observable<unknown>): number => {
      let count = 0;
      let end = '';
      source.subscribe({
        next: () => (count += 1),
        error: (error: unknown) => (end = String(error)),
        complete: () => (end = 'complete'),
      });
      assert.is(end, 'complete');
      return count;
    };
    const limits = { maxItems: 1_000, maxBytes: 1_000_000, maxWaitMs: 1_000, weigh: () => 1 };
    const none = syncRules([]);
    const deps = { box: new FakeBox(), budget: new Budget(1), extractor: plainText };
    const changes = { hash: (text: string) => text, wantedContent: () => null, rules: '' };

    test('toDocument()', () => {
      assert.is(counted(envelopes<Change>(item).pipe(toDocument({ map: () => ({ a: 1 }) }))), million);
    });
    test('changedSince()', () => {
      assert.is(counted(envelopes(draft).pipe(changedSince(changes))), million);
    });
    test('applySyncRules()', () => {
      assert.is(counted(envelopes(compared).pipe(applySyncRules({ rules: none }))), million);
    });
    test('extractContent()', () => {
      assert.is(counted(envelopes(compared).pipe(extractContent(deps, { maxBytes: 1, concurrency: 1 }))), million);
    });
    test('batch()', () => {
      assert.is(counted(envelopes(operation).pipe(batch(limits))), million / limits.maxItems);
    });
    test('staged() and keep()', () => {
      assert.is(
        counted(
          envelopes(operation).pipe(
            staged(
              'x',
              keep((one) => one),
            ),
          ),
        ),
        million,
      );
    });
    test('settle()', () => {
      const run = startRun();
      const outcome: Outcome = { kind: 'deleted' };
      const settled = envelopes(operation).pipe(map((envelope): Settled => ({ envelope, outcome })));
      assert.is(counted(settled.pipe(settle({ run }))), million);
    });

    test('the whole pipeline, with room for a hundred rows and a sink that answers at once', () => {
      const run = startRun({ rows: 100 });
      const page = run.detachedPage();
      const source = range(0, million / 100).pipe(
        inOrder(() => run.ledger.reserve(100)),
        inOrder((rows) =>
          run.gates.admit(
            Array.from({ length: rows }, (_, index) => run.found({ ...item, documentId: String(index) }, page)),
          ),
        ),
        inOrder((some) => some as readonly Envelope<Change>[]),
      );
      const sink: OperatorFunction<readonly Envelope<Operation>[], Settled> = flatten(
        (some) => of(...some.map((envelope): Settled => ({ envelope, outcome: written(envelope.value) }))),
        2,
      );
      const outcomes = pipeline(
        { run, source, sink, box: deps.box, extractor: plainText },
        {
          document: { map: () => ({ a: 1 }) },
          changes,
          rules: { rules: none },
          content: { maxBytes: 1, concurrency: 1 },
          batch: { ...limits, maxItems: 10 },
        },
      );
      assert.is(counted(outcomes), million);
      assert.is(run.tally.finalReport().written, million);
    });

    test('gathered, they are all there', () => {
      let length = 0;
      envelopes(operation)
        .pipe(
          flatten((envelope) => [envelope], 1),
          toArray(),
        )
        .subscribe((all) => (length = all.length));
      assert.is(length, million);
    });
  },
  { timeoutMs: 120_000 },
);
