import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { lastValueFrom, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import { AuthError, PermanentError, TransientError } from '../src/core/errors.js';
import { growTree } from './support/grow-tree.js';
import { seededRandom } from './support/seeded-random.js';
import { suite } from './support/suite.js';
import { type RigOptions, SyncRig, plainText } from './support/sync-rig.js';
import { turns } from './support/walked.js';

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const noTmp = [
  { id: 'no-tmp', order: 0, policy: 'exclude', field: 'extension', rule: 'equals', value: 'tmp' },
] as const;

/** `<type> <id>` and path of everything that the index holds; the documents of a rig are called after the bare id. */
function indexed({ index }: SyncRig): string[] {
  return [...index.documents.values()]
    .map(({ source }) => `${String(source['type'])} ${String(source['id'])} ${String(source['path'])}`)
    .sort();
}

function inBox({ box }: SyncRig, without: (key: string) => boolean = () => false): string[] {
  return [...box.paths()]
    .filter(([key]) => !without(key))
    .map(([key, path]) => `${key} ${path}`)
    .sort();
}

suite('pipeline(), run after run', (test) => {
  const synced = async (options: RigOptions = {}) => {
    const rig = new SyncRig();
    const folder = rig.box.folder('0', { name: 'A' });
    const file = rig.box.file(folder, { name: 'a.txt', content: 'first' });
    rig.box.link(folder, { name: 'L' });
    await rig.sync(options);
    rig.box.calls.length = 0;
    rig.index.operations.length = 0;
    return { rig, box: rig.box, index: rig.index, folder, file };
  };
  const downloads = ({ box }: Pick<SyncRig, 'box'>) => box.callsOf('content').length;
  const body = ({ index }: Pick<SyncRig, 'index'>, id: string) => index.documents.get(id)?.content;

  test('is cold: nothing is asked or written before it is subscribed to', () => {
    const rig = new SyncRig();
    rig.begin();
    assert.equal([rig.box.calls.length, rig.index.operations.length], [0, 0]);
  });

  test('an empty Box: counts of nothing', async () => {
    const report = await new SyncRig().sync();
    assert.equal([report.listed, report.written, report.deleted], [0, 0, 0]);
  });

  test('the first run writes every document, with its text', async () => {
    const { rig, box, file } = await synced();
    assert.equal(indexed(rig), inBox(rig));
    assert.is(body(rig, file), '"body":"first"');
    assert.is(box.calls.length, 0);
  });

  test('emits how each operation ended, not what earlier stages have ended', async () => {
    const { rig, box } = await synced();
    box.file('0', { name: 'new.tmp' });
    const added = box.file('0', { name: 'new.txt' });
    const { run, outcomes } = rig.begin({ syncRules: noTmp });
    const emitted = await lastValueFrom(outcomes.pipe(toArray()));
    assert.equal(
      emitted.map(({ kind }) => kind),
      ['written'],
    );
    assert.equal(rig.index.log(), [`index ${added}`]);
    const { listed, written, unchanged, filtered } = run.tally.finalReport();
    assert.equal([listed, written, unchanged, filtered], [5, 1, 3, 1]);
  });

  test('a second run with nothing changed sends nothing and downloads nothing', async () => {
    const { rig, index } = await synced();
    const report = await rig.sync();
    assert.equal([report.listed, report.unchanged, index.operations.length, downloads(rig)], [3, 3, 0, 0]);
  });

  test('renamed: one partial update without a download, and the text stays', async () => {
    const { rig, box, index, file } = await synced();
    box.rename('file', file, 'b.txt');
    const report = await rig.sync();
    assert.equal([report.written, report.unchanged, index.log(), downloads(rig)], [1, 2, [`update ${file}`], 0]);
    assert.equal([index.field(file, 'path'), body(rig, file)], ['/A/b.txt', '"body":"first"']);
  });

  test('a renamed folder: partial updates of all below it, without a download', async () => {
    const { rig, box, index, folder } = await synced();
    box.rename('folder', folder, 'B');
    assert.is((await rig.sync()).written, 3);
    assert.equal([indexed(rig), downloads(rig)], [inBox(rig), 0]);
    assert.ok(index.operations.every(({ kind }) => kind === 'update'));
  });

  test('seen in another place and then back where the catalogue has it: the index has the place of the last sighting', async () => {
    const { rig, box, folder, file } = await synced();
    const other = box.folder('0', { name: 'B' });
    await rig.sync();
    box.move('file', file, other);
    // The newest folder is listed first.
    box.after = ({ kind, id }) => {
      if (kind === 'folder' && id === other) box.move('file', file, folder);
    };
    const report = await rig.sync({ concurrency: 1 });
    assert.equal(
      box.callsOf('item').map(({ id }) => id),
      [`file ${file}`],
    );
    assert.equal(indexed(rig), inBox(rig));
    assert.equal([report.listed, body(rig, file)], [4, '"body":"first"']);
    rig.index.operations.length = 0;
    box.after = () => {};
    await rig.sync();
    assert.equal(rig.index.operations, []);
  });

  test('new content: one download, one whole document', async () => {
    const { rig, box, index, file } = await synced();
    box.newVersion(file, 'second');
    assert.is((await rig.sync()).written, 1);
    assert.equal([index.log(), downloads(rig), body(rig, file)], [[`index ${file}`], 1, '"body":"second"']);
  });

  test('new content that cannot be had: metadata now, the old text stays; the text comes with the next run', async () => {
    for (const error of [new TransientError('500'), new PermanentError('403')]) {
      const { rig, box, index, file } = await synced();
      box.newVersion(file, 'second');
      box.rename('file', file, 'b.txt');
      box.fail(({ kind }) => kind === 'content', error);
      const report = await rig.sync();
      assert.equal([report.written, report.withoutContent, index.log()], [1, 1, [`update ${file}`]]);
      assert.equal([index.field(file, 'name'), body(rig, file)], ['b.txt', '"body":"first"']);
      const again = await rig.sync();
      assert.equal(
        [again.unchanged, again.withoutContent, index.log().length],
        [3, 1, 1],
        'tried again, nothing to send',
      );
      box.mend();
      assert.is((await rig.sync()).written, 1);
      assert.is(body(rig, file), '"body":"second"');
      assert.is((await rig.sync()).unchanged, 3);
    }
  });

  test('content that can never be extracted is tried once for each version', async () => {
    const broken = {
      ...plainText,
      async extract(_: unknown, bytes: AsyncIterable<Uint8Array>) {
        await text(Readable.from(bytes));
        throw new PermanentError('Tika answered 422');
      },
    };
    const { rig, box, file } = await synced({ extractor: broken });
    assert.is(body(rig, file), '');
    assert.equal([(await rig.sync({ extractor: broken })).unchanged, downloads(rig)], [3, 0]);
    box.newVersion(file, 'second');
    const report = await rig.sync({ extractor: broken });
    assert.equal([report.withoutContent, downloads(rig)], [1, 1]);
  });

  test('rewrite: everything is downloaded and written again', async () => {
    const { rig, index } = await synced();
    const report = await rig.sync({ rewrite: true });
    assert.equal([report.written, report.unchanged, downloads(rig)], [3, 0, 1]);
    assert.ok(index.operations.every(({ kind }) => kind === 'index'));
  });

  test('a document that the index has lost is extracted and written in place of its update', async () => {
    const { rig, box, index, file } = await synced();
    index.documents.delete(file);
    box.rename('file', file, 'b.txt');
    const report = await rig.sync();
    assert.equal([report.written, index.log(), downloads(rig)], [1, [`index ${file}`], 1]);
    assert.is(body(rig, file), '"body":"first"');
  });

  test('a refused document is rejected, keeps its dead letter, and is sent again in the next run', async () => {
    const { rig, box, index, file } = await synced();
    box.rename('file', file, 'b.txt');
    index.refuses = ({ id }) => (id === file ? 'mapper_parsing_exception' : undefined);
    const report = await rig.sync();
    assert.equal([report.rejected, report.unchanged, rig.store.deadLetters.count()], [1, 2, 1]);
    index.refuses = () => undefined;
    assert.equal([(await rig.sync()).written, rig.store.deadLetters.count()], [1, 0]);
  });

  test('a rule that comes: filtered and deleted; a rule that goes: written again', async () => {
    const { rig, box, index } = await synced();
    const tmp = box.file('0', { name: 'x.tmp' });
    await rig.sync();
    const report = await rig.sync({ syncRules: noTmp });
    assert.equal([report.filtered, report.deleted, index.documents.has(tmp)], [1, 1, false]);
    const again = await rig.sync({ syncRules: noTmp });
    assert.equal([again.filtered, again.deleted], [1, 0]);
    const freed = await rig.sync();
    assert.equal([freed.written, freed.unchanged, index.documents.has(tmp)], [1, 3, true]);
  });

  test('content holds its bytes until its document is settled, and a small budget only makes it slow', async () => {
    const rig = new SyncRig();
    rig.box.files('0', 40, { content: 'x'.repeat(30) });
    const { run, outcomes } = rig.begin({ bytes: 90, rows: 7 });
    await lastValueFrom(outcomes);
    assert.equal([run.tally.finalReport().written, run.budget.held, run.ledger.outstanding], [40, 0, 0]);
    assert.ok(run.budget.peak <= 90 + 39, `${run.budget.peak} bytes were held, expected 90 and one document at most`);
  });

  test('a batch does not wait for more while paging waits for what is in it', async () => {
    for (const rows of [1, 3, 10, 1_000]) {
      const rig = new SyncRig();
      rig.box.pageSize = 4;
      growTree(rig.box, { folders: 6, files: 30, seed: rows });
      const report = await rig.sync({ rows, batch: { maxItems: 1_000, maxWaitMs: 1_000_000 } });
      assert.equal([report.written, rig.index.documents.size], [rig.box.keys().length, report.written]);
    }
  });

  test('unsubscribing aborts every call within the tick, and nothing follows', async () => {
    const { rig, box, file } = await synced();
    box.newVersion(file, 'second');
    box.folder('0');
    box.latency = ({ kind, id }) => (kind === 'content' || id !== '0' ? 500 : 0);
    const { outcomes } = rig.begin();
    const subscription = outcomes.subscribe();
    await turns(10);
    const under = box.calls.filter(({ id }) => id !== '0');
    assert.ok(under.length >= 2);
    subscription.unsubscribe();
    assert.ok(under.every(({ signal }) => signal.aborted));
    const calls = box.calls.length;
    await turns(5);
    assert.equal([box.calls.length, box.underWay], [calls, 0]);
  });

  test('a refused sign-in ends the run; what has ended by then is in the state', async () => {
    const rig = new SyncRig();
    growTree(rig.box, { folders: 6, files: 40, seed: 3 });
    let calls = 0;
    rig.box.fail(() => (calls += 1) > 20, new AuthError('401'));
    const { run, outcomes } = rig.begin();
    let caught: unknown;
    await lastValueFrom(outcomes).catch((error: unknown) => (caught = error));
    assert.instance(caught, AuthError);
    const { written } = run.tally.report();
    assert.equal([rig.store.catalogue.indexed(), rig.store.runs.last()?.report?.written ?? 0], [written, written]);
  });
});

suite(
  'pipeline(), whatever happens',
  (test) => {
    test('listed = written + unchanged + filtered + rejected, and the index holds what it should', async () => {
      await fc.assert(
        fc.asyncProperty(
          seeds,
          fc.integer({ min: 1, max: 30 }),
          fc.integer({ min: 1, max: 12 }),
          async (seed, rows, pageSize) => {
            const rig = new SyncRig();
            const { box, index } = rig;
            const random = seededRandom(seed);
            box.pageSize = pageSize;
            growTree(box, { folders: 6, files: 40, seed });
            const tree = box.keys();
            const some = (share: number, type = '') =>
              new Set(tree.filter((key) => key.startsWith(type) && random() < share));
            for (const key of some(0.1, 'file')) box.rename('file', key.slice(5), `${key.slice(5)}.tmp`);
            const broken = some(0.1, 'file');
            for (const key of broken) box.breaks('file', key.slice(5), 'field "size"');
            const refused = some(0.1);
            index.refuses = ({ id }) => ([...refused].some((key) => key.endsWith(` ${id}`)) ? 'refused' : undefined);
            const cut = some(0.2, 'file');
            box.fail(({ kind, id }) => kind === 'content' && cut.has(`file ${id}`), new TransientError('cut'));
            box.fail(({ marker }) => marker !== null, 'repeat page', Math.floor(random() * 3));
            box.latency = () => Math.floor(random() * 3);
            index.latency = () => Math.floor(random() * 3);
            const report = await rig.sync({
              syncRules: noTmp,
              rows,
              bytes: 40,
              concurrency: 1 + Math.floor(random() * 4),
            });
            const tmp = (key: string) => box.paths().get(key)?.endsWith('.tmp') === true;
            assert.is(report.listed, tree.length);
            assert.is(report.filtered, tree.filter((key) => tmp(key) && !broken.has(key)).length);
            assert.equal(
              indexed(rig),
              inBox(rig, (key) => tmp(key) || broken.has(key) || refused.has(key)),
            );
            assert.is(rig.store.deadLetters.count(), report.rejected);
            index.operations.length = 0;
            box.mend();
            index.refuses = () => undefined;
            for (const key of broken) box.breaks('file', key.slice(5), undefined);
            await rig.sync({ syncRules: noTmp, rows });
            assert.equal(indexed(rig), inBox(rig, tmp));
            assert.is(rig.store.deadLetters.count(), 0);
            index.operations.length = 0;
            assert.is((await rig.sync({ syncRules: noTmp })).listed, tree.length);
            assert.equal(index.log(), []);
          },
        ),
        { numRuns: 8 },
      );
    });

    /** Changes something in Box. */
    const change = ({ box }: SyncRig, random: () => number) => {
      const keys = box.keys();
      const key = keys[Math.floor(random() * keys.length)];
      if (key === undefined) return;
      const [type, id] = key.split(' ') as ['file' | 'folder' | 'web_link', string];
      const folders = keys.filter((other) => other.startsWith('folder ')).map((other) => other.slice(7));
      const target = ['0', ...folders][Math.floor(random() * (folders.length + 1))] ?? '0';
      const isBelow = (path: string | undefined, above: string | undefined) =>
        path !== undefined && above !== undefined && `${path}/`.startsWith(`${above}/`);
      const dice = random();
      if (dice < 0.25) box.rename(type, id, `renamed-${Math.floor(random() * 1_000)}.txt`);
      else if (dice < 0.45 && type === 'file') box.newVersion(id, `content ${random()}`);
      else if (dice < 0.6) box.remove(type, id, random() < 0.7 ? 'trashed' : 'not_found');
      else if (dice < 0.8) {
        if (!isBelow(box.paths().get(`folder ${target}`), box.paths().get(key))) box.move(type, id, target);
      } else if (dice < 0.9) box.file(target);
      else box.folder(target);
    };

    /** Runs until it ends by itself, cut off at random moments: as `kill -9` does, or as a stop that still flushes. */
    const cutOff = async (rig: SyncRig, random: () => number, stops: number, options: RigOptions) => {
      for (let stop = 0; ; stop += 1) {
        const { run, outcomes } = rig.begin({ ...options, resume: stop > 0 });
        const flush = run.flush.bind(run);
        let isKilled = false;
        run.flush = () => {
          if (isKilled) return;
          flush();
        };
        let isOver = false;
        const end = new Promise<'done' | 'cut off'>((resolve, reject) => {
          const subscription = outcomes.subscribe({
            error: reject,
            complete: () => {
              isOver = true;
              resolve('done');
            },
          });
          const moments = stop < stops ? Math.floor(random() * 40) : Infinity;
          const isKill = random() < 0.7;
          const tick = (moment: number) => {
            if (isOver) return;
            if (moment >= moments) {
              isKilled = isKill;
              subscription.unsubscribe();
              resolve('cut off');
              return;
            }
            if (random() < 0.5) run.flush();
            setImmediate(tick, moment + 1);
          };
          tick(0);
        });
        if ((await end) === 'done') return { run, stops: stop };
        // What the sink had in hand is written by Elasticsearch all the same.
        await turns(6);
      }
    };

    test('cut off at random moments of the first run and gone on with: the counts are those of one run', async () => {
      await fc.assert(
        fc.asyncProperty(seeds, async (seed) => {
          const random = seededRandom(seed);
          const rig = new SyncRig();
          const { box, index } = rig;
          box.pageSize = 5;
          growTree(box, { folders: 8, files: 80, seed });
          const tree = box.keys();
          const broken = tree.filter((key) => key.startsWith('file ') && random() < 0.05);
          for (const key of broken) box.breaks('file', key.slice(5), 'field "size"');
          index.refuses = ({ id }) => (Number(id) % 17 === 0 ? 'refused' : undefined);
          box.latency = () => Math.floor(random() * 3);
          index.latency = () => Math.floor(random() * 3);
          const rows = 10;
          const concurrency = 3;
          const { run, stops } = await cutOff(rig, random, 6, { rows, concurrency, syncRules: noTmp });
          const report = run.tally.finalReport();
          assert.is(report.listed, tree.length, `after ${stops} stops`);
          const refused = (key: string) => Number(key.split(' ')[1]) % 17 === 0;
          assert.is(report.rejected, tree.filter((key) => refused(key) || broken.includes(key)).length);
          assert.equal(
            indexed(rig),
            inBox(rig, (key) => refused(key) || broken.includes(key)),
          );
          assert.is(rig.store.frontier.remaining(), 0);
          const least = box.foldersWithSizes().reduce((sum, size) => sum + Math.max(1, Math.ceil(size / 5)), 0);
          const calls = box.callsOf('folder').length;
          const most = least + stops * (rows + concurrency);
          assert.ok(
            calls >= least && calls <= most,
            `${calls} calls, ${least} for one run, ${most} with ${stops} stops`,
          );
        }),
        { numRuns: 12 },
      );
    });

    test('cut off at random moments of a run with changes and gone on with: the index equals Box', async () => {
      await fc.assert(
        fc.asyncProperty(seeds, async (seed) => {
          const random = seededRandom(seed);
          const rig = new SyncRig();
          const { box, index } = rig;
          box.pageSize = 5;
          growTree(box, { folders: 8, files: 60, seed });
          await rig.sync();
          for (let count = 0; count < 15; count += 1) change(rig, random);
          box.latency = () => Math.floor(random() * 3);
          index.latency = () => Math.floor(random() * 3);
          const { run } = await cutOff(rig, random, 5, { rows: 12 });
          assert.is(run.tally.finalReport().listed, box.keys().length);
          assert.equal(indexed(rig), inBox(rig));
          for (const key of box.keys().filter((one) => one.startsWith('file '))) {
            assert.is(
              index.documents.get(key.slice(5))?.content,
              `"body":${JSON.stringify(box.contentOf(key.slice(5)))}`,
            );
          }
          index.operations.length = 0;
          await rig.sync();
          assert.equal(index.log(), []);
        }),
        { numRuns: 12 },
      );
    });

    test('Box changes during the run: nothing is counted twice, and the next run makes the index equal', async () => {
      await fc.assert(
        fc.asyncProperty(seeds, async (seed) => {
          const random = seededRandom(seed);
          const rig = new SyncRig();
          const { box } = rig;
          box.pageSize = 5;
          growTree(box, { folders: 8, files: 60, seed });
          await rig.sync();
          box.latency = () => Math.floor(random() * 3);
          box.before = () => {
            if (random() < 0.5) change(rig, random);
          };
          await rig.sync({ rows: 12 });
          box.before = () => {};
          await rig.sync();
          assert.equal(indexed(rig), inBox(rig));
        }),
        { numRuns: 12 },
      );
    });

    test('an enterprise with shares, transfers and a refused user, cut off: nothing is lost, and then the index equals Box', async () => {
      await fc.assert(
        fc.asyncProperty(seeds, async (seed) => {
          const random = seededRandom(seed);
          const rig = new SyncRig();
          const { box, index } = rig;
          const users = ['u1', 'u2', 'u3'].map((id) => box.user(id));
          const someone = () => users[Math.floor(random() * users.length)] ?? 'u1';
          box.pageSize = 5;
          growTree(box, { folders: 10, files: 60, seed, owners: [...users, 'service'] });
          for (let count = 0; count < 3; count += 1) {
            const shared = box.folder('0', { owner: someone(), sharedWith: users });
            box.files(shared, 4);
          }
          await rig.sync({ enterprise: true });
          assert.equal(indexed(rig), inBox(rig));
          const before = new Set(index.documents.keys());
          for (let count = 0; count < 15; count += 1) change(rig, random);
          const transferred = box.folder('0', { owner: 'u1' });
          box.files(transferred, 3);
          await rig.sync({ enterprise: true });
          assert.equal(indexed(rig), inBox(rig));
          box.move('folder', transferred, '0', 'u2');
          box.fail(({ kind, asUser }) => kind === 'folder' && asUser === someone(), new PermanentError('401'), 3);
          box.latency = () => Math.floor(random() * 3);
          const { run } = await cutOff(rig, random, 3, { enterprise: true, rows: 12 });
          run.tally.finalReport();
          const there = box.keys().map((key) => key.split(' ')[1] ?? '');
          assert.equal(
            there.filter((id) => before.has(id) && !index.documents.has(id)),
            [],
          );
          box.mend();
          const listings = box.callsOf('folder').length;
          await rig.sync({ enterprise: true });
          assert.equal(indexed(rig), inBox(rig));
          const least = box.foldersWithSizes(users).reduce((sum, size) => sum + Math.max(1, Math.ceil(size / 5)), 0);
          assert.is(box.callsOf('folder').length - listings, least);
        }),
        { numRuns: 8 },
      );
    });

    test('nothing that is in Box and stays where it is loses its document, whatever else changes', async () => {
      await fc.assert(
        fc.asyncProperty(seeds, async (seed) => {
          const random = seededRandom(seed);
          const rig = new SyncRig();
          const { box, index } = rig;
          box.pageSize = 5;
          growTree(box, { folders: 8, files: 60, seed });
          await rig.sync();
          const before = new Set(index.documents.keys());
          const refused = box.keys().filter((key) => key.startsWith('folder ') && random() < 0.3);
          box.fail(({ kind, id }) => kind === 'folder' && refused.includes(`folder ${id}`), new PermanentError('403'));
          box.fail(({ kind }) => kind === 'item' && random() < 0.3, new TransientError('500'));
          for (let count = 0; count < 10; count += 1) change(rig, random);
          await rig.sync();
          const lost = box
            .keys()
            .map((key) => key.split(' ')[1]!)
            .filter((id) => before.has(id) && !index.documents.has(id));
          assert.equal(lost, []);
        }),
        { numRuns: 12 },
      );
    });
  },
  { timeoutMs: 30_000 },
);
