import * as fc from 'fast-check';
import {
  Observable,
  EMPTY,
  NEVER,
  Subject,
  VirtualTimeScheduler,
  concatMap,
  defer,
  from,
  map,
  of,
  throwError,
  timer,
} from 'rxjs';
import * as assert from 'uvu/assert';
import type { Envelope } from '../../src/core/envelope.js';
import { AuthError, PermanentError, TransientError } from '../../src/core/errors.js';
import type { Settled } from '../../src/core/settled.js';
import type { BulkAnswer, BulkItemAnswer } from '../../src/sinks/bulk-client.js';
import { type ElasticsearchBulkOptions, elasticsearchBulk } from '../../src/sinks/elasticsearch-bulk.js';
import { defaultErrorMonitor } from '../../src/sinks/error-monitor.js';
import type { Operation } from '../../src/sinks/operation.js';
import { pipelineFlags } from '../../src/sinks/pipeline-flags.js';
import { marbles } from '../support/marbles.js';
import { suite } from '../support/suite.js';
import {
  type FakeAction,
  type FakeElasticsearch,
  type FakeFaults,
  fakeElasticsearch,
  trialId,
} from './fake-elasticsearch.js';
import { enveloped, index, remove, update } from './operations.js';

interface Ran {
  readonly fake: FakeElasticsearch;
  readonly settled: Settled[];
  readonly error: unknown;
  readonly completed: boolean;
  /** Virtual milliseconds that it took. */
  readonly ms: number;
}

const busy: BulkItemAnswer = { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'queue full' } };
const refused: BulkItemAnswer = {
  status: 400,
  error: { type: 'document_parsing_exception', reason: 'failed to parse field [size] of type [long]' },
};
const blocked: BulkItemAnswer = {
  status: 429,
  error: { type: 'cluster_block_exception', reason: 'disk usage exceeded flood-stage watermark' },
};

/** Runs the sink to its end in virtual time. */
function run(
  batches:
    | readonly (readonly Operation[])[]
    | ((scheduler: VirtualTimeScheduler) => Observable<readonly Envelope<Operation>[]>),
  faults: FakeFaults = {},
  options: Partial<ElasticsearchBulkOptions> = {},
  random = () => 0.5,
): Ran {
  const scheduler = new VirtualTimeScheduler();
  const fake = fakeElasticsearch(scheduler, faults);
  const source = typeof batches === 'function' ? batches(scheduler) : from(batches.map((batch) => enveloped(batch)));
  const settled: Settled[] = [];
  let error: unknown;
  let completed = false;
  source.pipe(elasticsearchBulk({ client: fake, random, scheduler }, { index: 'box', ...options })).subscribe({
    next: (value) => settled.push(value),
    error: (failure: unknown) => (error = failure),
    complete: () => (completed = true),
  });
  scheduler.flush();
  assert.is(completed, error === undefined, 'it ends');
  return { fake, settled, error, completed, ms: scheduler.now() };
}

function kinds({ settled }: Ran): string[] {
  return settled.map(({ envelope, outcome }) => `${(envelope.value as Operation).id} ${outcome.kind}`);
}

function many(count: number, prefix = 'd'): Operation[] {
  return Array.from({ length: count }, (_, position) => index(`${prefix}${position}`, { name: `${position}` }));
}

/** Answers so the first `times` times that this id is tried. */
function firstTimes(id: string, times: number, said: BulkItemAnswer): NonNullable<FakeFaults['item']> {
  let left = times;
  return (action) => (action.id === id && left-- > 0 ? said : undefined);
}

suite(
  'elasticsearchBulk()',
  (test) => {
    test('never, empty, source error, early unsubscribe', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const fake = fakeElasticsearch(scheduler);
        const sink = elasticsearchBulk({ client: fake, random: Math.random, scheduler }, { index: 'box' });
        const broke = new Error('broke');
        expectObservable(NEVER.pipe(sink)).toBe('-');
        expectObservable(EMPTY.pipe(sink)).toBe('|');
        expectObservable(throwError(() => broke).pipe(sink)).toBe('#', undefined, broke);
        const source = cold<Envelope<Operation>[]>('-----a', { a: enveloped([remove('1')]) });
        expectObservable(source.pipe(sink), '--!').toBe('--');
        expectSubscriptions(source.subscriptions).toBe('^-!');
      });
    });

    test('emits an answer when it comes, and completes behind the last', () => {
      marbles(({ cold, expectObservable }, scheduler) => {
        const fake = fakeElasticsearch(scheduler, { latency: () => 3 });
        const [one, two] = [enveloped([remove('1')]), enveloped([remove('2')])];
        const sink = elasticsearchBulk({ client: fake, random: Math.random, scheduler }, { index: 'box' });
        const ends = cold('a-b|', { a: one, b: two }).pipe(
          sink,
          map(({ outcome }) => outcome.kind),
        );
        expectObservable(ends).toBe('---x-(y|)', { x: 'deleted', y: 'deleted' });
      });
    });

    test('unsubscribing aborts the requests under way, documents being made whole, and waits', () => {
      const scheduler = new VirtualTimeScheduler();
      const open = new Set<string>();
      const watched = (name: string) =>
        new Observable<never>(() => {
          open.add(name);
          return () => open.delete(name);
        });
      const missing = { status: 404, error: { type: 'document_missing_exception' } };
      let requests = 0;
      const client = {
        bulk: () => {
          requests += 1;
          return requests === 1
            ? of({ errors: true, items: [{ update: missing }, { delete: busy }] })
            : watched(`request ${requests}`);
        },
      };
      const source = new Subject<Envelope<Operation>[]>();
      const sink = elasticsearchBulk({ client, random: () => 0.5, scheduler }, { index: 'box' });
      const subscription = source.pipe(sink).subscribe();
      source.next(enveloped([update('1', {}, watched('whole')), remove('2')]));
      source.next(enveloped([remove('3')]));
      assert.equal([...open].sort(), ['request 2', 'whole']);
      subscription.unsubscribe();
      assert.is(open.size, 0);
      assert.not(source.observed);
      scheduler.flush();
      assert.is(requests, 2);
    });

    test('whole documents carry the flags, partial updates do not; the pipeline goes with the request', () => {
      const flags = pipelineFlags({ extractBinaryContent: true, reduceWhitespace: true, runMlInference: false });
      const { fake } = run(
        [[index('1', { name: 'a' }, { body: 'x' })], [update('1', { name: 'b' })]],
        {},
        { pipeline: { name: 'p', flags } },
      );
      const [whole, partial] = fake.requests;
      assert.is(whole?.pipeline, 'p');
      assert.equal(whole?.actions[0]?.document, {
        id: '1',
        name: 'a',
        body: 'x',
        _extract_binary_content: true,
        _reduce_whitespace: true,
        _run_ml_inference: false,
        _sync: { signature: 's-1', content_version: 'c-1' },
      });
      assert.equal(partial?.actions[0]?.document, {
        id: '1',
        name: 'b',
        _sync: { signature: 'u-1', content_version: 'c-1' },
      });
    });

    const itemCases: readonly [string, Operation, BulkItemAnswer, string | RegExp][] = [
      [
        '409 on index: a newer one is there',
        index('1', {}),
        { status: 409, error: { type: 'version_conflict_engine_exception' } },
        'unchanged',
      ],
      [
        '400 with the field',
        index('1', {}),
        refused,
        /^field "size": 400 document_parsing_exception: failed to parse field \[size\]/,
      ],
      ['404 on delete', remove('1'), { status: 404 }, 'deleted'],
      ['404 on index', index('1', {}), { status: 404, error: { type: 'odd' } }, /^404 odd/],
      [
        '413 for one item',
        index('1', {}),
        { status: 413, error: { type: 'too_large', reason: 'x'.repeat(5_000) } },
        /^413 too_large: x{900,}\.\.\.$/,
      ],
    ];
    for (const [title, operation, said, expected] of itemCases) {
      test(`item: ${title}`, () => {
        const ran = run([[operation]], { item: () => said });
        const outcome = ran.settled[0]?.outcome;
        assert.is(ran.settled.length, 1);
        assert.is(ran.fake.requests.length, 1);
        if (typeof expected === 'string') assert.is(outcome?.kind, expected);
        else assert.match(outcome?.kind === 'rejected' ? outcome.reason : '', expected);
      });
    }

    const failureCases: readonly [string, BulkItemAnswer, RegExp][] = [
      [
        'privileges',
        { status: 403, error: { type: 'security_exception', reason: 'action is unauthorized' } },
        /^AuthError: Cannot write to the index "box": 403 security_exception.*create_index/,
      ],
      [
        'index gone',
        { status: 404, error: { type: 'index_not_found_exception', reason: 'no such index [box]' } },
        /^PermanentError: Cannot write to the index "box": 404 index_not_found_exception.*deleted or replaced/,
      ],
      [
        'index replaced',
        {
          status: 404,
          error: { type: 'document_missing_exception', reason: '[1]: document missing', index_uuid: 'other' },
        },
        /deleted or replaced/,
      ],
      [
        'index closed',
        { status: 400, error: { type: 'index_closed_exception', reason: 'closed' } },
        /expected an open index/,
      ],
      [
        'pipeline missing',
        { status: 400, error: { type: 'illegal_argument_exception', reason: 'pipeline with id [p] does not exist' } },
        /^PermanentError: Cannot use the ingest pipeline "p".*extraction\.method/,
      ],
    ];
    for (const [title, said, message] of failureCases) {
      test(`item: ${title} ends the run`, () => {
        const ran = run(
          [[index('1', {}), index('2', {})]],
          { item: () => said },
          { indexUuid: 'mine', pipeline: { name: 'p', flags: '' } },
        );
        assert.match(String(ran.error), message);
        assert.equal(ran.settled, []);
      });
    }

    test('an item that is refused for the moment is sent again alone', () => {
      const ran = run([many(50)], { item: firstTimes('d7', 3, busy) });
      assert.equal(
        ran.fake.requests.map(({ actions }) => actions.length),
        [50, 1, 1, 1],
      );
      assert.is(kinds(ran).at(-1), 'd7 written');
      // Half of 1, 2 and 4 s, and four answers of 10 ms.
      assert.is(ran.ms, 3_540);
    });

    test('what waited for its turn is sent together, within the bounds of a request', () => {
      const twice = [...many(5), ...many(5)];
      const sizes = (ran: Ran) => ran.fake.requests.map(({ actions }) => actions.length);
      assert.equal(sizes(run([twice])), [5, 5]);
      assert.equal(sizes(run([twice], {}, { maxItems: 3 })), [5, 3, 2]);
      assert.equal(sizes(run([twice], {}, { maxBytes: 50 })), [5, 2, 2, 1]);
    });

    test('a busy cluster costs nothing but time, however often it says so, until the time is over', () => {
      const lucky = run([many(10)], { item: firstTimes('d0', 12, busy) }, {}, () => 0.1);
      assert.ok(lucky.settled.every(({ outcome }) => outcome.kind === 'written'));
      const ran = run([many(10)], { item: (action) => (action.id === 'd0' ? busy : undefined) });
      const outcome = ran.settled.at(-1)?.outcome;
      assert.match(
        outcome?.kind === 'rejected' ? outcome.reason : '',
        /^429 es_rejected_execution_exception: queue full \(tried \d+ times in 1[2-3]\d s\)$/,
      );
      assert.ok(ran.ms >= 120_000 && ran.ms < 140_000, `${ran.ms}`);
    });

    test('an item on which Elasticsearch fails is tried a number of times; so is an update that others race', () => {
      for (const said of [
        { status: 500, error: { type: 'null_pointer_exception' } },
        { status: 409, error: { type: 'version_conflict_engine_exception' } },
      ]) {
        const ran = run([[update('1', {})]], { item: () => said });
        assert.equal(kinds(ran), ['1 rejected']);
        assert.is(ran.fake.requests.length, 5);
      }
    });

    test('an update whose document is missing is replaced; the version is that of what was written', () => {
      const whole = index('1', { name: 'fresh' }, { body: 'text' });
      const ran = run((scheduler) =>
        of(enveloped([update('1', { name: 'x' }, timer(500, scheduler).pipe(map(() => whole))), ...many(3)])),
      );
      assert.equal(ran.settled.at(-1)?.outcome, { kind: 'written', version: whole.version });
      assert.is(ran.fake.documents.get('1')?.['body'], 'text');
    });

    test('documents are made whole a few at a time', () => {
      let open = 0;
      let peak = 0;
      const ran = run((scheduler) => {
        const whole = (id: string) =>
          defer(() => {
            peak = Math.max(peak, (open += 1));
            return timer(50, scheduler).pipe(
              map(() => {
                open -= 1;
                return index(id, {});
              }),
            );
          });
        return of(
          enveloped(Array.from({ length: 40 }, (_, position) => update(`${position}`, {}, whole(`${position}`)))),
        );
      });
      assert.is(ran.settled.length, 40);
      assert.is(peak, 4);
    });

    test('a sign-in that fails while a document is made whole ends the run', () => {
      const ran = run([
        [
          update(
            '1',
            {},
            throwError(() => new AuthError('Box refuses')),
          ),
        ],
      ]);
      assert.ok(ran.error instanceof AuthError);
    });

    test('a request that fails for the moment is repeated as it is, and nothing else is sent meanwhile', () => {
      const ran = run([many(5, 'a'), many(5, 'b'), many(5, 'c')], {
        refuse: (request) => (request < 5 ? new TransientError('Cannot write: 503') : undefined),
      });
      assert.equal(ran.settled.length, 15);
      const sent = ran.fake.requests.map(({ at, actions }) => `${at} ${actions[0]?.id} ${actions.length}`);
      assert.equal(sent, [
        // Two at once to begin with, then a pause.
        '0 a0 5',
        '0 b0 5',
        '510 b0 5',
        // Again: from now on only what changes nothing, until that passes.
        `520 ${trialId} 1`,
        `1530 ${trialId} 1`,
        `3540 ${trialId} 1`,
        '3550 b0 5',
        '3560 a0 5',
        '3560 c0 5',
      ]);
    });

    test('a sign-in that is refused behind an outage is tried again: the node may have started a moment ago', () => {
      const starting: FakeFaults = {
        refuse: (request) =>
          request < 2 ? new TransientError('connection refused') : request < 6 ? new AuthError('401') : undefined,
      };
      const ran = run([many(3)], starting);
      assert.equal(ran.settled.length, 3);
      // Once something was accepted, the next refusal is what it says.
      const later = run([many(3, 'a'), many(3, 'b'), many(3, 'c'), many(3, 'd')], {
        refuse: (request) =>
          request < 2 ? new TransientError('connection refused') : request > 3 ? new AuthError('expired') : undefined,
      });
      assert.equal([String(later.error), later.settled.length], ['AuthError: expired', 6]);
      assert.ok(later.ms < 10_000);
    });

    test('a sign-in that is still refused when the time for an outage is over ends the run', () => {
      const failure = new AuthError('expired');
      const ran = run([many(3)], {
        refuse: (request) => (request === 0 ? new TransientError('connection refused') : failure),
      });
      assert.is(ran.error, failure);
      assert.ok(ran.ms >= 120_000 && ran.ms < 160_000, `${ran.ms} ms`);
    });

    test('Retry-After is waited for', () => {
      const ran = run([[remove('1')]], {
        refuse: (request) =>
          request === 0 ? new TransientError('busy', { status: 429, retryAfterMs: 7_000 }) : undefined,
      });
      assert.is(ran.fake.requests[1]?.at, 7_010);
    });

    test('an answer that was cut off after the writing does not matter', () => {
      const ran = run([[index('1', { name: 'a' })], [update('1', { name: 'b' })], [remove('1')]], {
        cut: (request) => (request % 2 === 0 ? new TransientError('reset') : undefined),
      });
      assert.equal(kinds(ran), ['1 written', '1 written', '1 deleted']);
      assert.is(ran.fake.documents.size, 0);
    });

    test('an outage that is too long ends the run with what happened', () => {
      const ran = run([many(10)], { refuse: () => new TransientError('Cannot write: connection refused') });
      assert.match(
        String(ran.error),
        /^TransientError: Cannot write: connection refused \(tried \d+ times in 1[23]\d s after the first failure\)$/,
      );
    });

    test('one slow failure is repeated even if it took longer than all tries may', () => {
      const ran = run([many(2)], {
        latency: (request) => (request === 0 ? 240_000 : 10),
        refuse: (request) => (request === 0 ? new TransientError('timed out') : undefined),
      });
      assert.is(ran.settled.length, 2);
    });

    const strange: readonly [string, BulkAnswer, RegExp][] = [
      ['too few items', { errors: false, items: [{ index: { status: 201 } }] }, /it has 1 items, but 2 were sent/],
      [
        'too many items',
        { errors: false, items: [1, 2, 3].map(() => ({ index: { status: 201 } })) },
        /it has 3 items, but 2 were sent/,
      ],
      [
        'another action',
        { errors: false, items: [{ index: { status: 201 } }, { create: { status: 201 } }] },
        /item 2, about delete "2", is of create/,
      ],
      [
        'another order',
        { errors: false, items: [{ delete: { status: 200 } }, { index: { status: 201 } }] },
        /item 1, about index "1", is of delete/,
      ],
      [
        'another document',
        { errors: false, items: [{ index: { status: 201, _id: '1' } }, { delete: { status: 200, _id: '7' } }] },
        /item 2, about delete "2", is of "7"; an ingest pipeline must not change "_id"/,
      ],
    ];
    for (const [title, answer, found] of strange) {
      test(`an answer with ${title} is not taken for one: repeated, and the run ends with what was found`, () => {
        const scheduler = new VirtualTimeScheduler();
        let calls = 0;
        const bulk = () => {
          calls += 1;
          return of(answer);
        };
        const settled: Settled[] = [];
        let failure: unknown;
        of(enveloped([index('1', {}), remove('2')]))
          .pipe(elasticsearchBulk({ client: { bulk }, random: () => 0.5, scheduler }, { index: 'box' }))
          .subscribe({ next: (value) => settled.push(value), error: (error: unknown) => (failure = error) });
        scheduler.flush();
        assert.equal(settled, []);
        assert.match(String(failure), found);
        assert.match(
          String(failure),
          /^TransientError: Cannot write to the index "box": .*tried \d+ times in 1[2-4]\d s/,
        );
        assert.ok(calls > 3, `${calls}`);
      });
    }

    test('an item that failed is not written, whatever "errors" says', () => {
      const scheduler = new VirtualTimeScheduler();
      const bulk = () => of({ errors: false, items: [{ index: { status: 201 } }, { index: refused }] });
      const settled: Settled[] = [];
      of(enveloped(many(2)))
        .pipe(elasticsearchBulk({ client: { bulk }, random: () => 0, scheduler }, { index: 'box' }))
        .subscribe((value) => settled.push(value));
      scheduler.flush();
      assert.equal(
        settled.map(({ outcome }) => outcome.kind),
        ['written', 'rejected'],
      );
    });

    test('an answer with another number of items is not taken for one', () => {
      let calls = 0;
      const scheduler = new VirtualTimeScheduler();
      const client = {
        bulk: () =>
          timer(1, scheduler).pipe(
            map(() => ({ errors: false, items: (calls += 1) === 1 ? [] : [{ delete: { status: 200 } }] })),
          ),
      };
      const settled: Settled[] = [];
      of(enveloped([remove('1')]))
        .pipe(elasticsearchBulk({ client, random: () => 0, scheduler }, { index: 'box' }))
        .subscribe((value) => settled.push(value));
      scheduler.flush();
      assert.is(settled.length, 1);
      assert.is(calls, 2);
    });

    test('413 halves the batch; a document that is too large alone goes without its content, or not at all', () => {
      const operations = [
        ...many(6),
        index('big', { name: 'b' }, { body: 'x'.repeat(2_000) }),
        index('huge', { name: 'y'.repeat(2_000) }, { body: 'z' }),
      ];
      const ran = run([operations], {
        refuse: (_request, _actions, body) =>
          body.length > 1_000 ? new PermanentError('Cannot write: 413', { status: 413 }) : undefined,
      });
      const outcomes = new Map(ran.settled.map(({ envelope, outcome }) => [(envelope.value as Operation).id, outcome]));
      assert.is(outcomes.size, 8);
      assert.equal(outcomes.get('big'), {
        kind: 'written',
        version: { signature: 's-big', content: null },
        withoutContent: 'the document is larger than Elasticsearch accepts (413)',
        refusedContent: 'c-big',
      });
      assert.is(outcomes.get('huge')?.kind, 'rejected');
      assert.is(ran.fake.documents.size, 7);
    });

    test('400 for a whole request finds the document that cannot be read', () => {
      const ran = run([many(8)], {
        refuse: (_request, actions) =>
          actions.some(({ id }) => id === 'd5')
            ? new PermanentError('Cannot write: 400 malformed', { status: 400 })
            : undefined,
      });
      assert.equal(
        kinds(ran).filter((end) => !end.endsWith('written')),
        ['d5 rejected'],
      );
      assert.is(ran.settled.length, 8);
    });

    test('errors that concern everything end the run', () => {
      for (const failure of [new AuthError('expired'), new PermanentError('gone', { status: 404 })]) {
        const ran = run([many(3)], { refuse: () => failure });
        assert.is(ran.error, failure);
      }
    });

    test('an index that takes no writes is waited for, then ends the run with advice', () => {
      let now = 0;
      const mended = run(
        (scheduler) => {
          void scheduler.schedule(() => (now = 1), 60_000);
          return of(enveloped(many(3)));
        },
        { item: () => (now === 0 ? blocked : undefined) },
      );
      assert.is(mended.settled.length, 3);
      const ran = run([many(3)], { item: () => blocked });
      assert.match(String(ran.error), /cluster_block_exception: disk usage.*for more than 120 s.*Free disk space/);
      assert.equal(ran.settled, [], 'nothing is rejected for it');
    });

    test('an operation waits while another of its id is under way, also when that is sent again', () => {
      const ran = run(
        [
          [index('1', { v: 1 }), index('1', { v: 2 })],
          [update('1', { v: 3 }), remove('2')],
        ],
        { item: firstTimes('1', 1, busy) },
      );
      assert.equal(kinds(ran), ['2 deleted', '1 written', '1 written', '1 written']);
      assert.is(ran.fake.documents.get('1')?.['v'], 3);
    });

    test('concurrency starts at two, rises to its limit, and falls when the cluster is busy', () => {
      const calm = run(Array.from({ length: 40 }, (_, position) => many(2, `${position}-`)));
      assert.is(calm.fake.peak, 4);
      const alone = run(
        Array.from({ length: 10 }, (_, position) => many(2, `${position}-`)),
        {},
        { concurrency: 1 },
      );
      assert.is(alone.fake.peak, 1);
      const pressed = run(
        Array.from({ length: 40 }, (_, position) => many(2, `${position}-`)),
        {
          item: (action, request) =>
            action.id.endsWith('-0') && request < 100 && request % 2 === 0 ? busy : undefined,
        },
      );
      assert.ok(pressed.fake.peak < 4, `${pressed.fake.peak}`);
      assert.is(pressed.settled.length, 80);
    });

    test('too many refusals end the run, and show the last errors; the outcomes so far are emitted', () => {
      const ran = run([many(30)], { item: (action) => (Number(action.id.slice(1)) >= 5 ? refused : undefined) });
      assert.is(ran.settled.length, 5 + 11);
      assert.match(
        String(ran.error),
        /Cannot write to the index "box": 11 operations in a row were refused, expected at most 10\. The last errors:\n- index "d11": field "size"/,
      );
      const off = run([many(30)], { item: () => refused }, { errorMonitor: null });
      assert.is(off.settled.length, 30);
    });

    /** A request with one of these documents fails, in whatever company. */
    const failsWith =
      (bad: (action: FakeAction) => boolean, failure: () => Error): NonNullable<FakeFaults['refuse']> =>
      (_request, actions) =>
        actions.some(bad) ? failure() : undefined;
    const poison: readonly (readonly [string, () => Error])[] = [
      ['cut', () => new TransientError('Cannot write: the connection was cut')],
      ['429', () => new TransientError('Cannot write: 429 circuit_breaking_exception', { status: 429 })],
      ['500', () => new TransientError('Cannot write: 500', { status: 500 })],
      ['502', () => new TransientError('Cannot write: 502', { status: 502 })],
      ['504', () => new TransientError('Cannot write: 504', { status: 504 })],
      ['429 with Retry-After', () => new TransientError('Cannot write: 429', { status: 429, retryAfterMs: 1_000 })],
      ['429 with a Retry-After of an hour', () => new TransientError('429', { status: 429, retryAfterMs: 3_600_000 })],
    ];
    for (const [title, failure] of poison) {
      test(`one document with which every request fails (${title}): the others are written, it goes without its content`, () => {
        const operations = [...many(5), index('bad', { name: 'b' }, { body: 'x' }), ...many(6, 'e')];
        const ran = run([operations, many(3, 'f')], {
          refuse: failsWith(({ document }) => 'body' in document, failure),
        });
        assert.is(ran.error, undefined);
        assert.is(ran.settled.length, 15);
        const outcomes = new Map(
          ran.settled.map(({ envelope, outcome }) => [(envelope.value as Operation).id, outcome]),
        );
        const outcome = outcomes.get('bad');
        assert.equal(outcome?.kind === 'written' && outcome.version, { signature: 's-bad', content: null });
        assert.match(
          outcome?.kind === 'written' ? (outcome.withoutContent ?? '') : '',
          /^Elasticsearch does not take the content: .*, each time that this document was in the request, while others passed$/,
        );
        assert.is(ran.fake.documents.size, 15);
        assert.ok(ran.ms < 60_000, `${ran.ms} ms`);
      });
    }

    test('one that fails without its content as well, an update and a delete that fail alone: rejected, nothing else is', () => {
      const bad = ['1', '7', '9'];
      const operations = [
        index('1', { name: 'a' }, { body: 'x' }),
        ...many(20),
        update('7', {}),
        ...many(20, 'e'),
        remove('9'),
      ];
      const ran = run([operations], {
        refuse: failsWith(
          ({ id }) => bad.includes(id),
          () => new TransientError('Cannot write: 504', { status: 504 }),
        ),
      });
      assert.is(ran.error, undefined);
      assert.equal(
        kinds(ran)
          .filter((end) => !end.endsWith('written'))
          .sort(),
        ['1 rejected', '7 rejected', '9 rejected'],
      );
      assert.is(ran.settled.length, 43);
      assert.ok(ran.ms < 600_000, `${ran.ms} ms`);
    });

    test('a gateway that cuts all that is above a size: everything that fits is written in parts', () => {
      const ran = run([many(200), many(200, 'e'), [index('big', {}, { body: 'x'.repeat(5_000) })]], {
        refuse: (_request, _actions, body) =>
          body.length > 2_000 ? new TransientError('Cannot write: the connection was cut') : undefined,
      });
      assert.is(ran.error, undefined);
      assert.is(ran.settled.length, 401);
      assert.ok(ran.settled.every(({ outcome }) => outcome.kind === 'written'));
      assert.is(ran.fake.documents.size, 401);
    });

    test('in an outage nothing is taken apart and nothing rejected, however long it takes', () => {
      for (const failure of [...poison.slice(0, 6).map(([, make]) => make)]) {
        let isOver = false;
        const ran = run(
          (scheduler) => {
            void scheduler.schedule(() => (isOver = true), 100_000);
            return of(enveloped(many(12)), enveloped(many(12, 'e')));
          },
          { refuse: () => (isOver ? undefined : failure()) },
        );
        assert.is(ran.error, undefined);
        assert.ok(ran.settled.length === 24 && ran.settled.every(({ outcome }) => outcome.kind === 'written'));
        const sizes = ran.fake.requests.filter(({ actions }) => actions[0]?.id !== trialId);
        assert.ok(
          sizes.every(({ actions }) => actions.length === 12),
          'whole batches only',
        );
      }
    });

    test('a Retry-After beyond the patience ends the run at once, with words, where nothing passes', () => {
      const ran = run([many(3)], {
        refuse: () => new TransientError('Cannot write: 429', { status: 429, retryAfterMs: 3_600_000 }),
      });
      assert.match(
        String(ran.error),
        /^TransientError: Cannot write: 429 \(tried 1 times in 0 s .*asks to wait 3600 s\)$/,
      );
      assert.ok(ran.ms < 1_000);
    });

    const unreadable: BulkItemAnswer = {
      status: 400,
      error: { type: 'illegal_argument_exception', reason: 'Error parsing document in field [_attachment]' },
    };

    test('a content that the pipeline cannot read: indexed without, and this version of it is done with', () => {
      const files = Array.from({ length: 10 }, (_, at) => index(`f${at}`, { name: `${at}` }, { body: 'locked' }));
      const ran = run([[...files, ...many(5)]], {
        item: ({ document }) => ('body' in document ? unreadable : undefined),
      });
      assert.is(ran.error, undefined);
      assert.is(ran.settled.length, 15);
      for (const { envelope, outcome } of ran.settled) {
        const { id } = envelope.value as Operation;
        if (!id.startsWith('f')) continue;
        assert.equal(outcome, {
          kind: 'written',
          version: { signature: `s-${id}`, content: `c-${id}` },
          withoutContent:
            'Elasticsearch does not take the content: field "_attachment": 400 illegal_argument_exception: Error parsing document in field [_attachment]',
          refusedContent: `c-${id}`,
        });
        assert.equal(ran.fake.documents.get(id)?.['_sync'], { signature: `s-${id}`, content_version: `c-${id}` });
      }
    });

    test('a pipeline that reads nothing does not cost all contents: they come again in the next run', () => {
      const files = Array.from({ length: 40 }, (_, at) => index(`f${at}`, { name: `${at}` }, { body: 'fine' }));
      const ran = run([files], { item: ({ document }) => ('body' in document ? unreadable : undefined) });
      assert.is(ran.error, undefined);
      const done = ran.settled.filter(({ outcome }) => outcome.kind === 'written' && outcome.version.content !== null);
      assert.equal([ran.settled.length, done.length], [40, 10]);
    });

    test('a content on which Elasticsearch fails (500): indexed without, and tried again in the next run', () => {
      const ran = run([[index('1', {}, { body: 'x' }), ...many(3)]], {
        item: ({ document }) =>
          'body' in document ? { status: 500, error: { type: 'null_pointer_exception' } } : undefined,
      });
      const outcome = ran.settled.at(-1)?.outcome;
      assert.equal(outcome?.kind === 'written' && outcome.version, { signature: 's-1', content: null });
      assert.is(outcome?.kind === 'written' && outcome.refusedContent, 'c-1');
      assert.match(
        outcome?.kind === 'written' ? (outcome.withoutContent ?? '') : '',
        /^Elasticsearch does not take the content: 500 null_pointer_exception: no reason given \(tried 5 times/,
      );
    });

    test('where the content is not to blame, the document is rejected for what is', () => {
      const ran = run([[index('1', { size: 'x' }, { body: 'x' })]], { item: () => refused });
      assert.equal([kinds(ran), ran.fake.requests.length], [['1 rejected'], 2]);
      assert.match(
        String(ran.settled[0]?.outcome.kind === 'rejected' && ran.settled[0].outcome.reason),
        /^field "size"/,
      );
    });

    test('a whole request of one document that cannot be read (400): it goes without its content', () => {
      const ran = run([[index('1', {}, { body: 'x' })]], {
        refuse: (_request, actions) =>
          actions.some(({ document }) => 'body' in document)
            ? new PermanentError('Cannot write: 400', { status: 400 })
            : undefined,
      });
      const outcome = ran.settled[0]?.outcome;
      assert.equal(outcome?.kind === 'written' && outcome.version, { signature: 's-1', content: 'c-1' });
    });

    test('a cluster that has had no room for anything all the time is an outage: the run ends, nothing is rejected', () => {
      const ran = run([many(10)], { item: () => busy });
      assert.equal(ran.settled, []);
      assert.match(
        String(ran.error),
        /^TransientError: Cannot write to the index "box": 429 .*\(tried \d+ times in 1[2-4]\d s\), expected room for some/,
      );
    });

    test('an id that Elasticsearch cannot have is rejected in words, and costs nobody else anything', () => {
      const bad = ['', 'x'.repeat(513), 'é'.repeat(257), 'half \ud83d'];
      const good = ['x'.repeat(512), 'é'.repeat(256), '😀', 'a\0b'];
      const ran = run([[...bad, ...good].map((id) => index(id, {}))]);
      const reasons = ran.settled.flatMap(({ outcome }) => (outcome.kind === 'rejected' ? [outcome.reason] : []));
      assert.equal(reasons, [
        'its document id is empty',
        'its document id has 513 bytes, expected at most 512',
        'its document id has 514 bytes, expected at most 512',
        'its document id "half \\ud83d" has half a surrogate pair, which Elasticsearch would change',
      ]);
      assert.equal([...ran.fake.documents.keys()], good);
      assert.is(ran.fake.requests.length, 1);
    });

    test('a million operations whose answers come at once, each let in by the end of the last', () => {
      const total = 1_000_000;
      const perBatch = 100;
      const client = {
        bulk: ({ body }: { body: string }) => {
          const count = body.split('\n').length - 1;
          return of({ errors: false, items: Array.from({ length: count }, () => ({ delete: { status: 200 } })) });
        },
      };
      const source = new Subject<Envelope<Operation>[]>();
      let sent = 0;
      let settled = 0;
      let failure: unknown;
      const more = () => {
        if (sent === total) return;
        const batch = Array.from({ length: perBatch }, () => remove(`${(sent += 1)}`));
        source.next(enveloped(batch));
        if (sent === total) source.complete();
      };
      source.pipe(elasticsearchBulk({ client, random: () => 0 }, { index: 'box' })).subscribe({
        next: () => {
          settled += 1;
          if (settled % perBatch === 0) more();
        },
        error: (error: unknown) => (failure = error),
      });
      more();
      assert.equal([failure, sent, settled], [undefined, total, total]);
    });

    test('a million operations in few batches, of which every second one waits for another of its id', () => {
      const client = {
        bulk: ({ body }: { body: string }) => {
          const count = body.split('\n').length - 1;
          return of({ errors: false, items: Array.from({ length: count }, () => ({ delete: { status: 200 } })) });
        },
      };
      let settled = 0;
      const batches = Array.from({ length: 10 }, (_, at) =>
        Array.from({ length: 100_000 }, (_unused, position) => remove(`${at}-${position >> 1}`)),
      );
      from(batches)
        .pipe(
          map((batch) => enveloped(batch)),
          elasticsearchBulk({ client, random: () => 0 }, { index: 'box', maxItems: 1_000 }),
        )
        .subscribe(() => (settled += 1));
      assert.is(settled, 1_000_000);
    });

    test('whatever throws ends the run, with the name of the sink', () => {
      const errorOf = (client: { bulk: () => Observable<BulkAnswer> }, operation: Operation) => {
        let failure: unknown;
        of(enveloped([operation]))
          .pipe(elasticsearchBulk({ client, random: () => 0 }, { index: 'box' }))
          .subscribe({ error: (error: unknown) => (failure = error) });
        return String(failure);
      };
      const throwing = {
        bulk: () => {
          throw new Error('no such client');
        },
      };
      const answering = { bulk: () => of({ errors: false, items: [] }) };
      assert.is(errorOf(throwing, remove('1')), 'Error: The sink elasticsearchBulk failed: no such client');
      const odd = { kind: 'index', id: '1', version: {} } as never;
      assert.match(errorOf(answering, odd), /^Error: The sink elasticsearchBulk failed: /);
      assert.match(
        errorOf(answering, { kind: 'odd', id: '1' } as never),
        /^Error: The sink elasticsearchBulk failed: /,
      );
    });

    test('a request that ends without an answer is one that failed', () => {
      const scheduler = new VirtualTimeScheduler();
      let requests = 0;
      const bulk = () => {
        requests += 1;
        return requests === 1 ? EMPTY : of({ errors: false, items: [{ delete: { status: 200 } }] });
      };
      let settled = 0;
      of(enveloped([remove('1')]))
        .pipe(elasticsearchBulk({ client: { bulk }, random: () => 0, scheduler }, { index: 'box' }))
        .subscribe(() => (settled += 1));
      scheduler.flush();
      assert.equal([requests, settled], [2, 1]);
    });

    test('one person with many bad documents does not end the run of the others; a mapping that refuses everybody does', () => {
      const owned = (id: string, owner: string): Operation => ({ ...index(id, {}), owner });
      const batches = Array.from({ length: 20 }, (_, at) => [
        ...Array.from({ length: 100 }, (_unused, position) => owned(`bad-${at}-${position}`, 'ann')),
        ...['bob', 'eve'].map((owner) => owned(`${owner}-${at}`, owner)),
      ]);
      const severalOwners = { errorMonitor: { ...defaultErrorMonitor, hasManyOwners: true } };
      const one = run(batches, { item: ({ id }) => (id.startsWith('bad') ? refused : undefined) }, severalOwners);
      assert.is(one.error, undefined);
      assert.is(one.settled.length, 2_040);
      assert.is(one.settled.filter(({ outcome }) => outcome.kind === 'written').length, 40);
      const all = run(batches, { item: () => refused }, severalOwners);
      assert.match(String(all.error), /operations in a row were refused/);
      assert.ok(all.settled.length < 250, `${all.settled.length}`);
    });

    test('every operation ends once, in order per id, and the index holds the last, whatever goes wrong', () => {
      const faults = fc.record({
        seed: fc.integer({ min: 0, max: 2 ** 30 }),
        busyShare: fc.constantFrom(0, 0.2, 0.5),
        cutShare: fc.constantFrom(0, 0.05, 0.3),
        refuseShare: fc.constantFrom(0, 0.2),
        tooLarge: fc.constantFrom(Infinity, 2_000, 600),
        concurrency: fc.integer({ min: 1, max: 5 }),
      });
      const operation = fc.tuple(fc.constantFrom('index', 'update', 'delete'), fc.integer({ min: 0, max: 12 }));
      const batches = fc.array(fc.array(operation, { minLength: 1, maxLength: 25 }), { maxLength: 12 });
      fc.assert(
        fc.property(batches, faults, (shape, { seed, busyShare, cutShare, refuseShare, tooLarge, concurrency }) => {
          const random = seeded(seed);
          let value = 0;
          const operations = shape.map((batch) =>
            batch.map(([kind, id]): Operation => {
              value += 1;
              if (kind === 'index') return index(`${id}`, { value });
              if (kind === 'delete') return remove(`${id}`);
              return update(`${id}`, { value }, of(index(`${id}`, { value })));
            }),
          );
          const ran = run(
            (scheduler) =>
              from(operations).pipe(
                concatMap((batch) => timer(Math.floor(random() * 30), scheduler).pipe(map(() => enveloped(batch)))),
              ),
            {
              latency: () => 1 + Math.floor(random() * (random() < 0.05 ? 60_000 : 200)),
              item: () => (random() < busyShare ? busy : undefined),
              cut: () => (random() < cutShare ? new TransientError('reset') : undefined),
              refuse: (_request, _actions, body) => {
                if (body.length > tooLarge) return new PermanentError('too large', { status: 413 });
                return random() < refuseShare ? new TransientError('503', { status: 503 }) : undefined;
              },
            },
            { concurrency, retry: { maxElapsedMs: 3_600_000 } },
            random,
          );
          assert.is(ran.error, undefined);
          const all = operations.flat();
          assert.is(ran.settled.length, all.length);
          assert.is(new Set(ran.settled.map(({ envelope }) => envelope)).size, all.length);
          assert.ok(ran.settled.every(({ outcome }) => outcome.kind === 'written' || outcome.kind === 'deleted'));
          const ended = ran.settled.map(({ envelope }) => envelope.value as Operation);
          for (const id of new Set(all.map((each) => each.id))) {
            const mine = all.filter((each) => each.id === id);
            assert.equal(
              ended.filter((each) => each.id === id).map((each) => all.indexOf(each)),
              mine.map((each) => all.indexOf(each)),
            );
            const last = mine.at(-1)!;
            const found = ran.fake.documents.get(id)?.['value'];
            assert.is(found, last.kind === 'delete' ? undefined : (JSON.parse(last.source) as { value: number }).value);
          }
          assert.ok(ran.fake.peak <= concurrency);
        }),
        { numRuns: 150 },
      );
    });
  },
  { timeoutMs: 20_000 },
);

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}
