import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { BoxItem } from '../../src/box/box-item.js';
import type { Envelope } from '../../src/core/envelope.js';
import { PermanentError, TransientError } from '../../src/core/errors.js';
import type { Outcome } from '../../src/core/outcome.js';
import type { Gone } from '../../src/sources/change.js';
import type { FrontierFolder } from '../../src/state/frontier.js';
import type { ListedPage, Run, Sighting } from '../../src/state/run.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import type { Store } from '../../src/state/store.js';
import { boxFile } from '../support/found.js';
import { knownItem } from '../support/known-item.js';
import { seededRandom } from '../support/seeded-random.js';
import { suite } from '../support/suite.js';
import { startRun } from '../support/sync-rig.js';

const version = { signature: 's', content: null };
const written: Outcome = { kind: 'written', version };
const rejected: Outcome = { kind: 'rejected', reason: 'mapper_parsing_exception' };

suite('Run', (test) => {
  const setUp = (different: Parameters<typeof startRun>[1] = {}) => {
    const store = sqliteStore(':memory:');
    const run = startRun(store, different);
    return { store, run, folder: open(run, '7') };
  };
  const open = (run: Run, id: string): FrontierFolder => {
    run.frontier.add([{ id, viewer: null, path: `/${id}`, ancestors: ['0'] }]);
    return run.frontier.take()!;
  };
  const sighting = (run: Run, id: string, different: Partial<Sighting> = {}): Sighting => {
    const item = boxFile({ id });
    const known = run.known([id]);
    return {
      item,
      documentId: run.documentId(item, known),
      path: `/7/${id}`,
      parent: '7',
      ancestors: ['0', '7'],
      seenAs: null,
      known: known.get(`file ${id}`),
      ...different,
    };
  };
  /** An envelope on a page of its own, whose row is reserved. */
  const envelope = (run: Run, id: string, different: Partial<Sighting> = {}, again = false): Envelope<Sighting> => {
    run.ledger.reserve(1).subscribe();
    const page = run.detachedPage();
    const found = run.found(sighting(run, id, different), page, { again });
    found.begin();
    return found;
  };
  const row = (store: Store, id: string) => store.catalogue.known([id]).get(`file ${id}`);
  const gone = (id: string): Gone => ({ kind: 'gone', type: 'file', id, documentId: id, proof: 'trashed' });

  test('each outcome is remembered in its way', () => {
    const earlier = { signature: 'earlier', content: 'v1' };
    const filtered = { rule: 'r', signature: 's' };
    const table: readonly (readonly [Outcome, ReturnType<typeof knownItem>['version'], typeof filtered | null])[] = [
      [written, version, null],
      [{ kind: 'unchanged', version }, version, null],
      [{ kind: 'filtered', ...filtered }, { ...earlier, signature: '' }, filtered],
      [rejected, earlier, null],
    ];
    for (const [outcome, remembered, excluded] of table) {
      const { store, run } = setUp({ rules: 'now' });
      store.catalogue.record([knownItem({ id: '1', parent: '7', version: earlier, rules: 'before', lastSeen: 0 })]);
      envelope(run, '1').settle(outcome);
      assert.is(row(store, '1')?.lastSeen, 0, 'not before the flush');
      run.flush();
      const { lastSeen, rules, parent, version: known, filtered: rule } = row(store, '1')!;
      assert.equal(
        [outcome.kind, lastSeen, rules, parent, known, rule],
        [outcome.kind, run.id, 'now', '7', remembered, excluded],
      );
      assert.is(run.ledger.outstanding, 0);
    }
  });

  test('what is unchanged and in its place is marked as seen, wherever it stood it is noted anew', () => {
    const { store, run } = setUp();
    const known = { parent: '7', version, lastSeen: 0 };
    store.catalogue.record([
      knownItem({ id: '1', ...known }),
      knownItem({ id: '2', ...known, parent: '8' }),
      knownItem({ id: '3', ...known, viewer: 'u1' }),
      knownItem({ id: '4', ...known, filtered: { rule: 'r', signature: 's' } }),
    ]);
    for (const id of ['1', '2', '3', '4']) envelope(run, id).settle({ kind: 'unchanged', version });
    run.flush();
    for (const id of ['1', '2', '3', '4']) {
      assert.equal(row(store, id), knownItem({ id, ...known, lastSeen: run.id }));
    }
  });

  test('a content that the index has refused is counted, until another text of the file is taken', () => {
    const { store, run } = setUp();
    const refused: Outcome = { kind: 'written', version, withoutContent: 'locked', refusedContent: 'v1' };
    const tried = { id: '1', content: 'v1' };
    for (const times of [1, 2]) {
      envelope(run, '1').settle(refused);
      run.flush();
      assert.is(store.contentTries.count(tried), times);
    }
    const table: readonly (readonly [Outcome, number])[] = [
      // Nothing was said about the text.
      [rejected, 2],
      [{ kind: 'unchanged', version }, 2],
      [{ kind: 'written', version: { signature: 't', content: null } }, 2],
      // It is done with, without text, and a partial update leaves it at that.
      [{ kind: 'written', version: { signature: 's', content: 'v1' }, withoutContent: 'given up' }, 2],
      [{ kind: 'written', version: { signature: 't', content: 'v1' } }, 2],
      [{ kind: 'written', version: { signature: 't', content: 'v2' } }, 0],
    ];
    for (const [outcome, times] of table) {
      envelope(run, '1').settle(outcome);
      run.flush();
      assert.is(store.contentTries.count(tried), times, JSON.stringify(outcome));
    }
  });

  test('a text that is taken when everything is written anew was not refused in the end', () => {
    const { store, run } = setUp({ rewrite: true });
    const done = { signature: 's', content: 'v1' };
    store.catalogue.record([knownItem({ id: '1', parent: '7', version: done })]);
    store.contentTries.failed({ id: '1', content: 'v1' });
    envelope(run, '1').settle({ kind: 'written', version: done });
    run.flush();
    assert.is(store.contentTries.count({ id: '1', content: 'v1' }), 0);
  });

  test('an item that was found cannot end as deleted', () => {
    const { run } = setUp();
    assert.throws(() => envelope(run, '1').settle({ kind: 'deleted' }), /Cannot remember "\/7\/1" as deleted/);
  });

  test('an item is counted once, and a second sighting not at all', () => {
    const { run } = setUp();
    envelope(run, '1').settle(written);
    envelope(run, '1', {}, true).settle(written);
    assert.equal([run.tally.finalReport().listed, run.tally.finalReport().written], [1, 1]);
  });

  test('seenIn() knows the place before and after the flush, in this run only', () => {
    const { store, run } = setUp();
    const item = { type: 'file', id: '1' } as const;
    const look = (of: Run) => of.seenIn(item, row(store, '1'));
    assert.is(look(run), undefined);
    const found = envelope(run, '1');
    assert.is(look(run), '7');
    found.settle(written);
    assert.is(look(run), '7');
    run.flush();
    assert.is(look(run), '7');
    assert.is(run.seenIn({ type: 'folder', id: '1' }, undefined), undefined);
    assert.is(look(startRun(store)), undefined);
    assert.is(look(startRun(store, { resume: true })), undefined);
  });

  test('seenIn() does not forget an item because another type of the same number has landed', () => {
    const { run, folder } = setUp();
    envelope(run, '1');
    run.unparsable({ type: 'folder', id: '1', problem: 'x' }, folder, run.known(['1']));
    run.flush();
    assert.is(run.seenIn({ type: 'file', id: '1' }, undefined), '7');
  });

  test('documentId() is the bare id, and gives the second type of a number one of its own, for good', () => {
    const { run } = setUp();
    const idOf = (type: 'file' | 'folder') => run.documentId({ type, id: '1' }, run.known(['1']));
    assert.equal([idOf('file'), idOf('folder')], ['1', '1']);
    const file = envelope(run, '1');
    assert.equal([idOf('file'), idOf('folder')], ['1', 'folder_1']);
    file.settle(written);
    run.flush();
    assert.equal([idOf('file'), idOf('folder')], ['1', 'folder_1']);
    run.store.catalogue.record([knownItem({ id: '1', type: 'folder', documentId: 'folder_1' })]);
    run.store.catalogue.forget([{ type: 'file', id: '1' }]);
    assert.equal([idOf('file'), idOf('folder')], ['1', 'folder_1']);
  });

  test('unparsable(): counted, kept, and its document stays; once in a run, also in one that is gone on with', () => {
    const { store, run, folder } = setUp();
    const indexed = { signature: 's', content: 'v1' };
    store.catalogue.record([knownItem({ id: '1', parent: '8', version: indexed, lastSeen: 0 })]);
    const bad = (of: Run, id: string, type = 'file') =>
      of.unparsable({ type, id, problem: 'field "x"' }, folder, of.known([id]));
    bad(run, '1');
    bad(run, '1');
    bad(run, '2');
    run.flush();
    bad(run, '2');
    assert.equal([run.tally.finalReport().listed, run.tally.finalReport().rejected], [2, 2]);
    assert.equal(
      [row(store, '1')?.version, row(store, '1')?.lastSeen, row(store, '1')?.parent],
      [indexed, run.id, '7'],
    );
    assert.equal([row(store, '2')?.version, store.deadLetters.count()], [null, 2]);
    const again = startRun(store, { resume: true });
    bad(again, '1');
    bad(again, '2');
    assert.is(again.tally.finalReport().listed, 2);
    bad(again, '3', 'collection');
    bad(again, '', 'file');
    assert.is(again.tally.finalReport().rejected, 4, 'what has no number is counted each time');
  });

  test('a dead letter is dropped by whatever delivers the document', () => {
    const delivers: readonly Outcome[] = [
      written,
      { kind: 'unchanged', version },
      { kind: 'filtered', rule: 'r', signature: 's' },
    ];
    for (const outcome of delivers) {
      const { store, run } = setUp();
      envelope(run, '1').settle(rejected);
      run.flush();
      assert.equal(
        store.deadLetters
          .list(9)
          .map(({ documentId, operation, reason, path }) => [documentId, operation, reason, path]),
        [['1', 'index', 'mapper_parsing_exception', '/7/1']],
      );
      const next = startRun(store);
      envelope(next, '1').settle(outcome);
      next.flush();
      assert.equal([outcome.kind, store.deadLetters.count()], [outcome.kind, 0]);
    }
  });

  test('of two endings of one document between two flushes the later counts', () => {
    for (const [first, second, letters] of [
      [rejected, written, 0],
      [written, rejected, 1],
    ] as const) {
      const { store } = setUp();
      store.deadLetters.add([
        { documentId: 'x', type: 'file', id: 'x', path: '', operation: 'index', reason: '', lastTried: 1 },
      ]);
      const next = startRun(store);
      envelope(next, '1').settle(first);
      envelope(next, '1', {}, true).settle(second);
      next.flush();
      assert.is(store.deadLetters.list(9).filter(({ documentId }) => documentId === '1').length, letters);
    }
  });

  test('entries without an id, or of no known type, each have a letter of their own, which no document can have', () => {
    const { store, run, folder } = setUp();
    const nobody = { type: 'file', id: '', problem: 'field "id" is missing' };
    const unknown = { type: 'hub', id: '1', problem: 'field "type" is hub' };
    for (const entry of [nobody, nobody, { ...nobody, type: '' }, unknown]) run.unparsable(entry, folder, new Map());
    // A file whose document has the same id is written all the same.
    envelope(run, '1').settle(written);
    run.flush();
    const letters = store.deadLetters.list(9);
    assert.equal(letters.map(({ type, id, path }) => [type, id, path]).sort(), [
      ['', '', '/7/'],
      ['file', '', '/7/'],
      ['file', '', '/7/'],
      ['hub', '1', '/7/1'],
    ]);
    assert.is(new Set(letters.map(({ documentId }) => documentId)).size, 4);
    assert.not.ok(letters.some(({ documentId }) => documentId === '' || documentId === '1'));
    assert.is(run.tally.finalReport().rejected, 4);
  });

  test('a reason of a megabyte and a path of a hundred folders take no more than they need', () => {
    const { store, run, folder } = setUp();
    const long = 'x'.repeat(1_000_000);
    const path = `/${'y'.repeat(250)}`.repeat(100);
    envelope(run, '1', { path }).settle({ kind: 'rejected', reason: long });
    envelope(run, '2').settle({ kind: 'written', version, withoutContent: long });
    run.unreadFolder(folder, new PermanentError(long));
    run.unparsable({ type: 'file', id: '3', problem: long }, folder, new Map());
    run.flush();
    const report = run.tally.report();
    const [letter] = store.deadLetters.list(9).filter(({ id }) => id === '1');
    assert.equal([letter?.path.length, letter?.path.startsWith('...')], [8_003, true]);
    const reasons = [
      ...store.deadLetters.list(9).map(({ reason }) => reason),
      report.withoutContentReason,
      report.unread[0]?.reason,
    ];
    assert.equal(
      reasons.map((reason) => reason?.length),
      [2_003, 2_003, 2_003, 2_003],
    );
  });

  test('gone(): deleted is counted and noted; anything else is held, and kept as a dead letter', () => {
    const { store, run } = setUp();
    store.catalogue.record([knownItem({ id: '1' }), knownItem({ id: '2' })]);
    run.ledger.reserve(3).subscribe();
    const [one, two] = ['1', '2'].map((id) => run.gone(gone(id), knownItem({ id, version: null })));
    one!.settle({ kind: 'deleted' });
    two!.settle(rejected);
    run.gone(gone('3'), undefined).settle({ kind: 'deleted' });
    run.flush();
    const left = ['1', '2', '3'].map((id) => row(store, id)?.version?.signature);
    assert.equal(left, [undefined, 'signature of 2', undefined]);
    assert.equal([row(store, '1')?.id, row(store, '3')], ['1', undefined]);
    const report = run.tally.finalReport();
    assert.equal([report.deleted, report.deletesHeld, report.listed], [2, 1, 0]);
    assert.equal(
      store.deadLetters.list(9).map(({ documentId, operation }) => [documentId, operation]),
      [['2', 'delete']],
    );
    assert.is(run.ledger.outstanding, 0);
  });

  test('flushes by itself when 1,000 have ended, so it holds no more than that beside what is outstanding', () => {
    const { store, run } = setUp();
    for (let id = 1; id < 1_000; id += 1) envelope(run, String(id)).settle(written);
    assert.is(store.catalogue.count(), 0);
    envelope(run, '1000').settle(written);
    assert.is(store.catalogue.count(), 1_000);
  });

  test('a flush without anything to write does not touch the state', () => {
    const { store, run } = setUp();
    store.transaction = () => {
      throw new Error('touched');
    };
    run.flush();
    envelope(run, '1').settle(written);
    assert.throws(() => run.flush(), 'touched');
  });

  test('a flush that fails loses nothing: the next writes it', () => {
    const { store, run } = setUp();
    envelope(run, '1').settle(written);
    const transaction = store.transaction.bind(store);
    store.transaction = () => {
      throw new Error('disk full');
    };
    assert.throws(() => run.flush(), 'disk full');
    store.transaction = transaction;
    run.flush();
    assert.is(row(store, '1')?.lastSeen, run.id);
  });

  test('the counts of a run are in the state with what they count', () => {
    const { store, run } = setUp();
    envelope(run, '1').settle(written);
    run.flush();
    envelope(run, '2').settle(written);
    assert.is(store.runs.last()?.report?.written, 1);
    run.flush();
    assert.is(store.runs.last()?.report?.written, 2);
  });

  test('quiet() waits for all that is outstanding, and flushes', () => {
    const { store, run } = setUp();
    const [one, two] = [envelope(run, '1'), envelope(run, '2')];
    let quiet = false;
    run.quiet().subscribe(() => (quiet = true));
    one.settle(written);
    assert.equal([quiet, store.catalogue.count()], [false, 0]);
    two.settle(written);
    assert.equal([quiet, store.catalogue.count()], [true, 2]);
  });

  test('a user whose root cannot be read is reported as a user, any other folder as a folder', () => {
    const { run } = setUp();
    run.frontier.add([
      { id: '0', viewer: 'u1', path: '', ancestors: [] },
      { id: '0', viewer: null, path: '', ancestors: [] },
      { id: '5', viewer: 'u1', path: '/A', ancestors: ['0'] },
    ]);
    for (let next = run.frontier.take(); next !== undefined; next = run.frontier.take()) {
      run.unreadFolder(next, new PermanentError('HTTP 403'));
    }
    assert.equal(
      run.tally
        .report()
        .unread.map(({ type, id, path }) => `${type} ${id} ${path}`)
        .sort(),
      ['folder 0 /', 'folder 5 /A', 'user u1 /'],
    );
  });
});

suite('Run, trouble', (test) => {
  test('is told each time that so many folders in a row could not be read for the moment', () => {
    const told: string[] = [];
    const run = startRun(sqliteStore(':memory:'), { troubleAfter: 2, onTrouble: (reason) => told.push(reason) });
    let next = 1;
    const folder = () => {
      run.frontier.add([{ id: String(next++), viewer: null, path: '/x', ancestors: ['0'] }]);
      return run.frontier.take()!;
    };
    const fail = (reason: string) => run.unreadFolder(folder(), new TransientError(reason));
    fail('1');
    run.openPage(folder(), null, []);
    fail('2');
    run.unreadFolder(folder(), new PermanentError('refused'));
    assert.equal(told, []);
    fail('3');
    fail('4');
    fail('5');
    assert.equal(told, ['3', '5']);
  });
});

suite('Run and Frontier: the mark of a folder', (test) => {
  /** Where a resumed run would begin each folder that is not done. */
  const marks = (store: Store): Map<string, string | null> => {
    store.frontier.resume();
    const found = new Map<string, string | null>();
    for (let next = store.frontier.take(); next !== undefined; next = store.frontier.take())
      found.set(next.id, next.marker);
    return found;
  };

  test('an empty page moves it', () => {
    const run = startRun(sqliteStore(':memory:'));
    run.frontier.add([{ id: 'a', viewer: null, path: '/a', ancestors: ['0'] }]);
    const folder = run.frontier.take()!;
    run.sealPage(run.openPage(folder, 'm1', []));
    run.flush();
    assert.equal(marks(run.store), new Map([['a', 'm1']]));
  });

  test('it never passes an entry without an outcome, and is never behind: any order, any flushes, any crash', () => {
    interface Model {
      readonly folder: FrontierFolder;
      readonly pages: { page: ListedPage; next: string | null; sealed: boolean; open: Set<Envelope<Sighting>> }[];
      /** What the state was told at the last flush: where to go on, `null` for the beginning, or `done`. */
      flushed: string | null;
    }
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.integer({ min: 1, max: 120 }), (seed, steps) => {
        const random = seededRandom(seed);
        const pick = <T>(choices: readonly T[]): T | undefined => choices[Math.floor(random() * choices.length)];
        const store = sqliteStore(':memory:');
        const run = startRun(store);
        run.frontier.add(['a', 'b', 'c'].map((id) => ({ id, viewer: null, path: `/${id}`, ancestors: ['0'] })));
        const models: Model[] = [];
        let nextId = 1;
        const markOf = ({ pages }: Model): string | null => {
          let mark: string | null = null;
          for (const { next, sealed, open } of pages) {
            if (!sealed || open.size > 0) break;
            mark = next ?? 'done';
          }
          return mark;
        };
        const listPage = (model: Model) => {
          const last = model.pages.at(-1);
          if (last !== undefined && (last.next === null || !last.sealed)) return;
          const next = random() < 0.2 ? null : `m${model.pages.length + 1}`;
          const page = run.openPage(model.folder, next, []);
          const open = new Set<Envelope<Sighting>>();
          for (let count = Math.floor(random() * 4); count > 0; count -= 1) {
            run.ledger.reserve(1).subscribe();
            const id = String(nextId++);
            const place = { path: `/${id}`, parent: model.folder.id, ancestors: ['0', model.folder.id] };
            const common = { documentId: id, ...place, seenAs: null, known: undefined };
            open.add(run.found({ item: boxFile({ id }), ...common }, page));
          }
          model.pages.push({ page, next, sealed: false, open });
        };
        const flush = () => {
          run.flush();
          for (const model of models) model.flushed = markOf(model);
        };
        for (let step = 0; step < steps; step += 1) {
          const dice = random();
          const model = pick(models);
          if (dice < 0.1) {
            const folder = run.frontier.take();
            if (folder !== undefined) models.push({ folder, pages: [], flushed: null });
          } else if (model === undefined) continue;
          else if (dice < 0.35) listPage(model);
          else if (dice < 0.55) {
            const page = pick(model.pages.filter(({ sealed }) => !sealed));
            if (page !== undefined) {
              page.sealed = true;
              run.sealPage(page.page);
            }
          } else if (dice < 0.9) {
            const page = pick(model.pages.filter(({ open }) => open.size > 0));
            const envelope = page && pick([...page.open]);
            if (page === undefined || envelope === undefined) continue;
            page.open.delete(envelope);
            envelope.settle(random() < 0.8 ? written : rejected);
          } else flush();
        }
        // The crash: whatever was not flushed is lost.
        const expected = new Map<string, string | null>(['a', 'b', 'c'].map((id) => [id, null]));
        for (const { folder, flushed } of models) {
          if (flushed === 'done') expected.delete(folder.id);
          else expected.set(folder.id, flushed);
        }
        assert.equal([...marks(store)].sort(), [...expected].sort());
        for (const { pages } of models) {
          for (const { open } of pages)
            for (const { value } of open) assert.is(store.catalogue.known([value.item.id]).size, 0);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('any interleaving of pages, settles, flushes and crashes: each item ends once, and only what was not settled is listed again', () => {
    interface Entry {
      readonly type: 'file' | 'folder';
      readonly id: string;
    }
    /** Pages of each folder, by id. */
    type Box = ReadonlyMap<string, readonly (readonly Entry[])[]>;
    interface ListedFolder {
      readonly folder: FrontierFolder;
      next: number;
      readonly pages: { readonly at: number; readonly open: Set<Envelope<Sighting>> }[];
      /** Pages that the state holds as settled. */
      settled: number;
    }
    interface Model {
      readonly box: Box;
      /** Folders under way in this process. */
      folders: ListedFolder[];
      listings: number;
      /** Pages that a crash has taken back. */
      lost: number;
    }
    interface Real {
      readonly store: Store;
      run: Run;
    }
    type Command = fc.Command<Model, Real>;
    const outcomes: readonly Outcome[] = [
      written,
      rejected,
      { kind: 'unchanged', version },
      { kind: 'filtered', rule: 'r', signature: 's' },
    ];
    const pick = <T>(values: readonly T[], dice: number): T | undefined => values[dice % values.length];
    const pagesOf = ({ box }: Model, id: string) => box.get(id) ?? [[]];
    const unfinished = (model: Model) =>
      model.folders.filter(({ folder, next }) => next < pagesOf(model, folder.id).length);
    const openPages = ({ folders }: Model) => folders.flatMap(({ pages }) => pages).filter(({ open }) => open.size > 0);
    /** Up to which page everything has an outcome. */
    const settledIn = ({ next, pages }: ListedFolder): number => pages.find(({ open }) => open.size > 0)?.at ?? next;

    const take = (model: Model, { run }: Real) => {
      const folder = run.frontier.take();
      if (folder === undefined) return;
      const first = folder.marker === null ? 0 : Number(folder.marker);
      model.folders.push({ folder, next: first, pages: [], settled: first });
    };
    const listPage = (model: Model, { run }: Real, dice: number) => {
      const listed = pick(unfinished(model), dice);
      if (listed === undefined) return;
      const { folder } = listed;
      const pages = pagesOf(model, folder.id);
      const at = listed.next;
      const entries = pages[at] ?? [];
      const known = run.known(entries.map(({ id }) => id));
      const fresh = entries.filter((entry) => run.seenIn(entry, known.get(`${entry.type} ${entry.id}`)) === undefined);
      const children = fresh
        .filter(({ type }) => type === 'folder')
        .map(({ id }) => ({ id, viewer: null, path: `/${id}`, ancestors: ['0'] }));
      const page = run.openPage(folder, at + 1 < pages.length ? String(at + 1) : null, children);
      const open = new Set<Envelope<Sighting>>();
      for (const { type, id } of fresh) {
        run.ledger.reserve(1).subscribe();
        const item = { ...boxFile({ id }), type } as BoxItem;
        const place = { documentId: id, path: `/${id}`, parent: folder.id, ancestors: ['0', folder.id], seenAs: null };
        open.add(run.found({ item, ...place, known: known.get(`${type} ${id}`) }, page));
      }
      run.sealPage(page);
      listed.pages.push({ at, open });
      listed.next += 1;
      model.listings += 1;
    };
    const settleOne = (model: Model, _: Real, dice: number) => {
      const page = pick(openPages(model), dice);
      const envelope = page && pick([...page.open], dice);
      if (page === undefined || envelope === undefined) return;
      page.open.delete(envelope);
      envelope.settle(outcomes[dice % outcomes.length] ?? written);
    };
    const flush = (model: Model, { run }: Real) => {
      run.flush();
      for (const listed of model.folders) listed.settled = settledIn(listed);
    };
    const crash = (model: Model, real: Real) => {
      for (const { settled, next } of model.folders) model.lost += next - settled;
      model.folders = [];
      real.run = startRun(real.store, { resume: true });
    };
    const command = (name: string, step: (model: Model, real: Real, dice: number) => void, dice = 0): Command => ({
      check: () => true,
      run: (model, real) => step(model, real, dice),
      toString: () => `${name} ${dice}`,
    });
    const boxOf = (shape: readonly (readonly number[])[]): Box => {
      const box = new Map<string, Entry[][]>();
      const waiting = ['0'];
      let id = 1;
      // Each folder has the pages of the next shape; every third entry is a folder as long as there are shapes.
      for (const sizes of shape) {
        const folder = waiting.shift();
        if (folder === undefined) break;
        const pages = sizes.map((size) =>
          Array.from({ length: size }, (): Entry => {
            const type = id % 3 === 1 ? 'folder' : 'file';
            if (type === 'folder') waiting.push(String(id));
            return { type, id: String(id++) };
          }),
        );
        box.set(folder, pages);
      }
      return box;
    };
    const dice = fc.nat({ max: 60 });
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 }),
        fc.commands(
          [
            fc.constant(command('take', take)),
            dice.map((at) => command('list', listPage, at)),
            dice.map((at) => command('list', listPage, at)),
            dice.map((at) => command('settle', settleOne, at)),
            dice.map((at) => command('settle', settleOne, at)),
            fc.constant(command('flush', flush)),
            dice.map((at) => (at < 15 ? command('crash', crash) : command('settle', settleOne, at))),
          ],
          { size: 'large' },
        ),
        (shape, commands) => {
          const box = boxOf(shape);
          const store = sqliteStore(':memory:');
          const run = startRun(store);
          run.frontier.add([{ id: '0', viewer: null, path: '', ancestors: [] }]);
          const model: Model = { box, folders: [], listings: 0, lost: 0 };
          const real: Real = { store, run };
          fc.modelRun(() => ({ model, real }), commands);
          // To the end.
          while (store.frontier.waiting() > 0 || unfinished(model).length > 0 || openPages(model).length > 0) {
            take(model, real);
            listPage(model, real, 0);
            settleOne(model, real, 0);
          }
          flush(model, real);
          const items = [...box].flatMap(([folder, pages]) =>
            pages.flat().map(({ type, id }) => [`${type} ${id}`, folder] as const),
          );
          const report = real.run.tally.finalReport();
          assert.is(report.listed, items.length);
          const known = store.catalogue.known(items.map(([key]) => key.split(' ')[1] ?? ''));
          assert.equal(
            [...known].map(([key, { parent, lastSeen }]) => [key, parent, lastSeen]).sort(),
            items.map(([key, folder]) => [key, folder, run.id]).sort(),
          );
          assert.equal([store.frontier.remaining(), real.run.ledger.outstanding], [0, 0]);
          const folders = 1 + items.filter(([key]) => key.startsWith('folder')).length;
          const pages = [...box.values()].reduce((sum, { length }) => sum + length, 0) + (folders - box.size);
          assert.is(model.listings, pages + model.lost, 'listing calls');
        },
      ),
      { numRuns: 60 },
    );
  });
});
