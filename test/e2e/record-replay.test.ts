import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { assertEqualsBox } from '../support/index-contents.js';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { serveExtraction } from './extraction-stub.js';
import { complete, inScene } from './scene.js';

const tree = { users: 3, foldersPerUser: 3, depth: 2, filesPerFolder: 4, webLinks: 1, sharedShare: 0.3 };

suite(
  'record and replay',
  (test) => {
    const run = needing(test, 'elasticsearch');

    for (const account of ['enterprise', 'free'] as const) {
      run(`${account}: what was recorded gives the same index without Box, and holds no secret`, async () => {
        const service = await serveExtraction();
        try {
          const options = { tree: account === 'free' ? { ...tree, users: 1, sharedShare: 0 } : tree, account };
          await inScene(options, async (scene) => {
            const { connector, sim, client, index } = scene;
            const folder = join(connector.folder, 'recording');
            const text = { extraction: { method: 'extraction_service' }, extraction_service: { host: service.url } };
            scene.configure(text);
            const recorded = await scene.sync('--record', folder);
            const before = await scene.assertEqual();
            const all = readdirSync(folder)
              .map((name) => readFileSync(join(folder, name), 'utf8'))
              .join('\n');
            for (const secret of [sim.credentials.clientSecret, sim.credentials.refreshToken]) {
              assert.not.ok(all.includes(secret));
            }
            assert.not.match(all, /Bearer [A-Za-z0-9]/);

            await client.indices.delete({ index });
            rmSync(join(connector.folder, 'data'), { recursive: true });
            sim.calls.reset();
            scene.configure({ ...text, box: { client_secret: undefined, base_url: 'http://127.0.0.1:9' } });
            const replayed = await scene.sync('--replay', folder);
            assert.is(sim.calls.total, 0);
            assert.equal([replayed.listed, replayed.written], [recorded.listed, recorded.written]);
            const after = await scene.assertEqual();
            assert.equal(after, before);
          });
        } finally {
          await service.close();
        }
      });
    }

    run('a recording that lacks an exchange is not replayed as if it were whole', () =>
      inScene({ tree }, async (scene) => {
        const { connector } = scene;
        const folder = join(connector.folder, 'recording');
        await scene.sync('--record', folder);
        const listing =
          readdirSync(folder)
            .filter((name) => name.includes('folders'))
            .at(-1) ?? '';
        rmSync(join(folder, listing));
        const ended = await connector.run(['sync', '--replay', folder]);
        assert.is(ended.code, 1, ended.stderr);
        assert.match(ended.stderr, /record/);
      }),
    );

    run('a replay deletes nothing, and leaves the state of the real Box alone', () =>
      inScene({ tree }, async (scene) => {
        const { connector, box } = scene;
        const folder = join(connector.folder, 'recording');
        await scene.sync('--record', folder);

        const file = box.createFile({ name: 'later.txt' });
        await scene.sync();
        complete(await connector.run(['sync', '--replay', folder]));
        const documents = await scene.contents();
        assert.ok(documents.has(file.id));
        assertEqualsBox(documents, box);
        assert.is((await scene.sync()).written, 0);
      }),
    );
  },
  { timeoutMs: 30_000 },
);
