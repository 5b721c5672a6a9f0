import { type OperatorFunction, EMPTY, NEVER, Subject, from, lastValueFrom, of, throwError, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import type { Envelope } from '../../src/core/envelope.js';
import { TransientError } from '../../src/core/errors.js';
import type { Settled } from '../../src/core/settled.js';
import type { Operation } from '../../src/sinks/operation.js';
import { type Test, suite } from '../support/suite.js';
import { enveloped, index, remove, update } from './operations.js';

export type Sink = OperatorFunction<readonly Envelope<Operation>[], Settled>;

/** One place to write to, empty when made. */
export interface SinkTarget {
  readonly sink: Sink;
  /** Every document that is there, by id, without `_sync`; its `_sync` beside it. */
  readonly documents: () => Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>>;
  readonly close: () => Promise<void>;
}

export interface ConformanceOptions {
  readonly make: () => Promise<SinkTarget>;
  /** Whether it can tell that the document of a partial update is missing. */
  readonly knowsMissing: boolean;
  readonly timeoutMs?: number;
}

/** What every sink keeps to. */
export function sinkConformance(name: string, { make, knowsMissing, timeoutMs = 5_000 }: ConformanceOptions): void {
  suite(
    `${name} as a sink`,
    (test) => {
      const check = (title: string, body: (target: SinkTarget) => Promise<void>) =>
        test(title, async () => {
          const target = await make();
          try {
            await body(target);
          } finally {
            await target.close();
          }
        });
      defineChecks(check);
      if (knowsMissing) defineMissing(check);
    },
    { timeoutMs },
  );
}

type Check = (title: string, body: (target: SinkTarget) => Promise<void>) => ReturnType<Test>;

async function run(sink: Sink, ...batches: Operation[][]): Promise<Settled[]> {
  return lastValueFrom(from(batches.map((batch) => enveloped(batch))).pipe(sink, toArray()));
}

/** `id kind` of each, sorted: sinks may settle in any order. */
function ends(settled: readonly Settled[]): string[] {
  return settled.map(({ envelope, outcome }) => `${(envelope.value as Operation).id} ${outcome.kind}`).sort();
}

function defineChecks(check: Check): void {
  check('nothing in, nothing out', async ({ sink, documents }) => {
    assert.equal(await lastValueFrom(EMPTY.pipe(sink, toArray())), []);
    assert.is((await documents()).size, 0);
  });

  check('writes, updates and deletes, each ended once', async ({ sink, documents }) => {
    const settled = await run(
      sink,
      [index('1', { name: 'a.txt' }, { body: 'text of a' }), index('2', { name: 'b.txt' }), index('3', { name: 'c' })],
      [update('1', { name: 'renamed.txt' }), remove('3'), remove('nowhere')],
    );
    assert.equal(ends(settled), ['1 written', '1 written', '2 written', '3 deleted', '3 written', 'nowhere deleted']);
    const found = await documents();
    assert.equal([...found.keys()].sort(), ['1', '2']);
    assert.is(found.get('1')?.['name'], 'renamed.txt');
    assert.is(found.get('1')?.['body'], 'text of a', 'a partial update keeps the text');
    assert.equal(found.get('1')?.['_sync'], { signature: 'u-1', content_version: 'c-1' });
    assert.equal(found.get('2')?.['_sync'], { signature: 's-2', content_version: 'c-2' });
  });

  check('gives the versions and the reason for missing text back', async ({ sink }) => {
    const settled = await run(sink, [
      index('1', { name: 'a' }, { withoutContent: 'too wet' }),
      index('2', { name: 'b' }),
    ]);
    const outcomes = new Map(settled.map(({ envelope, outcome }) => [(envelope.value as Operation).id, outcome]));
    assert.equal(outcomes.get('1'), {
      kind: 'written',
      version: { signature: 's-1', content: 'c-1' },
      withoutContent: 'too wet',
    });
    assert.equal(outcomes.get('2'), { kind: 'written', version: { signature: 's-2', content: 'c-2' } });
  });

  check('a partial update merges objects and replaces everything else', async ({ sink, documents }) => {
    await run(
      sink,
      [index('1', { name: 'a', tags: ['x', 'y'], parent: { id: '7', name: 'old' }, description: 'd' })],
      [update('1', { name: 'a', tags: ['z'], parent: { name: 'new' }, description: null })],
    );
    const found = (await documents()).get('1');
    assert.equal(found?.['parent'], { id: '7', name: 'new' });
    assert.equal(found?.['tags'], ['z']);
    assert.is(found?.['description'], null);
  });

  check('keeps the order of one id, in a batch and across batches', async ({ sink, documents }) => {
    const settled = await run(
      sink,
      [index('1', { name: 'v1' }), update('1', { name: 'v2' }), remove('1'), index('1', { name: 'v3' })],
      [update('1', { name: 'v4' }), index('2', { name: 'w1' }), remove('2')],
      [remove('2'), index('2', { name: 'w2' }), update('1', { name: 'v5' })],
    );
    assert.is(settled.length, 10);
    const found = await documents();
    assert.is(found.get('1')?.['name'], 'v5');
    assert.is(found.get('2')?.['name'], 'w2');
  });

  check('keeps names and texts of every kind', async ({ sink, documents }) => {
    const names = ['emoji 😀', 'new\nline', 'مرحبا', '"quoted" \\ back', '\u2028', '__proto__', 'x'.repeat(255), ' '];
    await run(
      sink,
      names.map((name, position) => index(`id"${position}`, { name }, { body: `${name} text` })),
    );
    const found = await documents();
    for (const [position, name] of names.entries()) {
      assert.is(found.get(`id"${position}`)?.['name'], name);
      assert.is(found.get(`id"${position}`)?.['body'], `${name} text`);
    }
  });

  check('2,500 operations in many batches', async ({ sink, documents }) => {
    const all = Array.from({ length: 2_500 }, (_, position) => index(`${position}`, { name: `n ${position}` }));
    const batches = Array.from({ length: 25 }, (_, position) => all.slice(position * 100, position * 100 + 100));
    const settled = await run(sink, ...batches);
    assert.is(new Set(settled.map(({ envelope }) => envelope)).size, 2_500);
    assert.ok(settled.every(({ outcome }) => outcome.kind === 'written'));
    assert.is((await documents()).size, 2_500);
  });

  check('an error of the source comes through', async ({ sink }) => {
    const failure = new Error('the source broke');
    const found = await lastValueFrom(throwError(() => failure).pipe(sink)).catch((error: unknown) => error);
    assert.is(found, failure);
  });

  check('settles nothing itself, and stops when unsubscribed', async ({ sink, documents }) => {
    let settled = 0;
    const emitted: Settled[] = [];
    const source = new Subject<readonly Envelope<Operation>[]>();
    const subscription = source.pipe(sink).subscribe((value) => emitted.push(value));
    subscription.unsubscribe();
    source.next(enveloped([index('1', { name: 'a' })], () => (settled += 1)));
    assert.is(source.observed, false);
    NEVER.pipe(sink).subscribe().unsubscribe();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.is(settled + emitted.length, 0);
    assert.is((await documents()).size, 0);
  });
}

function defineMissing(check: Check): void {
  check('an update whose document is missing is written whole, in its place', async ({ sink, documents }) => {
    const whole = index('1', { name: 'fresh' }, { body: 'extracted again' });
    const settled = await run(sink, [
      update('1', { name: 'renamed' }, of(whole)),
      index('2', { name: 'other' }),
      update('1', { name: 'renamed twice' }),
    ]);
    assert.equal(ends(settled), ['1 written', '1 written', '2 written']);
    const replaced = settled.find(({ envelope }) => (envelope.value as Operation).id === '1');
    assert.equal(replaced?.outcome, { kind: 'written', version: whole.version });
    const found = (await documents()).get('1');
    assert.is(found?.['name'], 'renamed twice');
    assert.is(found?.['body'], 'extracted again');
  });

  check('where the content is not to be had, the metadata are written', async ({ sink, documents }) => {
    const failing = throwError(() => new TransientError('Cannot download "1": no route'));
    const [settled] = await run(sink, [update('1', { name: 'a' }, failing)]);
    assert.equal(settled?.outcome, {
      kind: 'written',
      version: { signature: 'u-1', content: null },
      withoutContent: 'Cannot download "1": no route',
    });
    assert.is((await documents()).get('1')?.['name'], 'a');
  });
}
