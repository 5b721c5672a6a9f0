import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { startSimulator } from '../../src/simulator/simulator.js';
import { runExample } from '../support/run-example.js';
import { suite } from '../support/suite.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';

suite(
  'examples/pdfs-of-a-folder',
  (test) => {
    test('writes the PDFs below the folder with their bytes, and ends everything else as filtered', () =>
      inTemporaryFolder(async (folder) => {
        const simulator = await startSimulator({ tree: { users: 1 } });
        try {
          const { box } = simulator;
          const owner = box.serviceAccountId;
          const root = box.createFolder({ name: 'Contracts', owner }).id;
          const below = box.createFolder({ name: 'Signed', folder: root }).id;
          const wanted = [
            box.createFile({ name: 'one.pdf', folder: root, content: '%PDF one' }).id,
            box.createFile({ name: 'two.PDF', folder: below, content: '%PDF two' }).id,
          ];
          box.createFile({ name: 'notes.txt', folder: below, content: 'no' });
          box.createFile({ name: 'elsewhere.pdf', owner, content: '%PDF elsewhere' });
          const path = join(folder, 'pdfs.ndjson');
          const report = await runExample('pdfs-of-a-folder', [root, path], simulator);
          const { listed, written, filtered, withoutContent } = report;
          assert.equal(
            { listed, written, filtered, withoutContent },
            { listed: 4, written: 2, filtered: 2, withoutContent: 0 },
          );
          const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
          const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
          const actions = parsed.filter((_, index) => index % 2 === 0).map(({ index }) => index);
          assert.equal(new Set(actions), new Set(wanted.map((_id) => ({ _index: 'pdfs', _id }))));
          const bytes = parsed
            .filter((_, index) => index % 2 === 1)
            .map((document) => {
              const content = Buffer.from(String(document['_attachment']), 'base64');
              assert.is(createHash('sha1').update(content).digest('hex'), document['sha1']);
              return content.toString();
            });
          assert.equal(bytes.sort(), ['%PDF one', '%PDF two']);
        } finally {
          await simulator.close();
        }
      }));
  },
  { timeoutMs: 60_000 },
);
