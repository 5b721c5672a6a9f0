import * as assert from 'uvu/assert';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { serveExtraction } from './extraction-stub.js';
import { assertCalls, complete, extractedFiles, inScene, leastCalls, summaryOf } from './scene.js';

const company = {
  users: 30,
  foldersPerUser: 10,
  depth: 2,
  filesPerFolder: 6,
  sharedShare: 0.2,
  extensions: ['txt', 'png', 'md', 'zip'],
};

suite(
  'box calls',
  (test) => {
    const run = needing(test, 'elasticsearch');

    run('one content request for each file that passes the gate, and nothing else', async () => {
      const service = await serveExtraction();
      try {
        await inScene({ tree: company }, async (scene) => {
          const { sim, box } = scene;
          scene.configure({ extraction: { method: 'extraction_service' }, extraction_service: { host: service.url } });
          const summary = await scene.sync();
          await scene.assertEqual();
          const files = extractedFiles(box);
          assert.is(files, 900);
          const calls = leastCalls(box, { isEnterprise: true, text: true });
          assertCalls(sim, calls);
          assert.is(service.received.length, files);
          assert.is(summary.withoutContent, 0);
          const { token, users, folders, content, download, ...others } = summary.boxCalls;
          assert.equal({ token, users, folders, content, download }, { ...calls, download: files });
          assert.equal(
            Object.values(others).filter((count) => count !== 0),
            [],
          );
          assert.equal(
            Object.values(summary.boxRepeats).filter((count) => count !== 0),
            [],
          );
        });
      } finally {
        await service.close();
      }
    });

    run('a folder of exactly 1,000 entries costs one call, one of 1,001 two', () =>
      inScene({ tree: 'empty' }, async (scene) => {
        const { sim, box } = scene;
        const [full, more] = [1_000, 1_001].map((count) => {
          const folder = box.createFolder({ name: `${count} entries` });
          for (let index = 0; index < count; index += 1) box.createFile({ name: `${index}.bin`, folder: folder.id });
          return folder.id;
        });
        await scene.sync();
        await scene.assertEqual();
        assert.is(sim.calls.listingsByFolder.get(full ?? ''), 1);
        assert.is(sim.calls.listingsByFolder.get(more ?? ''), 2);
        assertCalls(sim, leastCalls(box, { isEnterprise: true, text: false }));
      }),
    );

    for (const paging of [
      { lastMarker: 'empty' },
      { lastMarker: 'absent' },
      { shortPages: 7, emptyPages: true },
    ] as const) {
      run(`every shape of pages is read to its end: ${JSON.stringify(paging)}`, () =>
        inScene({ tree: { users: 2, foldersPerUser: 3, filesPerFolder: 30 }, settings: { paging } }, async (scene) => {
          await scene.sync();
          await scene.assertEqual();
        }),
      );
    }

    run('repeated calls are counted apart, and cost nothing of the truth', async () => {
      const service = await serveExtraction();
      try {
        await inScene(
          { tree: { users: 2, foldersPerUser: 2, filesPerFolder: 3, extensions: ['txt'] } },
          async (scene) => {
            const { sim, box } = scene;
            scene.configure({
              extraction: { method: 'extraction_service' },
              extraction_service: { host: service.url },
              retry: { base_delay: 0.01, max_attempts: 4 },
            });
            sim.box.settings.content.retryAfter = '0.01';
            const [first, second] = Array.from(box.truth()).filter(({ type }) => type === 'file');
            box.setNotReady(first?.id ?? '', 2);
            sim.faults.add({ match: { route: 'folders', nth: 2, times: 1 }, answer: { kind: 'reset' } });
            sim.faults.add({ match: { route: 'folders', nth: 3, times: 1 }, answer: { kind: 'broken-json' } });
            sim.faults.add({ match: { route: 'folders', nth: 4, times: 1 }, answer: { kind: 'html' } });
            sim.faults.add({ match: { route: 'download', nth: 2, times: 1 }, answer: { kind: 'cut' } });
            sim.faults.add({
              match: { route: 'content', id: second?.id ?? '', times: 1 },
              answer: { kind: 'answer', status: 429, headers: { 'retry-after': '0.01' } },
            });
            const summary = await scene.sync();
            await scene.assertEqual();
            const least = leastCalls(box, { isEnterprise: true, text: true });
            const { token, users, folders, content } = summary.boxCalls;
            assert.equal({ token, users, folders, content }, { ...least });
            // A torn download is begun again in the same run.
            assert.is(summary.withoutContent, 0);
            assert.is(summary.boxRepeats['not-ready'], 2);
            assert.is(summary.boxRepeats['rate-limited'], 1);
            assert.ok((summary.boxRepeats['network'] ?? 0) + (summary.boxRepeats['server-error'] ?? 0) >= 3);
            const next = await scene.sync();
            assert.equal([next.written, next.withoutContent, next.boxCalls['content']], [0, 0, 0]);
          },
        );
      } finally {
        await service.close();
      }
    });

    run('a folder that cannot be read is named, the rest is complete, and nothing of it is deleted', () =>
      inScene({ tree: { users: 2, foldersPerUser: 2, filesPerFolder: 3 } }, async (scene) => {
        const { sim, box } = scene;
        await scene.sync();
        const folder = Array.from(box.truth()).find(({ type }) => type === 'folder');
        const fault = sim.faults.add({
          match: { route: 'folders', id: folder?.id ?? '' },
          answer: { kind: 'answer', status: 403, body: '{"code":"access_denied_insufficient_permissions"}' },
        });
        const ended = await scene.connector.run(['sync']);
        assert.is(ended.code, 3);
        const summary = summaryOf(ended);
        assert.is(summary.state, 'incomplete');
        assert.equal(
          summary.unread.map(({ type, id, path }) => ({ type, id, path })),
          [{ type: 'folder', id: folder?.id, path: folder?.path }],
        );
        assert.is(summary.deleted, 0);
        await scene.assertEqual();
        sim.faults.remove(fault.id);
        complete(await scene.connector.run(['sync']));
        await scene.assertEqual();
      }),
    );
  },
  { timeoutMs: 90_000 },
);
