import * as assert from 'uvu/assert';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { assertCalls, assertIdle, inScene, leastCalls } from './scene.js';

const longestMs = 180_000;
/** Trees whose many listing calls are asked a second time in the long tests only. */
const onceOnly = process.env['TEST_LONG'] === 'true' ? [] : ['three-levels', 'many-users'];

suite(
  'trees',
  (test) => {
    const run = needing(test, 'elasticsearch');
    for (const [tree, least] of [
      ['empty', 0],
      ['one-file', 1],
      ['users', 22_000],
      ['big-folder', 50_001],
      ['chain', 400],
      ['three-levels', 14_000],
      ['many-users', 15_000],
    ] as const) {
      run(`${tree}: the index is the Box, with no call to Box too many, and a second run does nothing`, () =>
        inScene({ tree }, async (scene) => {
          const { sim, box } = scene;
          const first = await scene.sync();
          assert.is(first.kind, 'full');
          const documents = await scene.assertEqual();
          assert.ok(documents.size >= least, `${documents.size} documents, expected ${least} at least`);
          assert.is(first.listed, documents.size);
          assert.is(first.written, documents.size);
          const calls = leastCalls(box, { isEnterprise: true, text: false });
          assertCalls(sim, calls);
          assert.is(first.boxCalls['folders'], calls.folders);

          if (onceOnly.includes(tree)) return;
          sim.calls.reset();
          const second = await scene.sync();
          assert.is(second.kind, 'incremental');
          assert.is(second.unchanged, documents.size);
          assertIdle(sim, second);
          assertCalls(sim, calls);
        }),
      );
    }

    run('a shared folder is indexed once, under its owner, and listed once', () =>
      inScene({ tree: 'empty' }, async (scene) => {
        const { sim, box } = scene;
        const owner = box.createUser({ name: 'Olga Owner' }).id;
        const guests = ['Gert', 'Greta', 'Gina'].map((name) => box.createUser({ name }).id);
        const shared = box.createFolder({ name: 'Shared', owner });
        const below = box.createFolder({ name: 'Below', folder: shared.id });
        const file = box.createFile({ name: 'a.txt', folder: below.id, content: 'once' });
        for (const userId of guests) box.collaborate(shared, { userId });
        await scene.sync();
        const documents = await scene.assertEqual();
        assert.is(documents.size, 3);
        assert.is(documents.get(file.id)?.['path'], '/Shared/Below/a.txt');
        assert.is((documents.get(file.id)?.['owned_by'] as { id: string }).id, owner);
        assert.is(sim.calls.listingsByFolder.get(shared.id), 1);
        assert.is(sim.calls.listingsByFolder.get(below.id), 1);
        assertCalls(sim, leastCalls(box, { isEnterprise: true, text: false }));
      }),
    );
  },
  { timeoutMs: longestMs },
);
