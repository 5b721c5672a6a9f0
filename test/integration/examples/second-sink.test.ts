import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import * as assert from 'uvu/assert';
import { readLocalIndex } from '../../../src/sinks/read-local-index.js';
import { startSimulator } from '../../../src/simulator/simulator.js';
import { createTestKey } from '../../support/elasticsearch-key.js';
import { assertEqualsBox, clientOf, indexContents } from '../../support/index-contents.js';
import { needing, realElasticsearch } from '../../support/real-parts.js';
import { runExample } from '../../support/run-example.js';
import { suite } from '../../support/suite.js';
import { inTemporaryFolder } from '../../support/temporary-folder.js';

suite(
  'examples/second-sink',
  (test) => {
    needing(test, 'elasticsearch')('fills Elasticsearch and the copy with the same documents', () =>
      inTemporaryFolder(async (folder) => {
        const elasticsearch = realElasticsearch();
        const client = clientOf(elasticsearch);
        const index = `example-${randomBytes(6).toString('hex')}`;
        const key = await createTestKey(elasticsearch, { index });
        const simulator = await startSimulator({ tree: 'demo' });
        try {
          const copy = join(folder, 'copy.sqlite');
          const report = await runExample('second-sink', [index, copy], simulator, {
            ELASTICSEARCH_URL: elasticsearch.url,
            ELASTICSEARCH_API_KEY: key.encoded,
          });
          assert.is(report.written, [...simulator.box.truth()].length);
          const documents = await indexContents(client, index);
          assertEqualsBox(documents, simulator.box);
          const copied = new Map([...readLocalIndex(copy)].map(({ id, document }) => [id, document]));
          assert.is(copied.size, documents.size);
          for (const [id, document] of documents) assert.equal(copied.get(id), document);
        } finally {
          await simulator.close();
          await client.indices.delete({ index, ignore_unavailable: true });
          await key.revoke();
          await client.close();
        }
      }),
    );
  },
  { timeoutMs: 60_000 },
);
