import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readLocalIndex } from '../../src/sinks/read-local-index.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import { Connector } from '../support/connector.js';
import { type IndexedSource, assertEqualsBox } from '../support/index-contents.js';
import { suite } from '../support/suite.js';
import { serveExtraction } from './extraction-stub.js';
import { assertIdle, complete } from './scene.js';

function contents(path: string): Map<string, IndexedSource> {
  return new Map(Array.from(readLocalIndex(path), ({ id, document }) => [id, document]));
}

suite(
  'local index',
  (test) => {
    test('without a cluster: sync, search, changes, deletes', async () => {
      const sim = await startSimulator({ tree: 'demo' });
      const service = await serveExtraction();
      const connector = new Connector();
      try {
        const path = join(connector.folder, 'index.sqlite');
        const { clientId, clientSecret, enterpriseId } = sim.credentials;
        connector.configure({
          sink: 'local_index',
          local_index: { path },
          box: {
            is_enterprise: 'box_enterprise',
            client_id: clientId,
            client_secret: clientSecret,
            enterprise_id: enterpriseId,
            base_url: sim.url,
            calls_per_minute: 0,
          },
          extraction: { method: 'extraction_service' },
          extraction_service: { host: service.url },
        });
        const sync = async () => complete(await connector.run(['sync']));
        const search = async (...words: string[]) => {
          const { code, stdout, stderr } = await connector.run(['search', ...words]);
          assert.is(code, 0, stderr);
          const lines = stdout.split('\n').filter((line) => line !== '');
          return lines.map((line) => JSON.parse(line) as { id: string; snippet: string; path: string });
        };
        const first = await sync();
        assertEqualsBox(contents(path), sim.box);
        assert.is(first.written, contents(path).size);

        const file = sim.box.createFile({ name: 'note.txt', content: 'The okapi eats zwieback at dawn' });
        assert.is((await sync()).written, 1);
        const [hit] = await search('zwieback');
        assert.is(hit?.id, file.id);
        assert.match(hit?.snippet ?? '', /<em>zwieback<\/em>/);
        assert.equal(await search('xyzzyplugh'), []);

        sim.box.rename(file, 'okapi.txt');
        assert.is((await sync()).written, 1);
        assert.is((await search('zwieback'))[0]?.path, '/okapi.txt');

        sim.box.trash(file);
        assert.is((await sync()).deleted, 1);
        assert.equal(await search('zwieback'), []);

        sim.calls.reset();
        assertIdle(sim, await sync());

        rmSync(path);
        assert.not.ok(existsSync(path));
        const again = await sync();
        assert.is(again.kind, 'full');
        assertEqualsBox(contents(path), sim.box);
      } finally {
        await sim.close();
        await service.close();
        connector.remove();
      }
    });
  },
  { timeoutMs: 60_000 },
);
