import { pino } from 'pino';
import { NEVER, type OperatorFunction, concatMap, filter, map, mergeMap, of } from 'rxjs';
import * as assert from 'uvu/assert';
import { sync } from '../../src/app/sync.js';
import type { Target } from '../../src/app/target.js';
import { CallCounts } from '../../src/box/call-counts.js';
import type { Envelope } from '../../src/core/envelope.js';
import { StageError } from '../../src/core/errors.js';
import type { Settled } from '../../src/core/settled.js';
import { staged } from '../../src/core/staged.js';
import { Waits } from '../../src/core/waits.js';
import type { Operation } from '../../src/sinks/operation.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { FakeBox, ownUser } from '../support/fake-box.js';
import { FakeIndex } from '../support/fake-index.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { suite } from '../support/suite.js';
import { settled, VirtualClock } from '../support/virtual-clock.js';

type Batches = OperatorFunction<readonly Envelope<Operation>[], readonly Envelope<Operation>[]>;
type Written = OperatorFunction<Settled, Settled>;

const bad = (envelope: Envelope<Operation>) => envelope.value.id === 'bad';

/** One run over ten files, of which one is called "bad", with a stage of the test's own before and behind the sink. */
function begin({ before = map((batch) => batch), behind = map((one) => one) }: { before?: Batches; behind?: Written }) {
  const clock = new VirtualClock();
  const waits = new Waits(clock);
  const box = new FakeBox();
  for (let at = 0; at < 9; at += 1) box.file('0');
  box.file('0', { id: 'bad', name: 'bad.txt' });
  const index = new FakeIndex();
  const stop = new AbortController();
  const found = { uuid: 'uuid', created: true };
  const target: Target = {
    name: 'the index "faulty"',
    sink: (batches) => batches.pipe(staged('faulty', before), index.sink, staged('faulty', behind)),
    prepare: () => Promise.resolve(found),
    look: () => Promise.resolve(found),
    count: () => Promise.resolve(index.documents.size),
    documents: null,
    requests: () => index.operations.length,
    bulk: null,
    close: () => Promise.resolve(),
  };
  const access = {
    box: Object.assign(box, { me: () => Promise.resolve({ id: ownUser, name: null, login: null, status: null }) }),
    counts: new CallCounts(),
    isEnterprise: false,
    retry: { maxAttempts: 1, random: () => 0, clock },
    spent: new AbortController().signal,
    close: () => Promise.resolve(),
  };
  const { config } = loadTestConfig({ extraction: { method: 'none' }, bulk: { max_items: 3, max_wait_ms: 0 } });
  const store = sqliteStore(':memory:');
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => void lines.push(line) });
  const abort = new AbortController().signal;
  let end: { readonly state?: string; readonly error?: unknown } | undefined;
  sync(
    { store, access, target, clock: waits.clock, waits, random: () => 0.5, log, stop: stop.signal, abort },
    { config, kind: 'incremental', rewrite: false, allowDeletes: false },
  ).then(
    ({ state }) => (end = { state }),
    (error: unknown) => (end = { error }),
  );
  /** How it has ended after so many seconds; `undefined`: it has not. */
  const after = async (seconds: number) => {
    // All but the bad one are written first, in real turns of the event loop: only then may time jump.
    while (index.documents.size < 9 && end === undefined) await settled();
    for (let turn = 0; turn < 10 && end === undefined; turn += 1) await settled();
    for (let passed = 0; passed < seconds && end === undefined; passed += 1) await clock.advance(1_000);
    return end;
  };
  return { after, stop, lines, store, index, clock };
}

const swallows: Batches = map((batch) => batch.filter((envelope) => !bad(envelope)));
const neverSettles: Batches = concatMap((batch) => (batch.some(bad) ? NEVER : of(batch)));
const throws: Batches = map((batch) => {
  if (batch.some(bad)) throw new RangeError('an odd bug');
  return batch;
});
const settlesTwice: Written = mergeMap((one) => (bad(one.envelope as Envelope<Operation>) ? of(one, one) : of(one)));

suite(
  'sync() with a faulty stage',
  (test) => {
    test('without a fault it completes', async () => {
      const { after, index } = begin({ before: filter(() => true) });
      assert.is((await after(1))?.state, 'complete');
      assert.is(index.documents.size, 10);
    });

    const faults = [
      ['throws in a callback', { before: throws }, 0, /The stage "faulty" has failed: an odd bug/],
      [
        'settles an item twice',
        { behind: settlesTwice },
        0,
        /already settled as "written".*last in the stage "faulty"/,
      ],
      [
        'swallows an item',
        { before: swallows },
        302,
        /stands still: for 300 s.*"faulty": 1.*"\/bad\.txt" in the stage "faulty"/,
      ],
      ['never settles', { before: neverSettles }, 302, /stands still: for 300 s.*in the stage "faulty"/],
    ] as const;
    for (const [what, stages, seconds, expected] of faults) {
      test(`one that ${what} ends the run as failed, with a message that names it`, async () => {
        const { after, store } = begin(stages);
        if (seconds > 0) assert.is(await after(seconds - 40), undefined, 'it ended too early');
        const end = await after(100);
        assert.instance(end?.error, Error);
        assert.match((end?.error as Error).message, expected);
        assert.is(store.runs.last()?.state, 'failed');
      });
    }

    test('SIGTERM ends one that never settles within the drain time, and says what was held', async () => {
      const { after, stop, lines, store } = begin({ before: neverSettles });
      assert.is(await after(5), undefined);
      stop.abort();
      assert.is(await after(24), undefined, 'what is under way has its time');
      assert.is((await after(2))?.state, 'interrupted');
      assert.is(store.runs.last()?.state, 'interrupted');
      assert.match(lines.join(''), /service\.drain_timeout \(25 s\).*in the stage \\"faulty\\"/);
    });

    test('SIGTERM ends one that swallows an item at once: what is listed and not ended is a fault', async () => {
      const { after, stop, store } = begin({ before: swallows });
      assert.is(await after(5), undefined);
      stop.abort();
      const end = await after(25);
      assert.match((end?.error as Error).message, /10 items were listed and 9 have ended.*in the stage "faulty"/s);
      assert.is(store.runs.last()?.state, 'failed');
    });

    test('what stands still is a StageError', async () => {
      assert.instance((await begin({ before: neverSettles }).after(360))?.error, StageError);
    });
  },
  { timeoutMs: 20_000 },
);
