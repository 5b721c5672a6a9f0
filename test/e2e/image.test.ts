import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { freePort } from '../support/free-port.js';
import { needing } from '../support/real-parts.js';
import { rehearsalMissing, rehearseImage, type RehearsedImage } from '../support/rehearsed-image.js';
import { projectFolder } from '../support/source-files.js';
import { suite } from '../support/suite.js';
import { isLong } from '../support/sync-trial.js';
import { ServiceScene } from './service-scene.js';

const { version } = JSON.parse(readFileSync(`${projectFolder}/package.json`, 'utf8')) as { version: string };

suite(
  'the container image, rehearsed without Docker',
  (test) => {
    const missing = rehearsalMissing();
    const it: ReturnType<typeof needing> =
      missing === undefined ? needing(test, 'elasticsearch') : (name) => test.unable(name, missing);
    let image: RehearsedImage | undefined;
    const made = () => (image ??= rehearseImage({ install: isLong }));
    test.after(() => image?.remove());

    it('runs as a user without rights, who can write to the volume only', async () => {
      const whoAmI =
        'id -u; id -g; for f in /app /app/dist /app/bin /config /etc /tmp; do touch $f/x 2>/dev/null && echo $f; done; touch /data/x && rm /data/x && echo /data';
      const { code, stdout } = await made().run(['sh', '-c', whoAmI]).ended;
      assert.equal([code, stdout], [0, '1000\n1000\n/data\n']);
    });

    it('has the program under both names, and all that the program needs', async () => {
      for (const name of ['box-connector', '/app/bin/elastic-ingest']) {
        const { stdout, stderr } = await made().run([name, '--version']).ended;
        assert.equal([stdout, stderr], [`${version}\n`, '']);
      }
    });

    it('ends with exit code 2 if there is no configuration', async () => {
      const { code, stderr } = await made().run(made().command).ended;
      assert.is(code, 2, stderr);
      assert.match(stderr, '/config/config.yml');
    });

    it('syncs as process 1, is healthy, keeps its state in the volume and ends well by SIGTERM', () =>
      ServiceScene.in({ tree: 'demo' }, async (scene) => {
        const id = await scene.createConnector();
        await scene.fillIn(id);
        const port = await freePort();
        const { folder } = scene.host({ state: { path: './data' }, service: { idling: 0.3, http: { port } } });
        chmodSync(folder, 0o755);
        const container = made().run(made().command, { config: folder, env: { BOX_BASE_URL: scene.sim.url } });
        try {
          await scene.connectorIs(id, 'connected');
          const status = container.status();
          assert.match(status, /^NSpid:\s+\d+\s+1$/m);
          assert.match(status, /^Uid:\s+1000\s+1000\s+1000\s+1000$/m);

          await scene.jobIs(await scene.createJob(id), 'completed');
          await scene.assertEqual(id);
          assert.ok(readdirSync(made().data).some((name) => name.endsWith('.sqlite')));

          const health = await made().run(made().healthCheck, { config: folder }).ended;
          assert.equal([health.code, health.stdout], [0, 'Alive\n'], health.stderr);

          container.kill('SIGTERM');
          const { code, stderr } = await container.ended;
          assert.is(code, 0, stderr.slice(-2_000));
          const after = await made().run(made().healthCheck, { config: folder }).ended;
          assert.is(after.code, 1, 'the health check of a service that has ended');
        } finally {
          container.kill('SIGKILL');
          await container.ended;
        }
      }));
  },
  // The long form installs all packages.
  { timeoutMs: isLong ? 300_000 : 60_000 },
);
