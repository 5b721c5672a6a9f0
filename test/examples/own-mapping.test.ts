import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readLocalIndex } from '../../src/sinks/read-local-index.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import { runExample } from '../support/run-example.js';
import { suite } from '../support/suite.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';

suite(
  'examples/own-mapping',
  (test) => {
    test('writes documents of its own shape, and leaves out what its rule excludes', () =>
      inTemporaryFolder(async (folder) => {
        const simulator = await startSimulator({ tree: 'demo' });
        try {
          const path = join(folder, 'index.sqlite');
          const report = await runExample('own-mapping', [path], simulator);
          const truth = [...simulator.box.truth()];
          const kept = truth.filter(({ type }) => type !== 'web_link');
          assert.is(report.listed, truth.length);
          assert.is(report.written, kept.length);
          assert.is(report.filtered, truth.length - kept.length);
          assert.ok(report.filtered > 0, 'the rule has something to exclude');
          const documents = new Map([...readLocalIndex(path)].map(({ id, document }) => [id, document]));
          assert.is(documents.size, kept.length);
          for (const item of kept) {
            const [, top, below] = item.path.split('/');
            const found = documents.get(item.id) as Record<string, unknown> | undefined;
            const { _sync, ...document } = found ?? {};
            assert.ok(_sync);
            assert.equal(document, {
              id: item.id,
              type: item.type,
              name: item.name,
              path: item.path,
              department: below === undefined ? null : top,
            });
          }
        } finally {
          await simulator.close();
        }
      }));
  },
  { timeoutMs: 60_000 },
);
