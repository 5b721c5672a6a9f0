import { setTimeout as pause } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { configurationSchema } from '../../src/service/configuration-schema.js';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { ServiceScene, until } from './service-scene.js';

/** Takes some seconds with one folder at a time. */
const slowTree = { users: 1, foldersPerUser: 40, filesPerFolder: 5 };
const slowly = { match: { route: 'folders' }, answer: { kind: 'delay', ms: 150 } } as const;
const oneByOne = { box: { calls_per_minute: 0, listing: { concurrency: 1 } } };

/** Until so many folders have been listed. */
const listed = (scene: ServiceScene, folders: number) =>
  until(
    'listing',
    () => Promise.resolve(scene.sim.calls.of('folders')),
    (count) => count >= folders,
  );

suite(
  'the connector service',
  (test) => {
    const it = needing(test, 'elasticsearch');

    it('takes a connector from its creation in Kibana to a completed sync, and the index equals Box', () =>
      ServiceScene.in({ tree: 'demo' }, async (scene) => {
        const id = await scene.createConnector();
        const startedAt = Date.now();
        const service = scene.serve(scene.host());

        const asked = await scene.connectorIs(id, 'needs_configuration', 10_000);
        assert.ok(Date.parse(String(asked['last_seen'])) >= startedAt, 'heartbeat');
        assert.ok(Date.now() - startedAt < 5_000, 'heartbeat within 5 s');
        const fields = Object.entries(asked['configuration'] as Record<string, { order: number }>);
        assert.equal(
          fields.toSorted(([, one], [, other]) => one.order - other.order).map(([key]) => key),
          Object.keys(configurationSchema),
        );

        await scene.fillIn(id);
        const connected = await scene.connectorIs(id, 'connected');
        assert.is(connected['error'], null);

        const jobId = await scene.createJob(id);
        const job = await scene.jobIs(jobId, 'completed');
        await scene.assertEqual(id);
        const { count } = await scene.client.count({ index: id });
        assert.is(job['indexed_document_count'], count);
        assert.is(job['total_document_count'], count);
        assert.is(job['deleted_document_count'], 0);
        assert.is(job['error'], null);
        const dates = ['created_at', 'started_at', 'completed_at'].map((name) => Date.parse(String(job[name])));
        assert.equal(
          dates,
          dates.toSorted((a, b) => a - b),
        );
        const after = await until(
          'last sync',
          () => scene.connector(id),
          (one) => one['last_sync_status'] === 'completed',
        );
        assert.is(after['status'], 'connected');
        assert.is(after['last_indexed_document_count'], count);
        assert.is(after['last_sync_error'], null);
        const { code, stderr } = await scene.stop(service);
        assert.is(code, 0, stderr.slice(-2_000));
        assert.not.match(stderr, new RegExp(scene.sim.credentials.clientSecret), 'no secret in the log');
      }));

    it("runs on a file of Elastic's with host, key and connector only, and a connector that Elastic's service has filled", () =>
      ServiceScene.in({ tree: 'demo' }, async (scene) => {
        const pipeline = {
          name: scene.name,
          extract_binary_content: true,
          reduce_whitespace: true,
          run_ml_inference: true,
        };
        await scene.client.ingest.putPipeline({ id: scene.name, processors: [] });
        try {
          const id = await scene.createConnector({ pipeline });
          await scene.fillIn(id);
          await scene.change(id, { status: 'connected', error: null, last_sync_status: 'completed' });
          const jobId = await scene.createJob(id);
          const host = scene.elasticHost();
          const service = scene.serve(host, ['-c', host.configPath]);
          const job = await scene.jobIs(jobId, 'completed');
          await scene.assertEqual(id);
          assert.ok(Number(job['indexed_document_count']) > 10);
          assert.is((await scene.stop(service)).code, 0);
        } finally {
          await scene.client.ingest.deletePipeline({ id: scene.name });
        }
      }));

    it("needs no more than the connector's own key for its index, and the other key for the protocol", () =>
      ServiceScene.in({ tree: 'demo' }, async (scene) => {
        const id = await scene.createConnector();
        await scene.fillIn(id);
        const [protocol, content] = [await scene.ownKey('.elastic-connectors*'), await scene.ownKey(id)];
        const jobId = await scene.createJob(id);
        scene.serve(
          scene.host({
            'elasticsearch.api_key': protocol,
            connectors: [{ connector_id: id, service_type: 'box', api_key: content }],
          }),
        );
        const job = await scene.jobIs(jobId, 'completed');
        assert.ok(Number(job['total_document_count']) > 10);
        await scene.assertEqual(id);
      }));

    it('needs no other key than one for each connector, and one that is refused keeps no other from its work', () =>
      ServiceScene.in({ tree: 'one-file' }, async (scene) => {
        const ids = [await scene.createConnector(), await scene.createConnector(), await scene.createConnector()];
        for (const id of ids) await scene.fillIn(id);
        const keys = await Promise.all(ids.slice(1).map((id) => scene.ownKey(id, '.elastic-connectors*')));
        const entries = [...keys, 'bm90OmFrZXk='].map((key, position) => ({
          connector_id: ids[(position + 1) % 3],
          service_type: 'box',
          api_key: key,
        }));
        const service = scene.serve(scene.host({ 'elasticsearch.api_key': null, connectors: entries.toReversed() }));
        const jobs = [];
        for (const id of ids) jobs.push(await scene.createJob(id));
        for (const [position, job] of jobs.entries()) {
          if (position === 0) continue;
          const ended = await scene.jobIs(job, 'completed');
          assert.ok(Number(ended['total_document_count']) > 0);
          await scene.assertEqual(ids[position] ?? '');
        }
        assert.is((await scene.job(jobs[0] ?? ''))['status'], 'pending');
        const { code, stderr } = await scene.stop(service);
        assert.is(code, 0, stderr.slice(-2_000));
        assert.match(stderr, "The connector's own key is refused");
        for (const key of keys) assert.not.match(stderr, key);
      }));

    it('cancels within 5 s, without another call to Box, and the next job completes the index', () =>
      ServiceScene.in({ tree: slowTree }, async (scene) => {
        const fault = scene.sim.faults.add(slowly);
        const id = await scene.createConnector();
        await scene.fillIn(id);
        const service = scene.serve(scene.host(oneByOne));
        await scene.connectorIs(id, 'connected');
        const jobId = await scene.createJob(id);
        await listed(scene, 8);
        await scene.cancel(jobId);
        const canceled = await scene.jobIs(jobId, 'canceled', 5_000);
        const calls = scene.sim.calls.total;
        assert.ok(canceled['canceled_at'] !== undefined && canceled['completed_at'] !== undefined);
        await pause(500);
        assert.is(scene.sim.calls.total, calls, 'calls after the cancel');
        assert.is((await scene.connector(id))['last_sync_status'], 'canceled');
        scene.sim.faults.remove(fault.id);
        const next = await scene.createJob(id);
        const job = await scene.jobIs(next, 'completed');
        await scene.assertEqual(id);
        const both = Number(job['indexed_document_count']) + Number(canceled['indexed_document_count']);
        assert.is(both, Number(job['total_document_count']), 'each document is counted by the job that wrote it');
        assert.is((await scene.stop(service)).code, 0);
      }));

    it('suspends on SIGTERM within the drain time, and goes on with the same job where it was', () =>
      ServiceScene.in({ tree: slowTree }, async (scene) => {
        const fault = scene.sim.faults.add(slowly);
        const id = await scene.createConnector();
        await scene.fillIn(id);
        const host = scene.host(oneByOne);
        const first = scene.serve(host);
        const jobId = await scene.createJob(id);
        await listed(scene, 15);
        const askedAt = Date.now();
        const { code, stderr } = await scene.stop(first);
        assert.is(code, 0, stderr.slice(-2_000));
        assert.ok(Date.now() - askedAt < 5_000, 'within the drain time');
        const suspended = await scene.job(jobId);
        assert.is(suspended['status'], 'suspended');
        assert.is(suspended['completed_at'], undefined);
        assert.is((await scene.connector(id))['last_sync_status'], 'suspended');
        const before = scene.sim.calls.of('folders');
        scene.sim.faults.remove(fault.id);

        scene.serve(host);
        const job = await scene.jobIs(jobId, 'completed');
        await scene.assertEqual(id);
        assert.is(job['indexed_document_count'], job['total_document_count']);
        const after = scene.sim.calls.of('folders') - before;
        assert.ok(after <= 41 - before + 3, `${before} folders were listed before, ${after} after the restart`);
      }));

    it('takes a job up again whose process was killed', () =>
      ServiceScene.in({ tree: slowTree }, async (scene) => {
        const fault = scene.sim.faults.add(slowly);
        const id = await scene.createConnector();
        await scene.fillIn(id);
        const host = scene.host(oneByOne);
        const first = scene.serve(host);
        const jobId = await scene.createJob(id);
        await listed(scene, 15);
        first.kill('SIGKILL');
        await first.ended;
        scene.sim.faults.remove(fault.id);
        const before = scene.sim.calls.of('folders');
        assert.is((await scene.job(jobId))['status'], 'in_progress');
        scene.serve(host);
        await pause(1_000);
        assert.is((await scene.job(jobId))['status'], 'in_progress', 'it may still live');
        // Instead of waiting for 20 s.
        await scene.silence(jobId);
        const job = await scene.jobIs(jobId, 'completed');
        await scene.assertEqual(id);
        const after = scene.sim.calls.of('folders') - before;
        assert.ok(after < 41, `from the checkpoint: ${after} folders after the restart`);
        assert.ok(Number(job['total_document_count']) > 200);
        assert.is((await scene.jobsOf(id)).length, 1);
      }));

    it('runs each job once, though two services look after the same connectors', () =>
      ServiceScene.in({ tree: 'one-file' }, async (scene) => {
        const ids = await Promise.all([1, 2, 3, 4].map(() => scene.createConnector()));
        for (const id of ids) await scene.fillIn(id);
        const service = { idling: 0.1, max_concurrent_content_syncs: 3 };
        const services = [scene.serve(scene.host({ service })), scene.serve(scene.host({ service }))];
        const jobs: string[] = [];
        for (let round = 0; round < 3; round += 1) for (const id of ids) jobs.push(await scene.createJob(id));
        for (const job of jobs) await scene.jobIs(job, 'completed', 30_000);
        const ended = await Promise.all(services.map((one) => scene.stop(one)));
        const log = ended.map(({ stderr }) => stderr).join('');
        for (const job of jobs) {
          const times = (what: string) => log.split(what).length - 1;
          assert.equal([times(`Job ${job} (full) begins`), times(`Job ${job} is completed`)], [1, 1], `job ${job}`);
        }
      }));

    it('creates the jobs that are due, each once, and not those of a schedule that is switched off', () =>
      ServiceScene.in({ tree: 'one-file' }, async (scene) => {
        const off = { enabled: false, interval: '0/1 * * * * ?' };
        const id = await scene.createConnector({ scheduling: { full: off, incremental: off, access_control: off } });
        await scene.fillIn(id);
        scene.serve(scene.host());
        await scene.connectorIs(id, 'connected');
        assert.is((await scene.jobsOf(id)).length, 0);
        await scene.change(id, { scheduling: { full: { enabled: true, interval: '0/2 * * * * ?' } } });
        await until(
          'scheduled job',
          () => scene.jobsOf(id),
          (jobs) => jobs.some((job) => job['status'] === 'completed'),
        );
        await scene.change(id, { scheduling: { full: { enabled: false, interval: '0/2 * * * * ?' } } });
        await pause(1_000);
        const jobs = await scene.jobsOf(id);
        for (const job of jobs) {
          assert.is(job['trigger_method'], 'scheduled');
          assert.is(job['job_type'], 'full');
        }
        assert.not.match(JSON.stringify(jobs), new RegExp(scene.sim.credentials.clientSecret), 'no secret in a job');
        const { last_sync_scheduled_at: last } = await scene.connector(id);
        assert.is(Date.parse(String(last)) % 2_000, 0);
        await scene.assertEqual(id);

        await scene.change(id, { scheduling: { full: { enabled: true, interval: '0 0 0 31 2 ?' } } });
        const wrong = await scene.connectorIs(id, 'error');
        assert.match(String(wrong['error']), 'scheduling.full');
      }));

    it('keeps the faults of one connector away from another, and says them where Kibana shows them', () =>
      ServiceScene.in({ tree: 'one-file' }, async (scene) => {
        const [wrong, empty, good] = [
          await scene.createConnector(),
          await scene.createConnector(),
          await scene.createConnector(),
        ];
        await scene.fillIn(wrong, { client_secret: 'not-the-secret' });
        await scene.fillIn(empty, { client_secret: '', enterprise_id: 'x' });
        await scene.fillIn(good);
        scene.serve(scene.host({ service: { idling: 0.2, heartbeat: 0.5 } }));
        const jobs = [await scene.createJob(wrong), await scene.createJob(empty), await scene.createJob(good)] as const;
        await scene.jobIs(jobs[2], 'completed');
        await scene.assertEqual(good);
        const refused = await scene.jobIs(jobs[0], 'error');
        assert.match(String(refused['error']), /^AuthError: /);
        const invalid = await scene.jobIs(jobs[1], 'error');
        assert.is(
          invalid['error'],
          "Field validation errors: 'Client Secret' cannot be empty.; 'Enterprise ID' should be a whole number, found \"x\".",
        );
        const seen = await scene.connectorIs(wrong, 'error');
        assert.match(String(seen['error']), /^AuthError: /);
        assert.not.match(JSON.stringify([refused['error'], seen['error']]), /not-the-secret/);

        // With the right secret Box is reached again, but the failed sync stays to be seen until one succeeds.
        await scene.fillIn(wrong);
        await pause(1_000);
        assert.match(String((await scene.connector(wrong))['error']), /^AuthError: /);
        await scene.jobIs(await scene.createJob(wrong), 'completed');
        const well = await scene.connectorIs(wrong, 'connected');
        assert.equal([well['error'], well['last_sync_error'], well['last_sync_status']], [null, null, 'completed']);
      }));

    it('ends a job as an error that could not read everything, with its counts', () =>
      ServiceScene.in({ tree: { users: 1, foldersPerUser: 4, filesPerFolder: 3 } }, async (scene) => {
        const folder = [...scene.sim.box.truth()].find(({ type }) => type === 'folder');
        assert.ok(folder);
        scene.sim.faults.add({
          match: { route: 'folders', id: folder.id },
          answer: { kind: 'answer', status: 403 },
        });
        const id = await scene.createConnector();
        await scene.fillIn(id);
        scene.serve(scene.host());
        const job = await scene.jobIs(await scene.createJob(id), 'error');
        assert.match(String(job['error']), new RegExp(`^Incomplete: 1 could not be read.*folder ${folder.id}`));
        assert.is(job['indexed_document_count'], job['total_document_count']);
        assert.ok(Number(job['indexed_document_count']) >= 10);
        assert.match(String((await scene.connectorIs(id, 'error'))['error']), /^Incomplete: /);
      }));

    it('judges edited sync rules, activates valid ones, and goes by them', () =>
      ServiceScene.in({ tree: { users: 1, filesInRoot: 8, extensions: ['txt', 'md'] } }, async (scene) => {
        const id = await scene.createConnector();
        await scene.fillIn(id);
        scene.serve(scene.host());
        const edit = async (rules: readonly object[], snippet: object = {}) => {
          const [domain] = (await scene.connector(id))['filtering'] as { active: object; draft: object }[];
          assert.ok(domain);
          const draft = { rules, advanced_snippet: { value: snippet }, validation: { state: 'edited', errors: [] } };
          await scene.change(id, { filtering: [{ ...domain, draft }] });
          const judged = await until(
            'verdict',
            async () => ((await scene.connector(id))['filtering'] as { active: Filter; draft: Filter }[])[0],
            (found) => found?.draft.validation.state !== 'edited',
          );
          assert.ok(judged);
          return judged;
        };
        const rule = { id: 'r1', order: 0, policy: 'exclude', field: 'extension', rule: 'equals', value: 'md' };
        const wrong = await edit([{ ...rule, rule: 'regex', value: '(' }]);
        assert.is(wrong.draft.validation.state, 'invalid');
        assert.equal(
          wrong.draft.validation.errors.map(({ ids }) => ids),
          [['r1']],
        );
        assert.is(wrong.active.rules[0]?.['id'], 'DEFAULT', 'the active rules stay');
        const advanced = await edit([], { query: 'x' });
        assert.is(advanced.draft.validation.state, 'invalid');
        assert.equal(
          advanced.draft.validation.errors.map(({ ids }) => ids),
          [['advanced_snippet']],
        );
        const right = await edit([rule]);
        assert.is(right.draft.validation.state, 'valid');
        assert.equal(right.active.rules, [rule]);
        const job = await scene.jobIs(await scene.createJob(id), 'completed');
        assert.is(job['total_document_count'], 4);
      }));

    it('puts the rotated token of a free account into the connector, which is enough for a service without its state', () =>
      ServiceScene.in({ tree: { filesInRoot: 3 }, account: 'free' }, async (scene) => {
        const { refreshToken } = scene.sim.credentials;
        const id = await scene.createConnector();
        await scene.fillIn(id, { is_enterprise: 'box_free', refresh_token: refreshToken, enterprise_id: '' });
        const first = scene.serve(scene.host());
        await scene.connectorIs(id, 'connected');
        await scene.jobIs(await scene.createJob(id), 'completed');
        await scene.assertEqual(id);
        assert.is((await scene.stop(first)).code, 0);
        const { configuration } = await scene.connector(id);
        const written = (configuration as Record<string, { value: string }>)['refresh_token']?.value;
        assert.ok(written !== refreshToken && written !== '', 'rotated');

        scene.serve(scene.host());
        await scene.jobIs(await scene.createJob(id), 'completed');
        assert.is((await scene.connector(id))['error'], null);
      }));

    it('exits with 1 when Elasticsearch cannot be reached in time, with 0 when it is stopped before that', () =>
      ServiceScene.in({ tree: 'empty' }, async (scene) => {
        await scene.createConnector();
        const nowhere = { 'elasticsearch.host': 'http://127.0.0.1:9', 'elasticsearch.initial_backoff_duration': 0.05 };
        const failed = await scene.serve(scene.host({ ...nowhere, 'elasticsearch.max_wait_duration': 0.3 })).ended;
        assert.is(failed.code, 1);
        assert.match(failed.stderr, 'cannot be reached');
        const waiting = scene.serve(scene.host(nowhere));
        await pause(1_000);
        assert.is((await scene.stop(waiting)).code, 0);
      }));
  },
  { timeoutMs: 60_000 },
);

interface Filter {
  readonly rules: readonly Record<string, unknown>[];
  readonly validation: { readonly state: string; readonly errors: readonly { readonly ids: readonly string[] }[] };
}
