import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { AuthError, PermanentError, TransientError } from '../../src/core/errors.js';
import type { Envelope } from '../../src/core/envelope.js';
import type { Change, Found } from '../../src/sources/change.js';
import { folderWalk } from '../../src/sources/folder-walk.js';
import type { Run } from '../../src/state/run.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { FakeBox } from '../support/fake-box.js';
import { growTree } from '../support/grow-tree.js';
import { seededRandom } from '../support/seeded-random.js';
import { suite } from '../support/suite.js';
import { startRun } from '../support/sync-rig.js';
import { keysOf, turns, walked, written } from '../support/walked.js';

suite('folderWalk()', (test) => {
  const setUp = (rows = 10_000) => ({ box: new FakeBox(), run: startRun(sqliteStore(':memory:'), { rows }) });
  const shape = { concurrency: 3, prunes: () => null };
  const walk = (box: FakeBox, run: Run, different: Partial<Parameters<typeof folderWalk>[1]> = {}) =>
    folderWalk({ box, run }, { ...shape, ...different });

  test('is cold: nothing is asked before it is subscribed to', () => {
    const { box, run } = setUp();
    walk(box, run);
    assert.equal([box.calls.length, run.frontier.waiting()], [0, 0]);
  });

  test('an empty account costs one call and emits nothing', async () => {
    const { box, run } = setUp();
    assert.equal(await walked(walk(box, run)), []);
    assert.is(box.calls.length, 1);
  });

  test('files, folders and web links of all depths, each once with its path, one call a folder', async () => {
    const { box, run } = setUp();
    let parent = '0';
    for (let depth = 0; depth < 30; depth += 1) {
      parent = box.folder(parent);
      box.file(parent);
      box.link(parent);
    }
    const changes = (await walked(walk(box, run))) as Found[];
    assert.equal(new Map(changes.map((change) => [`${change.item.type} ${change.item.id}`, change.path])), box.paths());
    assert.is(box.calls.length, 31);
    assert.is(changes.find(({ item }) => item.id === parent)?.ancestors.length, 30);
  });

  test('never more than `concurrency` folders at once', async () => {
    const { box, run } = setUp();
    for (let count = 0; count < 20; count += 1) box.folder('0');
    let most = 0;
    box.latency = () => 3;
    box.before = () => (most = Math.max(most, box.underWay));
    await walked(walk(box, run));
    assert.is(most, 3);
  });

  test('given roots are walked instead of the account', async () => {
    const { box, run } = setUp();
    const root = box.folder('0');
    const inside = box.file(root);
    box.file('0');
    const roots = [{ id: root, viewer: null, path: '/A', ancestors: ['0'] }];
    const changes = (await walked(walk(box, run, { roots }))) as Found[];
    assert.equal(
      changes.map(({ item, path }) => [item.id, path]),
      [[inside, `/A/file-${inside}.txt`]],
    );
  });

  test('what is below a pruned folder costs no call', async () => {
    const { box, run } = setUp();
    const pruned = box.folder('0', { name: 'B' });
    box.folder(box.folder(pruned));
    assert.equal(keysOf(await walked(walk(box, run, { prunes: (path) => (path === '/B' ? 'r' : null) }))), [
      `folder ${pruned}`,
    ]);
    assert.is(box.calls.length, 1);
  });

  test('a folder that cannot be read is reported, and the others go on', async () => {
    for (const error of [new TransientError('Box answered 500'), new PermanentError('Box answered 403')]) {
      const { box, run } = setUp();
      const refused = box.folder('0');
      const fine = box.folder('0');
      box.file(refused);
      const file = box.file(fine);
      box.fail(({ id }) => id === refused, error);
      const keys = keysOf(await walked(walk(box, run)));
      assert.equal(keys.sort(), [`file ${file}`, `folder ${refused}`, `folder ${fine}`]);
      assert.equal(
        run.tally.report().unread.map(({ type, id, path, reason }) => [type, id, path, reason]),
        [['folder', refused, `/folder-${refused}`, error.message]],
      );
      run.flush();
      assert.is(run.frontier.remaining(), 0);
    }
  });

  test('a refused sign-in ends the walk and aborts what is under way', async () => {
    const { box, run } = setUp();
    const [a, b] = [box.folder('0'), box.folder('0')];
    box.latency = ({ id }) => (id === a ? 1_000 : 1);
    box.fail(({ id }) => id === b, new AuthError('Box answered 401'));
    let caught: unknown;
    await walked(walk(box, run)).catch((error: unknown) => (caught = error));
    assert.instance(caught, AuthError);
    assert.equal(box.callsOf('folder', a)[0]?.signal.aborted, true);
    await turns(3);
    assert.is(box.underWay, 0);
  });

  test('unsubscribing aborts all calls within the tick, and no other follows', async () => {
    const { box, run } = setUp();
    for (let count = 0; count < 9; count += 1) box.folder('0');
    box.latency = ({ id }) => (id === '0' ? 0 : 1_000);
    const subscription = walk(box, run).subscribe((envelope) => envelope.settle(written));
    await turns(5);
    const under = box.calls.slice(1);
    assert.is(under.length, 3);
    subscription.unsubscribe();
    assert.equal(
      under.map(({ signal }) => signal.aborted),
      [true, true, true],
    );
    await turns(5);
    assert.equal([box.calls.length, box.underWay], [4, 0]);
  });

  test('a silent consumer stops the paging at the limit of the ledger, and it goes on from there', async () => {
    const { box, run } = setUp(100);
    growTree(box, { folders: 30, files: 300, seed: 1 });
    const waiting: Envelope<Change>[] = [];
    let seen = 0;
    const ended: string[] = [];
    walk(box, run, { concurrency: 8 }).subscribe({
      next: (envelope) => {
        seen += 1;
        waiting.push(envelope);
      },
      complete: () => ended.push('complete'),
    });
    while (ended.length === 0 || waiting.length > 0) {
      await turns(10);
      assert.ok(run.ledger.outstanding <= 100);
      assert.ok(waiting.length <= 100);
      for (const envelope of waiting.splice(0)) envelope.settle(written);
    }
    assert.is(seen, 330);
  });

  test('whatever the tree, pages, latencies and limits: each item once, least calls, rows within the limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 2 ** 31 - 1 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 5 }),
        async (seed, pageSize, rows, concurrency, slowness) => {
          const { box, run } = setUp(rows);
          box.pageSize = pageSize;
          growTree(box, { folders: 8, files: 60, seed });
          const random = seededRandom(seed);
          box.latency = () => Math.floor(random() * slowness);
          let most = 0;
          const look = () => (most = Math.max(most, run.ledger.outstanding));
          box.before = look;
          const keys: string[] = [];
          const waiting: Envelope<Change>[] = [];
          const settleSome = (all: boolean) => {
            while (waiting.length > 0 && (all || random() < 0.7)) {
              const [envelope] = waiting.splice(Math.floor(random() * waiting.length), 1);
              envelope!.settle(written);
              look();
            }
          };
          await new Promise<void>((resolve, reject) => {
            const tick = setInterval(() => settleSome(false), 0);
            walk(box, run, { concurrency }).subscribe({
              next: (envelope) => {
                keys.push(keysOf([envelope.value])[0]!);
                waiting.push(envelope);
                look();
              },
              error: reject,
              complete: () => {
                clearInterval(tick);
                resolve();
              },
            });
          });
          settleSome(true);
          run.flush();
          assert.equal(keys.sort(), box.keys().sort());
          assert.ok(most <= rows, `${most} rows were outstanding, ${rows} allowed`);
          assert.equal([run.ledger.outstanding, run.frontier.remaining()], [0, 0]);
          const size = Math.min(pageSize, rows);
          const least = box.foldersWithSizes().reduce((sum, count) => sum + Math.max(1, Math.ceil(count / size)), 0);
          assert.is(box.calls.length, least);
          assert.is(run.tally.finalReport().listed, keys.length);
        },
      ),
      { numRuns: 15 },
    );
  });
});
