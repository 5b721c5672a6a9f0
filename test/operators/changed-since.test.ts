import { EMPTY, NEVER, from, of, throwError } from 'rxjs';
import * as assert from 'uvu/assert';
import type { Envelope } from '../../src/core/envelope.js';
import { changedSince, type ChangedSinceOptions } from '../../src/operators/changed-since.js';
import type { Compared, Draft } from '../../src/operators/draft.js';
import type { Gone } from '../../src/sources/change.js';
import type { KnownItem } from '../../src/state/catalogue.js';
import { Envelopes, goneFile } from '../support/envelopes.js';
import { boxFile, found } from '../support/found.js';
import { knownItem } from '../support/known-item.js';
import { marbles } from '../support/marbles.js';
import { suite } from '../support/suite.js';

suite('changedSince()', (test) => {
  interface Document {
    readonly name: string | null;
    readonly size?: number;
  }
  const options: ChangedSinceOptions<Document> = {
    hash: (text) => `#${text}`,
    wantedContent: ({ item }) => (item.type === 'file' ? (item.file_version?.id ?? null) : null),
    rules: 'r1',
  };
  const document = { name: 'a.txt' };
  const signature = '#{"name":"a.txt"}';
  const content = 'v1';
  const item = boxFile({ file_version: { type: 'file_version', id: 'v1', sha1: null } });

  const compare = (known: Partial<KnownItem> | undefined, different: Partial<ChangedSinceOptions<Document>> = {}) => {
    const envelopes = new Envelopes();
    const out: Envelope<Compared<Document> | Gone>[] = [];
    const draft: Draft<Document> = {
      kind: 'draft',
      found: found(item, { known: known && knownItem({ id: item.id, rules: 'r1', ...known }) }),
      document,
    };
    of<Envelope<Draft<Document> | Gone>>(envelopes.of(draft))
      .pipe(changedSince({ ...options, ...different }))
      .subscribe((envelope) => out.push(envelope));
    const [envelope] = out;
    if (envelope === undefined) return envelopes.outcomes[0];
    assert.equal(envelopes.outcomes, []);
    return envelope.value.kind === 'compared' ? envelope.value.difference : envelope.value.kind;
  };
  const version = { signature, content };
  const unchanged = { kind: 'unchanged', version };

  test('never stays never, empty stays empty, an error of the source passes', () => {
    marbles(({ expectObservable }) => {
      expectObservable(NEVER.pipe(changedSince(options))).toBe('-');
      expectObservable(EMPTY.pipe(changedSince(options))).toBe('|');
      expectObservable(throwError(() => new Error('x')).pipe(changedSince(options))).toBe(
        '#',
        undefined,
        new Error('x'),
      );
    });
  });

  const filtered = { rule: 'x', signature };
  const table: readonly (readonly [string, Partial<KnownItem> | undefined, unknown])[] = [
    ['not known', undefined, 'whole'],
    ['known, and not in the index', { version: null }, 'whole'],
    ['the same', { version }, unchanged],
    ['other metadata', { version: { signature: 'old', content } }, 'metadata'],
    ['other content', { version: { signature, content: 'v0' } }, 'whole'],
    ['no text yet', { version: { signature, content: null } }, 'whole'],
    ['other metadata and content', { version: { signature: 'old', content: 'v0' } }, 'whole'],
    ['the same under other rules', { version, rules: 'r0' }, 'none'],
    ['other metadata under other rules', { version: { signature: 'old', content }, rules: 'r0' }, 'metadata'],
    ['excluded before, the same', { version: null, filtered }, { kind: 'filtered', rule: 'x', signature }],
    ['excluded before, still indexed', { version, filtered }, { kind: 'filtered', rule: 'x', signature }],
    ['excluded before, other metadata', { version: null, filtered: { rule: 'x', signature: 'old' } }, 'whole'],
    ['excluded under other rules', { version: null, filtered, rules: 'r0' }, 'whole'],
    ['excluded under other rules, still indexed', { version, filtered, rules: 'r0' }, 'none'],
    [
      'excluded with other metadata, still indexed as it is now',
      { version, filtered: { rule: 'x', signature: 'old' } },
      'none',
    ],
  ];
  for (const [what, known, expected] of table) {
    test(`${what}: ${typeof expected === 'string' ? expected : 'ends here'}`, () => {
      assert.equal(compare(known), expected);
    });
  }

  test('with rewrite nothing is unchanged', () => {
    assert.is(compare({ version }, { rewrite: true }), 'whole');
    assert.is(compare({ version: null, filtered }, { rewrite: true }), 'whole');
  });

  test('only what is signed counts, but all is sent', () => {
    const signed = ({ name }: Document) => ({ name, size: null });
    const hash = (text: string) => `#${text}`;
    const known = { version: { signature: '#{"name":"a.txt","size":null}', content } };
    assert.equal(compare(known, { signed, hash }), { kind: 'unchanged', version: known.version });
    const out: unknown[] = [];
    of<Envelope<Draft<Document> | Gone>>(new Envelopes().of({ kind: 'draft', found: found(item), document }))
      .pipe(changedSince({ ...options, signed }))
      .subscribe(({ value }) => out.push(value));
    assert.equal(out, [
      {
        kind: 'compared',
        found: found(item),
        document,
        source: '{"name":"a.txt"}',
        signature: '#{"name":"a.txt","size":null}',
        wanted: 'v1',
        difference: 'whole',
      },
    ]);
  });

  test('what is gone passes', () => {
    const out: unknown[] = [];
    of<Envelope<Draft<Document> | Gone>>(new Envelopes().of(goneFile))
      .pipe(changedSince(options))
      .subscribe(({ value }) => out.push(value));
    assert.equal(out, [goneFile]);
  });

  test('a document that is no JSON is rejected, and the next one goes on', () => {
    const circular: { name: string; self?: unknown } = { name: 'c' };
    circular.self = circular;
    for (const [broken, reason] of [
      [circular, /^the document has no JSON: .*circular/],
      [{ name: 'n', size: 1n as unknown as number }, /^the document has no JSON: .*BigInt/],
      [{ name: 'n', toJSON: () => undefined }, /^the document has no JSON, expected an object/],
    ] as const) {
      const envelopes = new Envelopes();
      const out: unknown[] = [];
      const drafts = [broken, document].map((one): Draft<Document> => ({
        kind: 'draft',
        found: found(item),
        document: one,
      }));
      from(drafts.map((draft) => envelopes.of<Draft<Document> | Gone>(draft)))
        .pipe(changedSince(options))
        .subscribe((envelope) => out.push(envelope));
      assert.is(out.length, 1);
      const [outcome] = envelopes.outcomes;
      assert.is(outcome?.kind, 'rejected');
      if (outcome?.kind === 'rejected') assert.match(outcome.reason, reason);
    }
  });

  test('a callback that throws costs this item, and no other', () => {
    const once = <A extends unknown[], R>(work: (...args: A) => R) => {
      let isFirst = true;
      return (...args: A): R => {
        if (!isFirst) return work(...args);
        isFirst = false;
        throw new Error('callback');
      };
    };
    for (const different of [
      { hash: once(options.hash) },
      { wantedContent: once(options.wantedContent) },
      { signed: once((one: Document): object => one) },
    ]) {
      const envelopes = new Envelopes();
      const out: unknown[] = [];
      const draft: Draft<Document> = { kind: 'draft', found: found(item), document };
      from<readonly Envelope<Draft<Document> | Gone>[]>([envelopes.of(draft), envelopes.of(draft)])
        .pipe(changedSince({ ...options, ...different }))
        .subscribe((envelope) => out.push(envelope));
      assert.is(out.length, 1);
      assert.equal(envelopes.outcomes, [
        { kind: 'rejected', reason: 'what has changed of it cannot be told: callback', operation: 'map' },
      ]);
    }
  });

  test('unsubscribing ends the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Envelope<Draft<Document> | Gone>>('----|');
      expectObservable(source.pipe(changedSince(options)), '--!').toBe('---');
      expectSubscriptions(source.subscriptions).toBe('^-!');
    });
  });
});
