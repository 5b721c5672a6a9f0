import * as assert from 'uvu/assert';
import { assertEqualsBox } from '../support/index-contents.js';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { type Scene, assertIdle, inScene } from './scene.js';

const tree = { users: 2, foldersPerUser: 4, depth: 2, filesPerFolder: 5, extensions: ['txt', 'tmp'] };

const excludesTmp = { id: 'no-tmp', order: 0, policy: 'exclude', field: 'extension', rule: 'equals', value: 'tmp' };
const excludesTxt = { ...excludesTmp, id: 'no-txt', value: 'txt' };

function itemsOf({ box }: Scene) {
  return Array.from(box.truth());
}

function withExtension(scene: Scene, wanted: string) {
  return itemsOf(scene).filter(({ type, extension }) => type === 'file' && extension === wanted);
}

/** The whole index against the whole Box but for these, which must not be there. */
async function assertEqualBut(scene: Scene, excluded: readonly { type: string; id: string }[]): Promise<void> {
  const documents = await scene.contents();
  const except = new Set(excluded.map(({ type, id }) => `${type} ${id}`));
  assertEqualsBox(documents, scene.box, { except });
  assert.is(documents.size, itemsOf(scene).length - excluded.length);
}

suite(
  'sync rules',
  (test) => {
    const run = needing(test, 'elasticsearch');

    run('what a rule excludes is filtered, never downloaded, and stays so', () =>
      inScene({ tree }, async (scene) => {
        const { sim } = scene;
        scene.configure({ sync_rules: [excludesTmp] });
        const excluded = withExtension(scene, 'tmp');
        assert.ok(excluded.length > 10);
        const first = await scene.sync();
        assert.equal([first.filtered, first.written], [excluded.length, itemsOf(scene).length - excluded.length]);
        await assertEqualBut(scene, excluded);
        sim.calls.reset();
        const second = await scene.sync();
        assert.equal([second.filtered, second.unchanged], [first.filtered, first.written]);
        assertIdle(sim, second);
      }),
    );

    run('the first rule that matches decides', () =>
      inScene({ tree }, async (scene) => {
        const [kept] = withExtension(scene, 'tmp');
        scene.configure({
          sync_rules: [
            { ...excludesTmp, order: 1 },
            { id: 'but', order: 0, policy: 'include', field: 'name', rule: 'equals', value: kept?.name },
          ],
        });
        await scene.sync();
        await assertEqualBut(
          scene,
          withExtension(scene, 'tmp').filter(({ name }) => name !== kept?.name),
        );
      }),
    );

    run('other rules: what they exclude is deleted and counted so beside filtered, what they let in is written', () =>
      inScene({ tree }, async (scene) => {
        const { sim } = scene;
        const [tmp, txt] = [withExtension(scene, 'tmp'), withExtension(scene, 'txt')];
        await scene.sync();
        scene.configure({ sync_rules: [excludesTmp] });
        const second = await scene.sync();
        assert.equal([second.filtered, second.deleted, second.written], [tmp.length, tmp.length, 0]);
        await assertEqualBut(scene, tmp);

        scene.configure({ sync_rules: [excludesTxt] });
        const third = await scene.sync();
        assert.equal([third.filtered, third.deleted, third.written], [txt.length, txt.length, tmp.length]);
        await assertEqualBut(scene, txt);

        scene.configure();
        const fourth = await scene.sync();
        assert.equal([fourth.filtered, fourth.deleted, fourth.written], [0, 0, txt.length]);
        await scene.assertEqual();
        sim.calls.reset();
        assertIdle(sim, await scene.sync());
      }),
    );

    run('a renamed file that a rule now excludes is deleted', () =>
      inScene({ tree }, async (scene) => {
        scene.configure({ sync_rules: [excludesTmp] });
        await scene.sync();
        const [file] = withExtension(scene, 'txt');
        scene.box.rename({ type: 'file', id: file?.id ?? '' }, 'now.tmp');
        const summary = await scene.sync();
        assert.equal([summary.deleted, summary.written], [1, 0]);
        await assertEqualBut(scene, withExtension(scene, 'tmp'));
      }),
    );

    run('a folder that is excluded by its path is not walked; its documents are deleted, and come back', () =>
      inScene({ tree }, async (scene) => {
        const { sim } = scene;
        const folder = itemsOf(scene).find(({ type, path, ownerId }) => {
          const below = itemsOf(scene).filter(
            (other) => other.ownerId === ownerId && other.path.startsWith(`${path}/`),
          );
          return type === 'folder' && below.some((other) => other.type === 'folder');
        });
        assert.ok(folder);
        const below = itemsOf(scene).filter(({ path }) => path.startsWith(`${folder.path}/`));
        await scene.sync();
        scene.configure({
          sync_rules: [{ ...excludesTmp, id: 'r', field: 'path', rule: 'starts_with', value: `${folder.path}/` }],
        });
        sim.calls.reset();
        const second = await scene.sync();
        assert.is(second.deleted, below.length);
        assert.is(second.written, 0);
        await assertEqualBut(scene, below);
        for (const { type, id } of [folder, ...below]) {
          if (type === 'folder') assert.is(sim.calls.listingsByFolder.get(id), undefined);
        }
        assert.is(sim.calls.of('items') + sim.calls.of('trash'), 0);
        scene.configure();
        assert.is((await scene.sync()).written, below.length);
        await scene.assertEqual();
      }),
    );

    run('only some folders: what is elsewhere leaves the index, and comes back', () =>
      inScene({ tree: { ...tree, users: 1 } }, async (scene) => {
        await scene.sync();
        const folder = itemsOf(scene).find(({ type }) => type === 'folder');
        assert.ok(folder);
        scene.configure({ box: { folders: [folder.id] } });
        const summary = await scene.sync();
        const outside = itemsOf(scene).filter(({ path }) => !path.startsWith(`${folder.path}/`));
        const documents = await scene.contents();
        const isFolderKept = documents.has(folder.id);
        const gone = isFolderKept ? outside.filter(({ id }) => id !== folder.id) : outside;
        await assertEqualBut(scene, gone);
        assert.is(summary.deleted, gone.length);
        scene.configure();
        assert.is((await scene.sync()).written, gone.length);
        await scene.assertEqual();
      }),
    );
  },
  { timeoutMs: 30_000 },
);
