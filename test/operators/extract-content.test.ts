import { text } from 'node:stream/consumers';
import { EMPTY, NEVER, firstValueFrom, lastValueFrom, map, of, throwError, timer, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import type { BoxItem } from '../../src/box/box-item.js';
import { Budget } from '../../src/core/budget.js';
import type { Envelope } from '../../src/core/envelope.js';
import { flatten } from '../../src/core/flatten.js';
import { AuthError, PermanentError, TransientError } from '../../src/core/errors.js';
import type { Extractor, FileInfo } from '../../src/extractors/extractor.js';
import type { Compared, Difference } from '../../src/operators/draft.js';
import type { Operation } from '../../src/sinks/operation.js';
import { extractContent } from '../../src/operators/extract-content.js';
import type { Found, Gone } from '../../src/sources/change.js';
import { Envelopes, goneFile } from '../support/envelopes.js';
import { FakeBox } from '../support/fake-box.js';
import { found } from '../support/found.js';
import { knownItem } from '../support/known-item.js';
import { marbles } from '../support/marbles.js';
import { suite } from '../support/suite.js';
import { plainText } from '../support/sync-rig.js';
import { turns } from '../support/walked.js';

suite('extractContent()', (test) => {
  type Input = Envelope<Compared<object> | Gone>;
  const failing = (error: Error): Extractor => ({
    fingerprint: 'f',
    async extract(_file, bytes) {
      await text(bytes);
      throw error;
    },
  });
  const setUp = (extractor: Extractor = plainText, { limit = 100, concurrency = 3, maxBytes = 1_000 } = {}) => {
    const box = new FakeBox();
    const budget = new Budget(limit);
    const envelopes = new Envelopes();
    const extract = extractContent<object>({ box, budget, extractor }, { maxBytes, concurrency });
    const run = (...inputs: Input[]) => lastValueFrom(of(...inputs).pipe(extract, toArray()));
    const listed = async (id: string, type: BoxItem['type'] = 'file'): Promise<BoxItem> => {
      const answer = await box.getItem(type, id, undefined, new AbortController().signal);
      box.calls.length = 0;
      if (!('item' in answer)) throw new Error(`no ${type} ${id}`);
      return answer.item;
    };
    const compared = async (
      id: string,
      difference: Difference,
      {
        known,
        type,
        ...different
      }: Partial<Compared<object>> & Partial<Pick<Found, 'known'>> & { type?: BoxItem['type'] } = {},
    ): Promise<Compared<object>> => ({
      kind: 'compared',
      found: found(await listed(id, type), { known }),
      document: {},
      source: '{"name":"n"}',
      signature: 's2',
      wanted: 'v2',
      difference,
      ...different,
    });
    return { box, budget, envelopes, extract, run, compared };
  };
  const written = { kind: 'written', version: { signature: 's', content: null } } as const;
  /** What `plainText` puts around a text. */
  const around = '"body":""'.length;
  /** Ends what comes out, a moment later, as a sink does. */
  const settling = () =>
    flatten((envelope: Envelope<Operation>) => timer(1).pipe(map(() => (envelope.settle(written), envelope))), 100);
  const held = knownItem({ id: '1', version: { signature: 's1', content: 'v1' } });

  test('never stays never, empty stays empty, an error of the source passes', () => {
    const { extract } = setUp();
    marbles(({ expectObservable }) => {
      expectObservable(NEVER.pipe(extract)).toBe('-');
      expectObservable(EMPTY.pipe(extract)).toBe('|');
      expectObservable(throwError(() => new Error('x')).pipe(extract)).toBe('#', undefined, new Error('x'));
    });
  });

  test('what is gone becomes a delete', async () => {
    const { envelopes, run } = setUp();
    assert.equal(
      (await run(envelopes.of(goneFile))).map(({ value }) => value),
      [{ kind: 'delete', id: '9' }],
    );
  });

  test('a file with new content becomes the whole document, with its text, for one download', async () => {
    const { box, budget, envelopes, run, compared } = setUp();
    const id = box.file('0', { content: 'some text' });
    const [envelope] = await run(envelopes.of(await compared(id, 'whole')));
    assert.equal(envelope?.value, {
      kind: 'index',
      id,
      source: '{"name":"n"}',
      content: '"body":"some text"',
      version: { signature: 's2', content: 'v2' },
      origin: { id, viewer: null },
      owner: 'service',
    });
    assert.equal([box.calls.map(({ kind }) => kind), budget.held], [['content'], '"body":"some text"'.length]);
    envelope?.settle(written);
    assert.is(budget.held, 0);
  });

  test('the extractor is told name, size and extension; Box is asked as the user who saw the file', async () => {
    const seen: FileInfo[] = [];
    const { box, envelopes, run, compared } = setUp({
      ...plainText,
      extract: (file, ...rest) => {
        seen.push(file);
        return plainText.extract(file, ...rest);
      },
    });
    const id = box.file('0', { name: 'A.Txt', content: '12345' });
    const value = await compared(id, 'whole');
    box.user('u7');
    box.move('file', id, '0', 'u7');
    await run(envelopes.of({ ...value, found: { ...value.found, seenAs: 'u7' } }));
    const { owned_by: owner } = value.found.item;
    assert.equal(seen, [{ id, name: 'A.Txt', size: 5, extension: 'txt', content: 'v2', owner: owner?.id ?? null }]);
    assert.type(owner?.id, 'string');
    assert.is(box.calls[0]?.asUser, 'u7');
  });

  test('a file that the extractor does not admit is not downloaded; one that it does, it hears the end of', async () => {
    const admitted: string[] = [];
    const admits = (error?: Error): Extractor => ({
      ...plainText,
      admit: ({ id }) => {
        if (error !== undefined) throw error;
        admitted.push(id);
        return () => admitted.push('left');
      },
    });
    for (const [error, content] of [
      [new TransientError('later'), null],
      [new PermanentError('never'), 'v2'],
    ] as const) {
      const { box, budget, envelopes, run, compared } = setUp(admits(error));
      const [envelope] = await run(envelopes.of(await compared(box.file('0'), 'whole')));
      const operation = envelope?.value;
      if (operation?.kind !== 'index') throw new Error('expected a whole document');
      assert.equal([operation.withoutContent, operation.version.content], [error.message, content]);
      assert.equal([box.calls.length, budget.held], [0, 0]);
    }
    const { box, envelopes, run, compared } = setUp(admits());
    const id = box.file('0');
    await run(envelopes.of(await compared(id, 'whole')));
    const again = await compared(id, 'whole');
    box.fail(() => true, new TransientError('Box answered 500'));
    await run(envelopes.of(again));
    assert.equal(admitted, [id, 'left', id, 'left']);
  });

  test('folders, web links and files that get no text become whole documents without a call', async () => {
    const { box, envelopes, run, compared } = setUp();
    const inputs = [
      await compared(box.folder('0'), 'whole', { type: 'folder' }),
      await compared(box.link('0'), 'whole', { type: 'web_link', wanted: null }),
      await compared(box.file('0'), 'whole', { wanted: null }),
    ];
    const out = await run(...inputs.map((input): Input => envelopes.of(input)));
    assert.equal(
      out.map(({ value }) => [value.kind, value.kind === 'index' && value.content]),
      [
        ['index', ''],
        ['index', ''],
        ['index', ''],
      ],
    );
    assert.is(box.calls.length, 0);
  });

  test('other metadata become a partial update without a call; the whole is made only if it is asked for', async () => {
    const { box, budget, envelopes, run, compared } = setUp();
    const id = box.file('0', { content: 'text' });
    const [envelope] = await run(envelopes.of(await compared(id, 'metadata')));
    const operation = envelope?.value;
    if (operation?.kind !== 'update') throw new Error('expected an update');
    const { whole, ...rest } = operation;
    assert.equal(rest, {
      kind: 'update',
      id,
      source: '{"name":"n"}',
      version: { signature: 's2', content: 'v2' },
      origin: { id, viewer: null },
      owner: 'service',
    });
    assert.is(box.calls.length, 0);
    assert.is((await firstValueFrom(whole)).content, '"body":"text"');
    assert.equal([box.calls.length, budget.held], [1, '"body":"text"'.length]);
  });

  const unavailable: readonly (readonly [string, (box: FakeBox, id: string) => void, RegExp])[] = [
    ['Box fails', (box) => box.fail(() => true, new TransientError('Box answered 500')), /500/],
    ['Box refuses', (box) => box.fail(() => true, new PermanentError('Box answered 403')), /403/],
    ['other bytes come', (box, id) => box.newVersion(id, 'other content'), /expected the listed/],
    ['fewer bytes come', (box, id) => box.newVersion(id, ''), /0 bytes came/],
  ];
  for (const [what, spoil, reason] of unavailable) {
    test(`${what}: a document that is new is indexed without text, and asked for again`, async () => {
      const { box, budget, envelopes, run, compared } = setUp();
      const id = box.file('0');
      const input = await compared(id, 'whole');
      spoil(box, id);
      const [envelope] = await run(envelopes.of(input));
      const operation = envelope?.value;
      if (operation?.kind !== 'index') throw new Error('expected a whole document');
      assert.equal([operation.content, operation.version], ['', { signature: 's2', content: null }]);
      assert.match(operation.withoutContent ?? '', reason);
      assert.is(budget.held, 0);
    });

    test(`${what}: the old text of a known document stays, marked as what it is of`, async () => {
      const { box, budget, envelopes, run, compared } = setUp();
      const id = box.file('0');
      const input = await compared(id, 'whole', { known: held });
      spoil(box, id);
      const [envelope] = await run(envelopes.of(input));
      const operation = envelope?.value;
      if (operation?.kind !== 'update') throw new Error('expected an update');
      assert.equal(operation.version, { signature: 's2', content: 'v1' });
      assert.match(operation.withoutContent ?? '', reason);
      assert.is(budget.held, 0);
    });

    test(`${what}: with the metadata as they are in the index, nothing is sent`, async () => {
      const { box, envelopes, run, compared } = setUp();
      const id = box.file('0');
      const input = await compared(id, 'whole', { known: held, signature: 's1' });
      spoil(box, id);
      assert.equal(await run(envelopes.of(input)), []);
      const [outcome] = envelopes.outcomes;
      if (outcome?.kind !== 'unchanged') throw new Error('expected unchanged');
      assert.equal(outcome.version, { signature: 's1', content: 'v1' });
      assert.match(outcome.withoutContent ?? '', reason);
    });
  }

  test('an extractor that fails for now is like a download that failed', async () => {
    const { box, budget, envelopes, run, compared } = setUp(failing(new TransientError('Tika answered 503')));
    const [envelope] = await run(envelopes.of(await compared(box.file('0'), 'whole', { known: held })));
    const operation = envelope?.value;
    assert.equal([operation?.kind, operation?.kind === 'update' && operation.version.content], ['update', 'v1']);
    assert.is(budget.held, 0);
  });

  test('an extractor that can never do it is final for this version: indexed without text', async () => {
    for (const known of [undefined, held]) {
      const { box, budget, envelopes, run, compared } = setUp(failing(new PermanentError('Tika answered 422')));
      const [envelope] = await run(envelopes.of(await compared(box.file('0'), 'whole', { known })));
      const operation = envelope?.value;
      if (operation?.kind !== 'index') throw new Error('expected a whole document');
      assert.equal([operation.content, operation.version], ['', { signature: 's2', content: 'v2' }]);
      assert.is(operation.withoutContent, 'Tika answered 422');
      assert.is(budget.held, 0);
    }
  });

  test('a file of unknown size that turns out too long is final as well', async () => {
    const { box, budget, envelopes, run, compared } = setUp(plainText, { maxBytes: 10 });
    const value = await compared(box.file('0', { content: 'x'.repeat(11) }), 'whole');
    const item = { ...value.found.item, size: null } as BoxItem;
    const [envelope] = await run(envelopes.of({ ...value, found: { ...value.found, item } }));
    const operation = envelope?.value;
    if (operation?.kind !== 'index') throw new Error('expected a whole document');
    assert.match(operation.withoutContent ?? '', /more than 10 bytes/);
    assert.equal([operation.version.content, budget.held], ['v2', 0]);
  });

  test('a refused sign-in is an error, ends the source and gives the bytes back', async () => {
    const error = new AuthError('sign in');
    const { box, budget, envelopes, run, compared } = setUp(failing(error));
    let caught: unknown;
    await run(envelopes.of(await compared(box.file('0'), 'whole'))).catch((cause: unknown) => (caught = cause));
    assert.equal([caught, budget.held, envelopes.outcomes], [error, 0, []]);
  });

  test('whichever function of an extractor throws, it costs the text of this file', async () => {
    const broken = () => {
      throw new Error('a fault of mine');
    };
    for (const extractor of [
      { ...plainText, admit: broken },
      { ...plainText, reserve: broken },
      { ...plainText, admit: () => broken },
    ] satisfies Extractor[]) {
      const { box, budget, envelopes, run, compared } = setUp(extractor);
      const files = [box.file('0', { name: 'a.txt', content: 'x' }), box.file('0', { name: 'b.txt', content: 'x' })];
      const inputs = await Promise.all(files.map((id) => compared(id, 'whole')));
      const operations = await run(...inputs.map((input) => envelopes.of(input)));
      assert.equal(
        operations.map(
          ({ value }) => value.kind === 'index' && [value.content, value.version.content, value.withoutContent],
        ),
        ['a.txt', 'b.txt'].map((name) => [
          '',
          null,
          `Cannot extract the text of "${name}": a fault of mine; the file is tried again in the next run`,
        ]),
      );
      assert.is(budget.held, 0);
    }
  });

  for (const thrown of [new Error('a fault of the parser'), new RangeError('out of range'), 'a text', undefined]) {
    test(`an extractor that throws ${String(thrown)} costs the text, not the run`, async () => {
      const { box, budget, envelopes, run, compared } = setUp(failing(thrown as Error));
      const [envelope] = await run(envelopes.of(await compared(box.file('0', { name: 'a.txt' }), 'whole')));
      const operation = envelope?.value;
      if (operation?.kind !== 'index') throw new Error('expected a whole document');
      assert.equal([operation.content, operation.version.content, budget.held], ['', null, 0]);
      assert.match(operation.withoutContent ?? '', /Cannot extract the text of "a.txt": .*tried again in the next run/);
    });
  }

  test('a text that is longer than its file waits for room, and what is held stays within the budget and one file', async () => {
    const bloating: Extractor = {
      ...plainText,
      extract: async (_file, bytes, _signal, room) => {
        await text(bytes);
        await room.grow(70);
        return { members: 'x'.repeat(70) };
      },
    };
    const { box, budget, envelopes, extract, compared } = setUp(bloating, { limit: 100, concurrency: 6 });
    const inputs: Input[] = [];
    for (let count = 0; count < 30; count += 1) {
      inputs.push(envelopes.of(await compared(box.file('0', { content: 'x'.repeat(10) }), 'whole')));
    }
    box.latency = () => 1;
    const out = await lastValueFrom(of(...inputs).pipe(extract, settling(), toArray()));
    assert.equal([out.length, budget.held], [30, 0]);
    assert.ok(budget.peak <= 170, `${budget.peak} bytes were held`);
  });

  test('what needs no download does not wait behind those that do', async () => {
    const { box, envelopes, extract, compared } = setUp(plainText, { concurrency: 1 });
    const slow = envelopes.of(await compared(box.file('0'), 'whole'));
    const waiting = envelopes.of(await compared(box.file('0'), 'whole'));
    box.latency = () => 1_000;
    const seen: string[] = [];
    const inputs: Input[] = [
      slow,
      waiting,
      envelopes.of(goneFile),
      envelopes.of(await compared(box.file('0'), 'whole', { wanted: null })),
    ];
    const subscription = of(...inputs)
      .pipe(extract)
      .subscribe(({ value }) => seen.push(value.kind));
    assert.equal(seen, ['delete', 'index']);
    subscription.unsubscribe();
  });

  test('what its content weighs is held until the outcome', async () => {
    const { box, budget, envelopes, run, compared } = setUp();
    const [envelope] = await run(envelopes.of(await compared(box.file('0', { content: 'x'.repeat(40) }), 'whole')));
    assert.is(budget.held, 40 + around);
    envelope?.settle({ kind: 'rejected', reason: 'x' });
    assert.is(budget.held, 0);
  });

  test('so it is with what is sent in place of an update whose document was missing', async () => {
    const { box, budget, envelopes, run, compared } = setUp();
    const [envelope] = await run(envelopes.of(await compared(box.file('0', { content: 'x'.repeat(40) }), 'metadata')));
    if (envelope?.value.kind !== 'update') throw new Error('expected an update');
    await firstValueFrom(envelope.value.whole);
    assert.is(budget.held, 40 + around);
    envelope.settle(written);
    assert.is(budget.held, 0);
  });

  test('holds at most `concurrency` downloads, and no more bytes than the budget has', async () => {
    const { box, budget, envelopes, extract, compared } = setUp(plainText, { limit: 50, concurrency: 4 });
    const inputs: Input[] = [];
    for (let count = 0; count < 20; count += 1) {
      inputs.push(envelopes.of(await compared(box.file('0', { content: 'x'.repeat(20) }), 'whole')));
    }
    let [most, mostHeld, mostWaiting] = [0, 0, 0];
    box.latency = () => 3;
    box.before = () => {
      most = Math.max(most, box.underWay);
      mostHeld = Math.max(mostHeld, budget.held);
      mostWaiting = Math.max(mostWaiting, budget.waiting);
    };
    const out = await lastValueFrom(of(...inputs).pipe(extract, settling(), toArray()));
    assert.equal([out.length, most, budget.held], [20, 2, 0], 'two of 20 bytes fit into 50');
    assert.ok(mostHeld <= 50 + 20 + around, `${mostHeld} bytes were held`);
    assert.ok(mostWaiting <= 4, 'with those under way never more than the concurrency');
  });

  test('a file larger than the budget is taken alone, and nothing waits for ever', async () => {
    const { box, budget, envelopes, extract, compared } = setUp(plainText, { limit: 10 });
    const inputs: Input[] = [];
    for (const length of [5, 50, 5]) {
      inputs.push(envelopes.of(await compared(box.file('0', { content: 'x'.repeat(length) }), 'whole')));
    }
    assert.is((await lastValueFrom(of(...inputs).pipe(extract, settling(), toArray()))).length, 3);
    assert.is(budget.held, 0);
  });

  test('unsubscribing aborts the downloads within the tick, gives their bytes back and leaves the queue', async () => {
    const { box, budget, envelopes, extract, compared } = setUp(plainText, { limit: 50, concurrency: 4 });
    const inputs: Input[] = [];
    for (let count = 0; count < 4; count += 1) {
      inputs.push(envelopes.of(await compared(box.file('0', { content: 'x'.repeat(20) }), 'whole')));
    }
    box.latency = () => 1_000;
    const subscription = of(...inputs)
      .pipe(extract)
      .subscribe();
    assert.equal([box.calls.length, budget.held, budget.waiting], [2, 40, 2]);
    subscription.unsubscribe();
    assert.equal(
      box.calls.map(({ signal }) => signal.aborted),
      [true, true],
    );
    await turns(3);
    assert.equal([budget.held, budget.waiting, box.underWay, box.calls.length], [0, 0, 0, 2]);
  });

  test('unsubscribing aborts an extraction', async () => {
    let aborted = false;
    const endless: Extractor = {
      fingerprint: 'f',
      extract: (_file, _bytes, signal) =>
        new Promise(() => signal.addEventListener('abort', () => (aborted = true), { once: true })),
    };
    const { box, budget, envelopes, extract, compared } = setUp(endless);
    const subscription = of<Input>(envelopes.of(await compared(box.file('0'), 'whole')))
      .pipe(extract)
      .subscribe();
    await turns(3);
    subscription.unsubscribe();
    assert.is(aborted, true);
    await turns(1);
    assert.is(budget.held, 0);
  });
});
