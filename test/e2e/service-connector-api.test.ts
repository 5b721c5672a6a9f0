import * as assert from 'uvu/assert';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { ServiceScene, until } from './service-scene.js';

const slowly = { match: { route: 'folders' }, answer: { kind: 'delay', ms: 150 } } as const;

suite(
  'the connector service on a cluster with the Connector API',
  (test) => {
    const it = needing(test, 'elasticsearch');

    it('takes a connector from its creation in Kibana to a completed sync, and the index equals Box', () =>
      ServiceScene.withApi({ tree: 'demo' }, async (scene) => {
        const id = await scene.createConnector();
        const service = scene.serve(scene.host({ service: { idling: 0.3, heartbeat: 0.5 } }));
        await scene.connectorIs(id, 'needs_configuration');
        await scene.fillIn(id);
        assert.is((await scene.connectorIs(id, 'connected'))['error'], null);
        const job = await scene.jobIs(await scene.createJob(id), 'completed');
        await scene.assertEqual(id);
        const { count } = await scene.client.count({ index: id });
        assert.equal([job['indexed_document_count'], job['total_document_count'], job['error']], [count, count, null]);
        const after = await until(
          'last sync',
          () => scene.connector(id),
          (one) => one['last_sync_status'] === 'completed' && one['status'] === 'connected',
        );
        assert.equal([after['last_indexed_document_count'], after['last_sync_error']], [count, null]);
        const { code, stderr } = await scene.stop(service);
        assert.is(code, 0, stderr.slice(-2_000));
        assert.match(stderr, 'The Connector API is used for what it offers');
      }));

    it('cancels a job without another call to Box', () =>
      ServiceScene.withApi({ tree: { users: 1, foldersPerUser: 40, filesPerFolder: 5 } }, async (scene) => {
        scene.sim.faults.add(slowly);
        const id = await scene.createConnector();
        await scene.fillIn(id);
        const limits = { box: { calls_per_minute: 0, listing: { concurrency: 1 } } };
        scene.serve(scene.host({ ...limits, service: { idling: 0.3, heartbeat: 0.5 } }));
        await scene.connectorIs(id, 'connected');
        const jobId = await scene.createJob(id);
        await until(
          'listing',
          () => Promise.resolve(scene.sim.calls.of('folders')),
          (count) => count >= 8,
        );
        await scene.cancel(jobId);
        const canceled = await scene.jobIs(jobId, 'canceled');
        assert.ok(canceled['canceled_at'] !== undefined && canceled['completed_at'] !== undefined);
        await until(
          'end on the connector',
          () => scene.connector(id),
          (one) => one['last_sync_status'] === 'canceled',
        );
        assert.ok(scene.sim.calls.of('folders') < 40);
      }));

    it('shows an error until a sync succeeds', () =>
      ServiceScene.withApi({ tree: 'one-file' }, async (scene) => {
        const id = await scene.createConnector();
        await scene.fillIn(id, { client_secret: 'not-the-secret' });
        scene.serve(scene.host({ service: { idling: 0.2, heartbeat: 0.5 } }));
        const refused = await scene.jobIs(await scene.createJob(id), 'error');
        assert.match(String(refused['error']), /^AuthError: /);
        assert.ok(Date.parse(String(refused['completed_at'])) > 0);
        await scene.fillIn(id);
        assert.match(String((await scene.connectorIs(id, 'error'))['error']), /^AuthError: /);
        await scene.jobIs(await scene.createJob(id), 'completed');
        const well = await scene.connectorIs(id, 'connected');
        assert.equal([well['error'], well['last_sync_error'], well['last_sync_status']], [null, null, 'completed']);
      }));

    it('runs each job once, though two services look after the same connectors', () =>
      ServiceScene.withApi({ tree: 'one-file' }, async (scene) => {
        const ids = await Promise.all([1, 2].map(() => scene.createConnector()));
        for (const id of ids) await scene.fillIn(id);
        const service = { idling: 0.1, heartbeat: 0.5, max_concurrent_content_syncs: 2 };
        const services = [scene.serve(scene.host({ service })), scene.serve(scene.host({ service }))];
        const jobs: string[] = [];
        for (let round = 0; round < 2; round += 1) for (const id of ids) jobs.push(await scene.createJob(id));
        for (const job of jobs) await scene.jobIs(job, 'completed', 30_000);
        const ended = await Promise.all(services.map((one) => scene.stop(one)));
        const log = ended.map(({ stderr }) => stderr).join('');
        for (const job of jobs) assert.is(log.split(`Job ${job} is completed`).length - 1, 1, `job ${job}`);
      }));
  },
  { timeoutMs: 60_000 },
);
