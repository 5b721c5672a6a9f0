import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Summary } from '../support/connector.js';
import type { IndexedSource } from '../support/index-contents.js';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { type ExtractionStub, serveExtraction } from './extraction-stub.js';
import { type Changes, type Scene, assertIdle, extractedFiles, inScene } from './scene.js';

const tree = { users: 3, foldersPerUser: 4, depth: 2, filesPerFolder: 5, webLinks: 1, extensions: ['txt', 'png'] };

interface Synced extends Scene {
  readonly service: ExtractionStub;
  /** The configuration with the stub as the extraction. */
  readonly withText: Changes;
  /** Documents, after the first run. */
  readonly count: number;
  /** A member that only a whole new document takes away, put into every document. */
  mark(): Promise<void>;
  /** Ids of the documents that were written whole since. */
  unmarked(): Promise<string[]>;
}

/** A scene whose first run, with text, is over. */
async function afterFirstRun(test: (scene: Synced) => Promise<void>): Promise<void> {
  const service = await serveExtraction();
  try {
    await inScene({ tree }, async (scene) => {
      const { client, index, sim } = scene;
      const withText = { extraction: { method: 'extraction_service' }, extraction_service: { host: service.url } };
      scene.configure(withText);
      await scene.sync();
      const documents = await scene.assertEqual();
      sim.calls.reset();
      service.answer = undefined;
      await test({
        ...scene,
        service,
        withText,
        count: documents.size,
        async mark() {
          const operations = Array.from(documents.keys(), (_id) => [
            { update: { _id } },
            { doc: { marked: true } },
          ]).flat();
          const { errors } = await client.bulk({ index, operations, refresh: true });
          assert.is(errors, false);
        },
        async unmarked() {
          const found = await scene.contents();
          return [...found].filter(([, source]) => source['marked'] !== true).map(([id]) => id);
        },
      });
    });
  } finally {
    await service.close();
  }
}

function fileOf({ box }: Scene, extension = 'txt') {
  for (const item of box.truth()) if (item.type === 'file' && item.extension === extension) return item;
  throw new Error(`Expected a file with the extension ${extension}`);
}

function folderOf({ box }: Scene) {
  for (const item of box.truth()) if (item.type === 'folder') return item;
  throw new Error('Expected a folder');
}

function assertDone(scene: Scene, summary: Summary, expected: { written: number; downloads: number }): void {
  const { calls } = scene.sim;
  assert.equal(
    { written: summary.written, content: calls.of('content'), downloads: calls.of('download') },
    { written: expected.written, content: expected.downloads, downloads: expected.downloads },
  );
}

suite(
  'second run',
  (test) => {
    const run = needing(test, 'elasticsearch');

    run('nothing changed: no download, no bulk request', () =>
      afterFirstRun(async (scene) => {
        await scene.mark();
        for (const args of [[], ['--incremental'], ['--full']]) {
          scene.sim.calls.reset();
          const summary = await scene.sync(...args);
          assert.is(summary.kind, args[0] === '--full' ? 'full' : 'incremental');
          assert.is(summary.unchanged, scene.count);
          assertIdle(scene.sim, summary);
        }
        assert.equal(await scene.unmarked(), []);
      }),
    );

    run('a renamed file: one partial update, no download, and the text stays', () =>
      afterFirstRun(async (scene) => {
        const file = fileOf(scene);
        await scene.mark();
        scene.box.rename(file, 'renamed.txt');
        const summary = await scene.sync();
        assertDone(scene, summary, { written: 1, downloads: 0 });
        assert.is(summary.bulkRequests, 1);
        const documents = await scene.assertEqual();
        assert.is(documents.get(file.id)?.['name'], 'renamed.txt');
        assert.is(documents.get(file.id)?.['body'], file.content().toString().replace(/\s+/g, ' ').trim());
        assert.equal(await scene.unmarked(), []);
      }),
    );

    run('a file that a rename lets through the gate: one download, now with text', () =>
      afterFirstRun(async (scene) => {
        const file = fileOf(scene, 'png');
        scene.box.rename(file, 'really.txt');
        const summary = await scene.sync();
        assertDone(scene, summary, { written: 1, downloads: 1 });
        const documents = await scene.assertEqual();
        assert.type(documents.get(file.id)?.['body'], 'string');
      }),
    );

    run('new content: one download, and the new text', () =>
      afterFirstRun(async (scene) => {
        const file = fileOf(scene);
        scene.box.newVersion(file.id, 'An entirely new text');
        const summary = await scene.sync();
        assertDone(scene, summary, { written: 1, downloads: 1 });
        assert.is(summary.bulkRequests, 1);
        const documents = await scene.assertEqual({ folderSizes: false });
        assert.is(documents.get(file.id)?.['body'], 'An entirely new text');
      }),
    );

    run('a new file, folder and link: these three, one download', () =>
      afterFirstRun(async (scene) => {
        const folder = scene.box.createFolder({ name: 'New' });
        const file = scene.box.createFile({ name: 'new.txt', folder: folder.id, content: 'brand-new' });
        scene.box.createWebLink({ name: 'New', folder: folder.id, url: 'https://example.com/new' });
        const summary = await scene.sync();
        assertDone(scene, summary, { written: 3, downloads: 1 });
        const documents = await scene.assertEqual();
        assert.is(documents.get(file.id)?.['body'], 'brand-new');
      }),
    );

    run('a renamed folder: everything below gets its new path by partial updates, no download', () =>
      afterFirstRun(async (scene) => {
        const folder = folderOf(scene);
        const below = Array.from(scene.box.truth()).filter(({ path }) => path.startsWith(`${folder.path}/`));
        assert.ok(below.length >= 6, `${below.length} items below`);
        await scene.mark();
        scene.box.rename(folder, 'Renamed folder');
        const summary = await scene.sync();
        assertDone(scene, summary, { written: below.length + 1, downloads: 0 });
        await scene.assertEqual();
        assert.equal(await scene.unmarked(), []);
      }),
    );

    run('a folder that has moved into another account: new paths, ancestors and owner, no download', () =>
      afterFirstRun(async (scene) => {
        const folder = folderOf(scene);
        const [, second] = [...scene.box.people.managed()];
        await scene.mark();
        scene.box.move(folder, { owner: second?.id ?? '' });
        const summary = await scene.sync();
        assert.is(scene.sim.calls.of('content'), 0);
        assert.is(summary.deleted, 0);
        await scene.assertEqual();
        assert.equal(await scene.unmarked(), []);
      }),
    );

    run('a document that was deleted behind our back is written again by the next run', () =>
      afterFirstRun(async (scene) => {
        const file = fileOf(scene);
        await scene.client.delete({ index: scene.index, id: file.id, refresh: true });
        const summary = await scene.sync();
        assert.is(summary.kind, 'full');
        assertDone(scene, summary, { written: 1, downloads: 1 });
        await scene.assertEqual();
      }),
    );

    run('a document that was replaced behind our back is written again by --full', () =>
      afterFirstRun(async (scene) => {
        const { client, index } = scene;
        const [gone, changed] = [fileOf(scene), folderOf(scene)];
        await client.delete({ index, id: gone.id });
        // So that the number is right.
        await client.index({ index, id: 'not-ours', document: { name: 'of somebody else' } });
        await client.index({
          index,
          id: changed.id,
          document: { id: changed.id, type: 'folder', name: 'changed' },
          refresh: true,
        });
        assertIdle(scene.sim, await scene.sync());
        const summary = await scene.sync('--full');
        assertDone(scene, summary, { written: 2, downloads: 1 });
        assert.is(summary.deleted, 0);
        // What this connector has not written is nobody's to delete.
        await client.delete({ index, id: 'not-ours', refresh: true });
        await scene.assertEqual();
      }),
    );

    run('an index that was deleted is filled again', () =>
      afterFirstRun(async (scene) => {
        await scene.client.indices.delete({ index: scene.index });
        const summary = await scene.sync();
        assert.is(summary.kind, 'full');
        assertDone(scene, summary, { written: scene.count, downloads: extractedFiles(scene.box) });
        await scene.assertEqual();
      }),
    );

    run('a state that was lost is taken from the index: no download, no write', () =>
      afterFirstRun(async (scene) => {
        rmSync(join(scene.connector.folder, 'data'), { recursive: true });
        const summary = await scene.sync();
        assert.is(summary.kind, 'full');
        assert.is(summary.unchanged, scene.count);
        assertIdle(scene.sim, summary);
        const file = fileOf(scene);
        scene.box.trash(file);
        assert.is((await scene.sync()).deleted, 1);
        await scene.assertEqual({ folderSizes: false });
      }),
    );

    run('--full --rewrite does everything again', () =>
      afterFirstRun(async (scene) => {
        await scene.mark();
        const summary = await scene.sync('--full', '--rewrite');
        assertDone(scene, summary, { written: scene.count, downloads: extractedFiles(scene.box) });
        assert.is((await scene.unmarked()).length, scene.count);
        await scene.assertEqual();
      }),
    );

    run('other settings: text is taken again from the files that it is about, and from no other', () =>
      afterFirstRun(async (scene) => {
        const texts = extractedFiles(scene.box);
        const largest = Math.max(
          ...Array.from(scene.box.truth()).flatMap((item) =>
            item.type === 'file' && item.extension === 'txt' ? [item.size ?? 0] : [],
          ),
        );

        // The gate: the largest file no longer passes, and loses its text.
        scene.configure({ ...scene.withText, service: { max_file_download_size: largest - 1 } });
        assertDone(scene, await scene.sync(), { written: texts, downloads: texts - 1 });
        const bodies = [...(await scene.assertEqual()).values()].filter(({ body }) => typeof body === 'string');
        assert.is(bodies.length, texts - 1);

        // No extraction any more.
        scene.sim.calls.reset();
        scene.configure();
        assertDone(scene, await scene.sync(), { written: texts - 1, downloads: 0 });
        assert.equal(
          [...(await scene.assertEqual()).values()].filter((source) => 'body' in source),
          [],
        );

        // And back.
        scene.configure(scene.withText);
        assertDone(scene, await scene.sync(), { written: texts, downloads: texts });
        await scene.assertEqual();
        scene.sim.calls.reset();
        assertIdle(scene.sim, await scene.sync());
      }),
    );

    run("an index that Elastic's connector has filled is adopted", () =>
      inScene({ tree }, async (scene) => {
        const { box, client, index } = scene;
        const gone = box.createFile({ name: 'gone.txt' });
        const old = Array.from(box.truth()).flatMap(({ type, id, name, entry }) => {
          const { owned_by, parent } = entry as IndexedSource;
          return [
            { index: { _id: id } },
            { _timestamp: '2024-01-01T00:00:00Z', id, type, name, owned_by, parent, url: 'old', body: 'old' },
          ];
        });
        box.trash(gone);
        const items = Array.from(box.truth());
        await client.bulk({ index, operations: old, refresh: true });
        const summary = await scene.sync();
        assert.is(summary.written, items.length);
        assert.is(summary.deleted, 1);
        await scene.assertEqual();
      }),
    );
  },
  { timeoutMs: 90_000 },
);
