import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { summaryIn } from '../support/connector.js';
import { assertEqualsBox, indexContents } from '../support/index-contents.js';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { complete, inScene } from './scene.js';

const tree = { users: 2, foldersPerUser: 3, filesPerFolder: 4, webLinks: 1 };

suite(
  'dry run and bulk file',
  (test) => {
    const run = needing(test, 'elasticsearch');

    run('a dry run shows what would be sent, and changes neither index nor state', () =>
      inScene({ tree }, async (scene) => {
        const { connector, client, index, box } = scene;
        const count = Array.from(box.truth()).length;
        for (let time = 0; time < 2; time += 1) {
          const ended = await connector.run(['sync', '--dry-run']);
          assert.is(ended.code, 0, ended.stderr);
          const lines = ended.stdout.trimEnd().split('\n');
          assert.is(lines.length, 2 * count);
          assert.is(summaryIn(ended.stderr)?.written, count);
          assert.is(await client.indices.exists({ index }), false);
        }
        await scene.sync();
        box.createFile({ name: 'new.txt' });
        const ended = await connector.run(['sync', '--dry-run']);
        assert.is(ended.stdout.trimEnd().split('\n').length, 2);
        assert.is((await scene.contents()).size, count);
        assert.is((await scene.sync()).written, 1);
        await scene.assertEqual();
      }),
    );

    run('what a dry run shows, sent to _bulk, is the index', () =>
      inScene({ tree }, async (scene) => {
        const { connector, client, index, box } = scene;
        const { stdout } = await connector.run(['sync', '--dry-run']);
        const answer = await client.transport.request<{ errors: boolean }>({
          method: 'POST',
          path: `/${index}/_bulk`,
          bulkBody: stdout,
        });
        assert.is(answer.errors, false);
        assertEqualsBox(await indexContents(client, index), box);
      }),
    );

    run('the bulk file of several runs, sent as it is, is the index', () =>
      inScene({ tree }, async (scene) => {
        const { connector, client, box } = scene;
        const path = join(connector.folder, 'out.ndjson');
        scene.configure({ sink: 'bulk_file', bulk_file: { path } });
        await scene.sync();
        const [file, gone] = Array.from(box.truth()).filter(({ type }) => type === 'file');
        box.rename({ type: 'file', id: file?.id ?? '' }, 'renamed.txt');
        box.trash({ type: 'file', id: gone?.id ?? '' });
        box.createFolder({ name: 'New folder' });
        const second = await scene.sync();
        assert.equal([second.written, second.deleted], [2, 1]);
        const third = await scene.sync();
        assert.is(third.written, 0);
        const body = readFileSync(path, 'utf8');
        const answer = await client.transport.request<{ errors: boolean }>({
          method: 'POST',
          path: '/_bulk',
          bulkBody: body,
        });
        assert.is(answer.errors, false, JSON.stringify(answer).slice(0, 500));
        await scene.assertEqual({ folderSizes: false });
        // A file that is gone is written anew.
        rmSync(path);
        const fourth = await connector.run(['sync']);
        assert.is(complete(fourth).written, Array.from(box.truth()).length);
      }),
    );
  },
  { timeoutMs: 30_000 },
);
