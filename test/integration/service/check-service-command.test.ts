import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { makeLog } from '../../../src/app/log.js';
import { checkServiceCommand } from '../../../src/service/check-service-command.js';
import { ServiceScene } from '../../e2e/service-scene.js';
import { fakeSurroundings } from '../../support/fake-surroundings.js';
import { loadTestConfig } from '../../support/load-test-config.js';
import { needing, realElasticsearch } from '../../support/real-parts.js';
import { suite } from '../../support/suite.js';
import { inTemporaryFolder } from '../../support/temporary-folder.js';

interface Checked {
  readonly code: number;
  /** What was printed, the lines of one finding together. */
  readonly lines: readonly string[];
}

async function check(
  scene: ServiceScene,
  ids: readonly string[],
  apiKey: string | null = scene.key.encoded,
): Promise<Checked> {
  return inTemporaryFolder(async (folder) => {
    const loaded = loadTestConfig(
      {
        elasticsearch: { host: realElasticsearch().url, ...(apiKey !== null && { api_key: apiKey }) },
        connectors: ids.map((id) => ({
          connector_id: id,
          service_type: 'box',
          ...(apiKey === null && { api_key: scene.key.encoded }),
        })),
        box: { base_url: scene.sim.url, calls_per_minute: 0 },
        retry: { base_delay: 0.02, max_attempts: 2 },
        state: { path: join(folder, 'state') },
      },
      'service',
    );
    const around = fakeSurroundings();
    const lines: string[] = [];
    const log = makeLog({ level: 'error', readable: true, version: '0' }, around.stderr);
    const code = await checkServiceCommand(loaded, {
      ...around,
      log,
      version: '0',
      say: (line) => {
        lines.push(line.startsWith(' ') ? `${lines.pop() ?? ''}${line}` : line);
      },
    });
    return { code, lines };
  });
}

suite(
  'check of the service',
  (test) => {
    const it = needing(test, 'elasticsearch');

    it('says of each connector what works and what does not', () =>
      ServiceScene.in({ tree: { users: 1, filesInRoot: 1 } }, async (scene) => {
        const [fine, empty, wrong] = [
          await scene.createConnector(),
          await scene.createConnector(),
          await scene.createConnector(),
        ];
        // The form is what the service makes of it at its first look.
        const host = scene.host();
        const running = scene.serve(host);
        for (const id of [fine, empty, wrong]) await scene.connectorIs(id, 'needs_configuration');
        await scene.stop(running);
        await scene.fillIn(fine);
        await scene.fillIn(wrong, { client_secret: 'not-the-secret' });

        const { code, lines } = await check(scene, [fine, empty, wrong, 'nobody']);
        const of = (id: string) =>
          lines.filter((line) => line.includes(` ${id}: `)).map((line) => line.replace(`${id}: `, ''));
        assert.is(code, 1);
        assert.equal(
          of(fine).map((line) => /^(\w+) +([^:]*):/.exec(line)?.slice(1).join(' ').replace(fine, 'INDEX')),
          [
            'ok Form',
            'ok Box sign-in',
            'ok Box root folder',
            'ok Box users',
            'ok Box as-user',
            'ok Box download',
            'ok Elasticsearch connection, sign-in and version',
            'ok Elasticsearch privileges on the index "INDEX"',
          ],
        );
        assert.match(of(empty).join('\n'), /^WRONG +Connector: its status is needs_configuration +Fill in its form/);
        assert.match(of(wrong).join('\n'), /^WRONG +Box sign-in: Cannot sign in to Box/m);
        assert.match(of('nobody').join('\n'), /^WRONG +Connector: there is no such connector/);
        assert.not.match(lines.join('\n'), /not-the-secret/);
        // Nothing was made, and nothing said of a connector.
        assert.is(await scene.client.indices.exists({ index: fine }), false);
        assert.is((await scene.connector(fine))['status'], 'configured');

        assert.is((await check(scene, [fine])).code, 0);
        // The connector's key is all there is.
        const own = await check(scene, [fine], null);
        assert.equal([own.code, own.lines.length], [0, lines.filter((line) => line.includes(` ${fine}: `)).length + 3]);
      }));

    it('ends with what Elasticsearch does not let it do', () =>
      ServiceScene.in({ tree: { users: 1 } }, async (scene) => {
        const id = await scene.createConnector();
        const { code, lines } = await check(scene, [id], 'bm9ib2R5Om5vYm9keQ==');
        assert.is(code, 1);
        assert.match(lines.at(-1) ?? '', /^WRONG +Elasticsearch sign-in/);
      }));
  },
  { timeoutMs: 60_000 },
);
