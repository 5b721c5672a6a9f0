import * as assert from 'uvu/assert';
import { configurationSchema } from '../../src/service/configuration-schema.js';
import { indexContents } from '../support/index-contents.js';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { serveExtraction } from './extraction-stub.js';
import { ServiceScene } from './service-scene.js';

const tree = { users: 1, filesInRoot: 3, extensions: ['txt'] };
const quick = { service: { idling: 0.2, heartbeat: 0.5, max_concurrent_content_syncs: 5 } };

/** How many documents of an index have text. */
async function texts(scene: ServiceScene, index: string): Promise<number> {
  const documents = await indexContents(scene.client, index);
  return [...documents.values()].filter(({ body }) => typeof body === 'string' && body !== '').length;
}

suite(
  'fields of the connector that are ours',
  (test) => {
    const it = needing(test, 'elasticsearch');
    const withTika = needing(test, 'elasticsearch', 'tika');

    it('signs in by JWT with what is filled in in Kibana, and says what is wrong with it', () =>
      ServiceScene.in({ tree }, async (scene) => {
        const [id, full] = [await scene.createConnector(), await scene.createConnector()];
        const config = await scene.sim.jwtConfig();
        const jwt = { auth_method: 'jwt', jwt_config: JSON.stringify(config, null, 2) };
        await scene.fillIn(full, jwt);
        const empty = { client_id: '', client_secret: '', enterprise_id: '' };
        await scene.fillIn(id, { ...jwt, ...empty, jwt_config: '{}' });
        scene.serve(scene.host(quick));
        const wrong = await scene.connectorIs(id, 'error');
        assert.match(String(wrong['error']), /'JWT Configuration': .*boxAppSettings\.clientID/);

        await scene.fillIn(id, { ...jwt, ...empty });
        await scene.connectorIs(id, 'connected');
        for (const one of [id, full]) {
          await scene.jobIs(await scene.createJob(one), 'completed');
          await scene.assertEqual(one);
        }
        await scene.fillIn(full, { ...jwt, client_id: 'of another application' });
        const differs = await scene.connectorIs(full, 'error');
        assert.is(
          differs['error'],
          "Field validation errors: 'Client ID' is not the one in 'JWT Configuration': copy it from there.",
        );
      }));

    it("adds the fields to a connector that Elastic's service has filled, and goes on with it as before", () =>
      ServiceScene.in({ tree }, async (scene) => {
        const { clientId, clientSecret, enterpriseId } = scene.sim.credentials;
        const { is_enterprise, client_id, client_secret, refresh_token, enterprise_id, concurrent_downloads } =
          configurationSchema;
        const old = {
          is_enterprise: { ...is_enterprise, value: 'box_enterprise' },
          client_id: { ...client_id, value: clientId },
          client_secret: { ...client_secret, value: clientSecret },
          refresh_token,
          enterprise_id: { ...enterprise_id, value: enterpriseId },
          concurrent_downloads: { ...concurrent_downloads, value: 7 },
          retry_count: { label: 'Retries', order: 9, type: 'int', value: 3 },
        };
        const id = await scene.createConnector({ configuration: old, status: 'connected' });
        const jobId = await scene.createJob(id);
        scene.serve(scene.host(quick));
        await scene.jobIs(jobId, 'completed');
        await scene.assertEqual(id);
        const after = await scene.connector(id);
        assert.is(after['status'], 'connected');
        assert.equal(after['configuration'], { ...configurationSchema, ...old });
      }));

    it('refuses to sync while permissions are asked for, which it cannot sync', () =>
      ServiceScene.in({ tree }, async (scene) => {
        const id = await scene.createConnector();
        await scene.fillIn(id, { use_document_level_security: true });
        scene.serve(scene.host(quick));
        const problem =
          "Field validation errors: 'Enable document level security' must be off: this version does not sync permissions.";
        assert.is((await scene.connectorIs(id, 'error'))['error'], problem);
        assert.is((await scene.jobIs(await scene.createJob(id), 'error'))['error'], problem);
        assert.is(scene.sim.calls.total, 0);
        await scene.fillIn(id, { use_document_level_security: false });
        await scene.jobIs(await scene.createJob(id), 'completed');
        assert.is((await scene.connectorIs(id, 'connected'))['error'], null);
      }));

    withTika('takes text as the connector says, and as the file says where it says nothing', async () => {
      const service = await serveExtraction();
      try {
        await ServiceScene.in({ tree }, async (scene) => {
          const connectors = [
            { values: {}, has: 0 },
            { values: { extraction_method: 'tika' }, has: 3 },
            { values: { use_text_extraction_service: true, extraction_method: 'none' }, has: 3 },
          ];
          const made: { id: string; has: number }[] = [];
          for (const { values, has } of connectors) {
            const id = await scene.createConnector();
            await scene.fillIn(id, values);
            made.push({ id, has });
          }
          const tika = { tika: { url: process.env['TEST_TIKA_URL'] } };
          const running = scene.serve(scene.host({ ...quick, ...tika, extraction_service: { host: service.url } }));
          const jobs = await Promise.all(made.map(({ id }) => scene.createJob(id)));
          for (const job of jobs) await scene.jobIs(job, 'completed');
          for (const { id, has } of made) assert.is(await texts(scene, id), has);
          assert.is(service.received.length, 3);

          // Nothing has changed in Box, but what takes the text has.
          const [first, second] = made;
          assert.ok(first && second);
          await scene.fillIn(first.id, { extraction_method: 'tika' });
          await scene.fillIn(second.id, { extraction_method: 'none' });
          for (const { id } of [first, second])
            await scene.jobIs(await scene.createJob(id, 'incremental'), 'completed');
          assert.equal([await texts(scene, first.id), await texts(scene, second.id)], [3, 0]);
          assert.is((await scene.stop(running)).code, 0);

          scene.serve(scene.host(quick));
          const third = made[2];
          assert.ok(third);
          assert.match(
            String((await scene.connectorIs(third.id, 'error'))['error']),
            /'Use text extraction service' needs "extraction_service.host"/,
          );
        });
      } finally {
        await service.close();
      }
    });
  },
  { timeoutMs: 60_000 },
);
