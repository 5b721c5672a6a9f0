import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as assert from 'uvu/assert';
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator.js';
import { suite } from '../support/suite.js';
import { clientOf, crawl, withSimulator } from './client.js';

const trees: Record<string, NonNullable<SimulatorOptions['tree']>> = {
  empty: 'empty',
  'one file': 'one-file',
  demo: 'demo',
  'edge cases': 'edge-cases',
  'folders of files': 'bench:12x30',
  'users who share': { users: 12, foldersPerUser: 6, depth: 2, filesPerFolder: 5, webLinks: 1, sharedShare: 0.4 },
  'big folder': { foldersPerUser: 1, filesPerFolder: 2_345 },
  chain: { foldersPerUser: 60, depth: 60, filesPerFolder: 1 },
  'three levels': { levels: [2, 3, 4], filesPerFolder: 1, filesInRoot: 3 },
  'many users': { users: 60, foldersPerUser: 2, filesPerFolder: 2, sharedShare: 0.1 },
};

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  (collect as () => void)();
  return process.memoryUsage().heapUsed;
}

/** The truth and a crawl over HTTP name the same items, with the same places and the same listed objects. */
async function compare(simulator: Simulator): Promise<number> {
  const found = await crawl(simulator);
  let count = 0;
  for (const { type, id, path, ancestors, seenAs, entry, name } of simulator.box.truth()) {
    const item = found.get(`${type}/${id}`);
    assert.ok(item, `${type} ${id} ${path} was not found`);
    assert.equal([item.path, item.ancestors, item.seenAs], [path, ancestors, seenAs]);
    assert.equal(JSON.stringify(item.entry), JSON.stringify(entry));
    assert.is(item.entry.name, name);
    count += 1;
  }
  assert.is(found.size, count);
  return count;
}

suite(
  'truth()',
  (test) => {
    for (const [name, tree] of Object.entries(trees)) {
      test(`equals a crawl: ${name}`, () =>
        withSimulator({ tree }, async (simulator) => {
          await compare(simulator);
        }));

      test(`knows the fewest listing calls: ${name}`, () =>
        withSimulator({ tree }, async (simulator) => {
          await crawl(simulator);
          assert.is(simulator.calls.of('folders'), simulator.box.leastListingCalls());
          assert.is(simulator.calls.withStatus(200), simulator.calls.total);
        }));
    }

    test('of some accounts only: what others own is seen through the first of them that it is shared with', () =>
      withSimulator({ tree: { users: 3, foldersPerUser: 1, filesPerFolder: 1 } }, ({ box }) => {
        const [one = '', two = '', three = ''] = box.tree.owners;
        box.collaborate(box.tree.folder(2, 0), { userId: two });
        const seen = (accounts: readonly string[]) =>
          Array.from(box.truth(accounts), ({ ownerId, seenAs }) => [ownerId, seenAs]);
        assert.equal(seen([one]), [
          [one, one],
          [one, one],
        ]);
        assert.equal(seen([one, two]), [
          [one, one],
          [one, one],
          [two, two],
          [two, two],
          [three, two],
          [three, two],
        ]);
        return Promise.resolve();
      }));

    test('equals a crawl after every kind of change', () =>
      withSimulator(
        { tree: { users: 4, foldersPerUser: 4, depth: 2, filesPerFolder: 3, sharedShare: 0.3 } },
        async ({ box, ...rest }) => {
          const [one = '', two = '', three = ''] = box.tree.owners;
          const folder = (user: number, index: number) => box.tree.folder(user, index);
          const [file] = box.items.children(folder(0, 0).id, 'file');
          const [other, another] = box.items.children(folder(1, 0).id, 'file');
          assert.ok(file && other && another);
          const before = [...box.truth()].length;
          box.rename(file, 'renamed \u{1f6a2}.txt');
          box.newVersion(file.id, 'entirely new');
          box.move(other, folder(2, 1).id);
          box.trash(another);
          box.move(folder(0, 1), { owner: two });
          const made = box.createFolder({ name: 'new', owner: three });
          box.createFile({ name: 'new.md', folder: made.id, content: 'text' });
          box.createWebLink({ name: 'link', folder: made.id, url: 'https://example.com/' });
          box.collaborate(made, { userId: one });
          const trashed = box.trash(folder(3, 0));
          const inTrash = 1 + 3 + 1 + 3;
          const simulator = { box, ...rest };
          assert.is(await compare(simulator), before - 1 - inTrash + 3);
          box.restore(trashed);
          box.restore(another);
          assert.is(await compare(simulator), before + 3);
          box.purge(made);
          assert.is(await compare(simulator), before);
        },
      ));

    test('finds what an inactive or external user shares through the first who sees it', () =>
      withSimulator({ tree: { users: 3, foldersPerUser: 1, filesPerFolder: 1 } }, async (simulator) => {
        const { box } = simulator;
        const [one = '', two = '', three = ''] = box.tree.owners;
        box.collaborate(box.tree.folder(0, 0), { userId: two });
        box.collaborate(box.tree.folder(0, 0), { userId: three });
        box.deactivateUser(one);
        const guest = box.createUser({ name: 'Guest', kind: 'external' });
        const file = box.createFile({ name: 'theirs.txt', owner: guest.id, content: 'x' });
        box.createFile({ name: 'unseen.txt', owner: guest.id, content: 'y' });
        box.collaborate(file, { userId: three });
        assert.is(await compare(simulator), 2 + 2 + 2 + 1);
        const truth = new Map([...box.truth()].map((item) => [item.path, item]));
        assert.is(truth.get('/theirs.txt')?.seenAs, three);
        assert.is(truth.get(`/${box.tree.folder(0, 0).name}`)?.seenAs, two);
        assert.is(simulator.calls.of('folders'), box.leastListingCalls());
      }));

    test('lists size and sha1 of exactly what is downloaded', () =>
      withSimulator({ tree: 'edge-cases' }, async (simulator) => {
        for (const item of simulator.box.truth()) {
          if (item.type !== 'file') continue;
          const client = clientOf(simulator, item.seenAs);
          const answer = await client.get(`/2.0/files/${item.id}/content`);
          const response = await fetch(answer.headers.get('location') ?? '');
          const bytes = Buffer.from(await response.arrayBuffer());
          assert.is(createHash('sha1').update(bytes).digest('hex'), item.sha1);
          assert.ok(bytes.equals(item.content()));
          if (item.size !== null) assert.is(bytes.length, item.size);
        }
      }));

    test('keeps nothing for an item that nobody changed', () =>
      withSimulator({ tree: { users: 10, foldersPerUser: 100, filesPerFolder: 100 } }, ({ box }) => {
        const before = heapBytes();
        let files = 0;
        for (const { type } of box.truth()) if (type === 'file') files += 1;
        assert.is(files, 100_000);
        assert.ok(heapBytes() - before < 4 << 20);
      }));
  },
  { timeoutMs: 20_000 },
);
