import * as assert from 'uvu/assert';
import type { BoxModel } from '../../src/simulator/box-model.js';
import { serve } from '../support/serve.js';
import { suite } from '../support/suite.js';
import { isLong } from '../support/sync-trial.js';
import { completes } from '../support/weigh-run.js';

const manyTags = (count: number) => Array.from({ length: count }, (_, at) => `${at} `.padEnd(250, 't'));

suite(
  'a heap of 192 MiB',
  (test) => {
    const texts = isLong ? [60, 300] : [24];
    for (const files of texts) {
      test(`suffices for ${files} files of 10 bytes whose text is 4 MiB`, async () => {
        const answer = Buffer.from(JSON.stringify({ extracted_text: 'word '.repeat((4 * 1024 * 1024) / 5) }));
        const service = await serve((request, response) => {
          request.resume();
          request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(answer));
        });
        try {
          await completes({
            name: `${files} texts of 4 MiB`,
            tree: { filesInRoot: files, textBytes: 10, extensions: ['txt'] },
            config: {
              extraction: { method: 'extraction_service' },
              extraction_service: { host: service.url, timeout: 120 },
            },
          });
        } finally {
          await service.close();
        }
      });
    }

    const attachments = isLong ? 1_500 : 300;
    test(`suffices for ${attachments} files of 500 kB that go along as base64`, async () => {
      await completes({
        name: `${attachments} attachments of 500 kB`,
        tree: { filesInRoot: attachments, textBytes: 500_000, extensions: ['txt'] },
        config: { extraction: { method: 'ingest_attachment' }, pipeline: { name: 'any' } },
      });
    });

    const tagged = isLong ? 5_000 : 2_000;
    test(`suffices for ${tagged} files with 100 tags of 250 characters`, async () => {
      await completes({
        name: `${tagged} files with 100 tags`,
        tree: { shape: {}, build: (box) => createTagged(box, tagged, manyTags(100)) },
      });
    });

    for (const deep of isLong ? [100, 1_000] : [100]) {
      test(`suffices for ${deep} nested folders with names of 250 characters`, async () => {
        const { stateBytes } = await completes({
          name: `${deep} nested folders`,
          tree: { shape: {}, build: (box) => nest(box, deep) },
        });
        // Their names alone are 250 bytes each; a path in every row would be 12 kB at 100 deep, and ten times that at 1,000.
        const each = stateBytes / (deep * 2);
        console.log(`${deep} nested folders: ${Math.round(each)} bytes of state for each item`);
        assert.ok(each < 1_000, `${Math.round(each)} bytes of state for each item`);
      });
    }

    test('suffices for a listing page above 32 MiB, which is asked for again in smaller ones', async () => {
      await completes({
        name: 'a page of 38 MB',
        tree: { shape: {}, build: (box) => createTagged(box, 1_000, manyTags(150)) },
      });
    });
  },
  { timeoutMs: isLong ? 300_000 : 120_000 },
);

function createTagged(box: BoxModel, count: number, tags: readonly string[]): void {
  for (let at = 0; at < count; at += 1) box.createFile({ name: `${at}.txt`, content: 'x', tags });
}

/** One folder in the other, with a file in each. */
function nest(box: BoxModel, deep: number): void {
  let folder: string | undefined;
  for (let at = 0; at < deep; at += 1) {
    const place: { folder?: string } = folder === undefined ? {} : { folder };
    folder = box.createFolder({ name: `${at} `.padEnd(250, 'n'), ...place }).id;
    box.createFile({ name: `${at}.txt`, content: 'x', folder });
  }
}
