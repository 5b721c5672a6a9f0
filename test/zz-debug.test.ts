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

suite(
  'pipeline(), whatever happens',
  (test) => {
    test('listed = written + unchanged + filtered + rejected, and the index holds what it should', async () => {
      await asserts(
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
        { numRuns: 1 },
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
      await asserts(
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
        { numRuns: 1 },
      );
    });

    test('cut off at random moments of a run with changes and gone on with: the index equals Box', async () => {
      await asserts(
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
          same(rig);
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
        { numRuns: 1 },
      );
    });

    test('Box changes during the run: nothing is counted twice, and the next run makes the index equal', async () => {
      await asserts(
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
          same(rig);
        }),
        { numRuns: 1 },
      );
    });

    test('an enterprise with shares, transfers and a refused user, cut off: nothing is lost, and then the index equals Box', async () => {
      await asserts(
        fc.asyncProperty(seeds, async (seed) => {
          const random = seededRandom(seed);
          const rig = new SyncRig();
          const { box, index } = rig;
          const users = ['u1', 'u2', 'u3'].map((id) => box.user(id));
          const someone = () => users[Math.floor(random() * users.length)] ?? 'u1';
          box.pageSize = 5;
          growTree(box, { folders: 4, files: 12, seed, owners: [...users, 'service'] });
          for (let count = 0; count < 3; count += 1) {
            const shared = box.folder('0', { owner: someone(), sharedWith: users });
            box.files(shared, 4);
          }
          await rig.sync({ enterprise: true });
          same(rig);
          const before = new Set(index.documents.keys());
          for (let count = 0; count < 15; count += 1) change(rig, random);
          const transferred = box.folder('0', { owner: 'u1' });
          box.files(transferred, 3);
          await rig.sync({ enterprise: true });
          same(rig);
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
          same(rig);
          const least = box.foldersWithSizes(users).reduce((sum, size) => sum + Math.max(1, Math.ceil(size / 5)), 0);
          assert.is(box.callsOf('folder').length - listings, least);
        }),
        { numRuns: 1500, endOnFailure: true },
      );
    });

    test('nothing that is in Box and stays where it is loses its document, whatever else changes', async () => {
      await asserts(
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
        { numRuns: 1 },
      );
    });
  },
  { timeoutMs: 500_000 },
);

function same(rig: SyncRig) { const a = indexed(rig), b = inBox(rig); const d = [a.filter((x) => !b.includes(x)), b.filter((x) => !a.includes(x))]; if (d.flat().length) throw new Error('index only / box only ' + JSON.stringify(d) + JSON.stringify(rig.store.runs.last())); }
async function asserts(...args: any[]) { try { await (fc.assert as any)(...args); } catch (e: any) { console.log(String(e.message).slice(0,300), String(e.cause?.message ?? e.cause), e.cause?.details, e.cause?.stack?.split('\n').filter((l: string) => l.includes('zz-debug')).join('\n')); throw e; } }
