import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as assert from 'uvu/assert';
import { readLocalIndex } from '../../src/sinks/read-local-index.js';
import { hostileTexts } from '../support/hostile-texts.js';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { complete, inScene, summaryOf } from './scene.js';

const scopeRefused = {
  kind: 'answer',
  status: 403,
  body: '{"type":"error","status":403,"code":"insufficient_scope"}',
} as const;

suite(
  'what Box answers otherwise than it should',
  (test) => {
    const real = needing(test, 'elasticsearch');

    for (const sink of ['elasticsearch', 'local_index'] as const) {
      real(`hostile names of folders and files go into ${sink}, stay, and go again`, () =>
        inScene({ tree: { filesInRoot: 1 }, account: 'free' }, async (scene) => {
          const { box, connector, sim } = scene;

          const owner = sim.credentials.userId;
          const path = join(connector.folder, 'index.sqlite');
          scene.configure({ sink, local_index: { path } });
          const indexed = async () =>
            sink === 'elasticsearch'
              ? scene.contents()
              : new Map(Array.from(readLocalIndex(path), ({ id, document }) => [id, document]));
          const folders = hostileTexts.map((name) => box.createFolder({ name, owner }));
          const files = hostileTexts.map((name, index) =>
            box.createFile({ name, folder: folders[index]?.id ?? '', content: 'text' }),
          );
          const first = complete(await connector.run(['sync']));
          assert.is(first.written, 1 + folders.length + files.length);
          const documents = await indexed();
          for (const [index, text] of hostileTexts.entries()) {
            const name = text.toWellFormed();
            const [folder, file] = [documents.get(folders[index]?.id ?? ''), documents.get(files[index]?.id ?? '')];
            assert.equal([folder?.['name'], folder?.['path']], [name, `/${name}`]);
            assert.equal([file?.['name'], file?.['path']], [name, `/${name}/${name}`]);
          }
          for (const args of [['sync'], ['sync', '--full']]) {
            const again = complete(await connector.run(args));
            assert.equal([again.written, again.unchanged], [0, first.written]);
          }
          for (const folder of folders) box.trash(folder);
          const last = complete(await connector.run(['sync', '--allow-deletes']));
          assert.is(last.deleted, folders.length + files.length);
          assert.is((await indexed()).size, 1);
        }),
      );
    }

    real('an odd field costs the field, with one warning for all; what is in the trash is left out', () =>
      inScene({ tree: { filesInRoot: 3, foldersPerUser: 1 }, account: 'free' }, async (scene) => {
        const { box, connector, sim } = scene;

        const owner = sim.credentials.userId;
        const file = (name: string, odd: Record<string, string>) =>
          box.setOdd(box.createFile({ name, owner, content: 'x' }), odd);
        const dates = [
          '9999-12-31T23:59:59-08:00',
          '',
          '0000-00-00T00:00:00-00:00',
          '2016-12-31T23:59:60Z',
          '2023-02-30T00:00:00Z',
        ];
        const odd = dates.map((date, index) =>
          file(`${index}.txt`, { created_at: JSON.stringify(date), modified_at: JSON.stringify(date) }),
        );
        const all = file('all.txt', {
          ...{
            etag: '[]',
            sequence_id: '{}',
            description: '7',
            created_by: '"Ann"',
            owned_by: '[]',
            shared_link: 'true',
          },
          ...{
            content_created_at: '5',
            sha1: '1',
            file_version: '{}',
            extension: '[]',
            tags: '{"a":1}',
            classification: '0',
          },
          ...{ size: '"large"', item_status: '1' },
        });
        const edges = ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z'].map((date) =>
          file(`edge ${date}`, { created_at: JSON.stringify(date) }),
        );
        const noId = file('no-id.txt', { id: '""' });
        const gone = file('gone.txt', { item_status: '"trashed"' });
        const deleted = box.setOdd(box.createFolder({ name: 'deleted', owner }), { item_status: '"deleted"' });
        box.createFile({ name: 'below.txt', folder: deleted.id, content: 'x' });

        const ended = await connector.run(['sync']);
        assert.is(ended.code, 3, ended.stderr);
        const summary = summaryOf(ended);
        // The one without an id; nothing else.
        assert.is(summary.rejected, 1);
        const documents = await scene.contents();
        for (const { id } of odd) {
          const { created_at: created, modified_at: modified, name } = documents.get(id) ?? {};
          assert.equal([created, modified, typeof name], [null, null, 'string']);
        }
        assert.is(documents.get(all.id)?.['name'], 'all.txt');
        assert.equal(
          ['size', 'tags', 'created_by', 'shared_link', 'description'].map((field) => documents.get(all.id)?.[field]),
          [null, null, null, null, null],
        );
        assert.equal(
          edges.map(({ id }) => documents.get(id)?.['created_at']),
          ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z'],
        );
        for (const { id } of [noId, gone, deleted]) assert.not.ok(documents.has(id));
        assert.is(documents.size, summary.written);
        const warnings = ended.stderr.match(/Cannot use field \\"created_at\\" of 5 items: indexed without it/g);
        assert.is(warnings?.length, 1, ended.stderr);
        assert.match(ended.stderr, /Cannot use field \\"size\\" of one item: .*all\.txt/);
      }),
    );

    real('403 insufficient_scope for one user, one folder, one file: only that is left out', () =>
      inScene({ tree: { users: 3, foldersPerUser: 2, filesPerFolder: 2, filesInRoot: 1 } }, async (scene) => {
        const { sim, box, connector } = scene;

        scene.configure({ extraction: { method: 'ingest_attachment' } });
        const [first, second] = [...box.people.managed()];
        const folder = box.createFolder({ name: 'refused', owner: second?.id ?? '' });
        const file = box.createFile({ name: 'refused.txt', owner: second?.id ?? '', content: 'text' });
        // The first that is asked as a user at all.
        sim.faults.add({ match: { route: 'folders', asUser: first?.id ?? '' }, answer: scopeRefused });
        sim.faults.add({ match: { route: 'folders', id: folder.id }, answer: scopeRefused });
        sim.faults.add({ match: { route: 'content', id: file.id }, answer: scopeRefused });
        const ended = await connector.run(['sync']);
        assert.is(ended.code, 3, ended.stderr);
        const summary = summaryOf(ended);
        assert.equal(summary.unread.map(({ type, id }) => [type, id]).sort(), [
          ['folder', folder.id],
          ['user', first?.id],
        ]);
        assert.is(summary.withoutContent, 1);
        const documents = await scene.contents();
        assert.ok(documents.has(file.id) && documents.has(folder.id));
        assert.is(documents.size, summary.written);
        sim.faults.clear();
        assert.is(complete(await connector.run(['sync'])).unread.length, 0);
      }),
    );

    real('no user can be acted as: a person has to act, exit 1', () =>
      inScene({ tree: { users: 3, filesInRoot: 1 } }, async (scene) => {
        const { sim, connector } = scene;

        sim.faults.add({ match: { route: 'folders', asUser: '' }, answer: scopeRefused });
        for (const { id } of sim.box.people.managed()) {
          sim.faults.add({ match: { route: 'folders', asUser: id }, answer: scopeRefused });
        }
        const ended = await connector.run(['sync']);
        assert.is(ended.code, 1, ended.stderr);
        assert.match(ended.stderr, /"Make API calls using the as-user header"/);
      }),
    );

    real('JSON of the wrong shape is asked again: listings, users, tokens', () =>
      inScene({ tree: { users: 2, foldersPerUser: 2, filesPerFolder: 2 } }, async (scene) => {
        const { sim, connector } = scene;

        scene.configure({ retry: { base_delay: 0.02, max_attempts: 9 } });
        const wrong = [
          '{"entries":null}',
          '{}',
          '[]',
          'null',
          '"x"',
          '{"entries":{}}',
          '{"entries":[],"next_marker":7}',
        ];
        for (const [at, body] of wrong.entries()) {
          const route = at === 1 ? 'users' : at === 2 ? 'token' : 'folders';
          sim.faults.add({
            match: { route, nth: route === 'folders' ? at + 1 : 1, times: 1 },
            answer: { kind: 'answer', status: 200, body, headers: { 'content-type': 'application/json' } },
          });
        }
        complete(await connector.run(['sync']));
        await scene.assertEqual();
        assert.equal(
          sim.faults.list().filter(({ applied }) => applied !== 1),
          [],
        );
      }),
    );

    real('a download that is cut is begun again in the same run, and counted as a repeat', () =>
      inScene({ tree: { filesInRoot: 3 }, account: 'free' }, async (scene) => {
        const { sim, connector } = scene;

        scene.configure({ extraction: { method: 'ingest_attachment' } });
        sim.faults.add({ match: { route: 'download', times: 1 }, answer: { kind: 'cut' } });
        const summary = complete(await connector.run(['sync']));
        assert.is(summary.withoutContent, 0);
        assert.equal([summary.boxCalls['content'], summary.boxCalls['download']], [3, 3]);
        assert.is(summary.boxRepeats['network'], 2);
        const documents = [...(await scene.contents()).values()];
        const bytes = documents.reduce((sum, { size }) => sum + Number(size), 0);
        assert.ok(
          summary.bytesDownloaded > bytes && summary.bytesDownloaded < 2 * bytes,
          'what was cut has come as well',
        );
        assert.ok(documents.every((document) => typeof document['_attachment'] === 'string'));
      }),
    );

    real('HTTPS_PROXY with a % that begins no code: exit 2 with what to write, and the process ends', () =>
      inScene({ tree: { filesInRoot: 1 }, account: 'free' }, async (scene) => {
        const { connector } = scene;

        scene.configure({ box: { base_url: 'https://box.invalid' } });
        for (const command of ['sync', 'check']) {
          const ended = await connector.run([command], { HTTPS_PROXY: 'http://ann:50%pw@host:1' });
          assert.is(ended.code, 2, ended.stderr);
          assert.match(ended.stderr, /HTTPS_PROXY has .*write %25 for each "%"/);
          assert.not.match(ended.stderr + ended.stdout, /50%pw/);
        }
      }),
    );

    real('what is still open does not keep a run that has ended from ending', () =>
      inScene({ tree: { filesInRoot: 1 }, account: 'free' }, async (scene) => {
        const { sim, connector } = scene;

        const leak = join(connector.folder, 'leak.mjs');
        writeFileSync(leak, `import { createServer } from 'node:net'; createServer().listen(0);`);
        sim.faults.add({
          match: { route: 'token' },
          answer: { kind: 'answer', status: 400, body: '{"error":"invalid_grant"}' },
        });
        const ended = await connector.start(['sync'], {}, ['--import', pathToFileURL(leak).href]).ended;
        assert.equal([ended.code, ended.signal], [1, null]);
        assert.match(ended.stderr, /Cannot sign in to Box/);
      }),
    );
  },
  { timeoutMs: 90_000 },
);
