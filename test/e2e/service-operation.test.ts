import { connect } from 'node:net';
import * as assert from 'uvu/assert';
import { startBulkProxy, type BulkProxy } from '../support/bulk-proxy.js';
import { freePort } from '../support/free-port.js';
import { type Sample, parsePrometheusText } from '../support/parse-prometheus-text.js';
import { needing, realElasticsearch } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { kibana9Connector } from './kibana-documents.js';
import { ServiceScene, until } from './service-scene.js';

/** Takes some seconds with one folder at a time. */
const slowTree = { users: 1, foldersPerUser: 40, filesPerFolder: 5 };
const slowly = { match: { route: 'folders' }, answer: { kind: 'delay', ms: 150 } } as const;

/** The endpoint of a service, as a supervisor and Prometheus see it. */
class Watcher {
  readonly port: number;

  constructor(port: number) {
    this.port = port;
  }

  /** `live` and `ready`; 0 where nobody answers. */
  async health(): Promise<readonly [live: number, ready: number]> {
    const ask = async (path: string) => {
      try {
        const answer = await fetch(`http://127.0.0.1:${this.port}${path}`);
        await answer.text();
        return answer.status;
      } catch {
        return 0;
      }
    };
    return [await ask('/health/live'), await ask('/health/ready')];
  }

  async healthIs(live: number, ready: number, withinMs = 10_000): Promise<void> {
    await until(
      `health ${live} ${ready}`,
      () => this.health(),
      (found) => found[0] === live && found[1] === ready,
      withinMs,
    );
  }

  async text(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.port}/metrics`)).text();
  }

  async metrics(): Promise<readonly Sample[]> {
    return parsePrometheusText(await this.text());
  }
}

function valueOf(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>>) {
  return samples.find(
    (one) => one.name === name && Object.entries(labels).every(([label, value]) => one.labels[label] === value),
  )?.value;
}

async function withProxy(test: (proxy: BulkProxy) => Promise<void>): Promise<void> {
  const proxy = await startBulkProxy(realElasticsearch().url);
  try {
    await test(proxy);
  } finally {
    await proxy.close();
  }
}

suite(
  'the operation of the service',
  (test) => {
    const it = needing(test, 'elasticsearch');

    it('is ready once it has seen its connectors, counts what its syncs do, and stops being ready before it drains', () =>
      withProxy((proxy) =>
        ServiceScene.in({ tree: 'demo' }, async (scene) => {
          const id = await scene.createConnector();
          await scene.fillIn(id);
          const watcher = new Watcher(await freePort());
          await proxy.down();
          const service = scene.serve(
            scene.host({
              'elasticsearch.host': proxy.url,
              'elasticsearch.initial_backoff_duration': 0.05,
              'elasticsearch.backoff_multiplier': 1.5,
              service: { preflight_idle: 0.1, http: { port: watcher.port } },
            }),
          );
          await watcher.healthIs(200, 503);
          await proxy.up();
          await watcher.healthIs(200, 200);
          await scene.connectorIs(id, 'connected');
          const first = await scene.jobIs(await scene.createJob(id), 'completed');
          const second = await scene.jobIs(await scene.createJob(id), 'completed');
          assert.ok(Number(first['indexed_document_count']) > 10);
          assert.is(second['indexed_document_count'], 0);
          // The job is told to be over a little before it counts as ended.
          await until(
            'second sync',
            () => watcher.metrics(),
            (found) => valueOf(found, 'box_connector_syncs_total', { connector: id, outcome: 'completed' }) === 2,
          );
          const text = await watcher.text();
          const samples = parsePrometheusText(text);
          const value = (name: string, labels: Readonly<Record<string, string>> = {}) =>
            valueOf(samples, `box_connector_${name}`, { connector: id, ...labels });
          const count = Number(first['indexed_document_count']);
          assert.is(value('rows_read_total'), 2 * count, 'both runs');
          assert.is(value('rows_total', { outcome: 'written' }), count);
          assert.is(value('rows_total', { outcome: 'unchanged' }), count);
          assert.ok(Number(value('document_bytes_total', { outcome: 'written' })) > 100 * count);
          assert.is(value('bulk_items_total', { status: '200' }), count);
          assert.ok(Number(value('bulk_requests_total', { status: '200' })) >= 1);
          assert.is(value('syncs_total', { outcome: 'completed' }), 2);
          assert.is(value('syncs_total', { outcome: 'failed' }), 0);
          assert.is(value('sync_running'), 0);
          assert.is(value('in_error'), 0);
          assert.ok(Math.abs(Number(value('last_success_timestamp_seconds')) - Date.now() / 1_000) < 30);
          const calls = samples.filter(({ name }) => name === 'box_connector_box_calls_total');
          const listings = calls.filter(({ labels }) => labels['route'] === '/folders/:id/items');
          assert.is(
            listings.reduce((sum, one) => sum + one.value, 0),
            scene.sim.calls.of('folders'),
          );
          for (const { labels } of calls) assert.match(labels['route'] ?? '', /^(\/[a-z0-9_]+(\/:id)?)+$/);
          const { clientSecret, refreshToken } = scene.sim.credentials;
          for (const secret of [clientSecret, refreshToken, scene.key.encoded]) {
            if (secret !== '') assert.not.match(text, secret);
          }

          // Nothing gets through any more: the job cannot end before `go`.
          const job = await scene.createJob(id, 'incremental');
          await scene.jobIs(job, 'in_progress');
          proxy.silence();
          const endless = connect({ host: '127.0.0.1', port: watcher.port }).on('error', () => {});
          endless.write('GET /metrics HTTP/1.1\r\nhost: x\r\n');
          service.kill('SIGTERM');
          await watcher.healthIs(200, 503, 2_000);
          assert.is(service.process.exitCode, null, 'it drains');
          proxy.go();
          const { code, stderr } = await service.ended;
          endless.destroy();
          assert.is(code, 0, stderr.slice(-2_000));
          assert.equal(await watcher.health(), [0, 0]);
        }),
      ));

    it('ends within its drain time though Elasticsearch has stopped to answer, and says what it was waiting for', () =>
      withProxy((proxy) =>
        ServiceScene.in({ tree: slowTree }, async (scene) => {
          scene.sim.faults.add(slowly);
          const id = await scene.createConnector();
          await scene.fillIn(id);
          const service = scene.serve(scene.host({ 'elasticsearch.host': proxy.url, service: { drain_timeout: 2 } }));
          const job = await scene.createJob(id);
          await scene.jobIs(job, 'in_progress');
          proxy.silence();
          const askedAt = Date.now();
          const { code, stderr } = await scene.stop(service);
          assert.is(code, 1, stderr.slice(-2_000));
          const ms = Date.now() - askedAt;
          assert.ok(ms > 1_800 && ms < 4_500, `${ms} ms`);
          assert.match(stderr, `does not wait any longer for the job ${job} of`);
          assert.is((await scene.job(job))['status'], 'in_progress', 'another service takes it up');
        }),
      ));

    it('says what a sync is doing while it goes on', () =>
      ServiceScene.in({ tree: slowTree }, async (scene) => {
        scene.sim.faults.add(slowly);
        const id = await scene.createConnector();
        await scene.fillIn(id);
        const watcher = new Watcher(await freePort());
        const service = scene.serve(
          scene.host({
            service: { http: { port: watcher.port } },
            box: { calls_per_minute: 0, listing: { concurrency: 1 } },
          }),
        );
        await scene.createJob(id);
        const running = await until(
          'a sync under way',
          async () => ((await watcher.health())[0] === 200 ? watcher.metrics() : []),
          (samples) => Number(valueOf(samples, 'box_connector_rows_read_total', { connector: id })) >= 10,
        );
        assert.is(valueOf(running, 'box_connector_sync_running', { connector: id }), 1);
        assert.ok(Number(valueOf(running, 'box_connector_ledger_rows', { connector: id })) > 0);
        assert.ok(Number(valueOf(running, 'box_connector_frontier_folders', { connector: id })) > 10);
        assert.is((await scene.stop(service)).code, 0);
      }));

    it('serves the figures of a single sync as well', () =>
      ServiceScene.in({ tree: slowTree }, async (scene) => {
        scene.sim.faults.add(slowly);
        const { clientId, clientSecret, enterpriseId } = scene.sim.credentials;
        const watcher = new Watcher(await freePort());
        const index = await scene.createConnector();
        const run = scene.serve(
          scene.host({
            connectors: [],
            index,
            pipeline: { name: '_none' },
            box: {
              is_enterprise: 'box_enterprise',
              client_id: clientId,
              client_secret: clientSecret,
              enterprise_id: enterpriseId,
              listing: { concurrency: 1 },
            },
            service: { http: { port: watcher.port } },
          }),
          ['sync'],
        );
        await watcher.healthIs(200, 200);
        const samples = await watcher.metrics();
        assert.is(valueOf(samples, 'box_connector_sync_running', { connector: 'sync' }), 1);
        run.kill('SIGTERM');
        const { code, stderr } = await run.ended;
        assert.is(code, 130, stderr.slice(-2_000));
      }));

    it('does not start where it cannot, with an exit code that says so', () =>
      withProxy((proxy) =>
        ServiceScene.in({ tree: 'empty' }, async (scene) => {
          await scene.createConnector();
          const start = async (sections: Readonly<Record<string, unknown>>) => {
            const { code, stderr, stdout } = await scene.serve(scene.host(sections)).ended;
            assert.is(stdout, '');
            return [code, stderr] as const;
          };
          const [taken, takenText] = await start({ service: { http: { port: Number(new URL(proxy.url).port) } } });
          assert.is(taken, 1);
          assert.match(takenText, 'something else listens there');
          const [nowhere, nowhereText] = await start({ service: { http: { host: '203.0.113.7', port: 0 } } });
          assert.is(nowhere, 2);
          assert.match(nowhereText, 'service.http.host');
          assert.is((await start({ service: { http: { port: 70_000 } } }))[0], 2);
          const [refused, refusedText] = await start({ 'elasticsearch.api_key': 'bm90OmFrZXk=' });
          assert.is(refused, 1);
          assert.match(refusedText, 'refuses the sign-in');
        }),
      ));

    it('goes by the version of Elasticsearch, and takes one that does not tell it', () =>
      withProxy((proxy) =>
        ServiceScene.in({ tree: 'empty' }, async (scene) => {
          const id = await scene.createConnector();
          const other = { status: 200, body: { version: { number: '7.17.0' } } };
          const root = { answer: other as { status: number; body: object } };
          proxy.onOther = (_method, path) => (path === '/' ? root.answer : undefined);
          const host = scene.host({ 'elasticsearch.host': proxy.url });
          const { code, stderr } = await scene.serve(host).ended;
          assert.is(code, 1);
          assert.match(stderr, 'version 7.17.0 of Elasticsearch, expected 8 or 9');
          const startsWith = async (env: Readonly<Record<string, string>>) => {
            await scene.change(id, { status: 'created', last_seen: null });
            const service = scene.serve(host, [], env);
            await scene.connectorIs(id, 'needs_configuration');
            const ended = await scene.stop(service);
            assert.is(ended.code, 0);
            return ended.stderr;
          };
          assert.match(await startsWith({ ALLOW_ES_VERSION_MISMATCH: 'true' }), 'Found version 7.17.0');
          for (const status of [403, 405]) {
            root.answer = { status, body: { error: { type: 'security_exception', reason: 'no' }, status } };
            assert.match(await startsWith({}), `it refuses GET / (${status})`);
          }
        }),
      ));

    it('runs all connectors of its type in worker mode, and none of another or of Elastic Cloud', () =>
      withProxy((proxy) =>
        ServiceScene.in({ tree: 'one-file' }, async (scene) => {
          // Others use the same cluster: the service is shown the connectors of this test only.
          proxy.rewrite = (path, body) => {
            if (!path.startsWith('/.elastic-connectors/_search')) return body;
            const { query, ...rest } = JSON.parse(body) as { query: object };
            const own = { prefix: { index_name: scene.name } };
            return JSON.stringify({ ...rest, query: { bool: { filter: [query, own] } } });
          };
          const [first, native, deleted, foreign] = [
            await scene.createConnector(),
            await scene.createConnector({ is_native: true }),
            await scene.createConnector({ deleted: true }),
            await scene.createConnector({ service_type: 'dropbox' }),
          ];
          for (const id of [first, native, deleted, foreign]) await scene.fillIn(id);
          const service = scene.serve(
            scene.host({
              'elasticsearch.host': proxy.url,
              connectors: [],
              service: { worker_mode: true, service_types: ['box'], max_concurrent_content_syncs: 2 },
            }),
          );
          const jobs = [await scene.createJob(first), await scene.createJob(native), await scene.createJob(foreign)];
          await scene.jobIs(jobs[0] ?? '', 'completed');
          // One that comes while it runs needs no restart.
          const later = await scene.createConnector();
          await scene.fillIn(later);
          await scene.jobIs(await scene.createJob(later), 'completed');
          for (const id of [first, later]) await scene.assertEqual(id);
          for (const job of jobs.slice(1)) assert.is((await scene.job(job))['status'], 'pending');
          for (const id of [native, deleted, foreign]) assert.is((await scene.connector(id))['last_seen'], null);
          const { code, stderr } = await scene.stop(service);
          assert.is(code, 0, stderr.slice(-2_000));
        }),
      ));

    it('keeps each line of its log whole, whatever connectors, folders and answers are called', () =>
      ServiceScene.in({ tree: { users: 1, foldersPerUser: 3, filesPerFolder: 2 } }, async (scene) => {
        const hostile = '\n{"log.level":"forged"}\r\n\u001b[31m"\\\u2028';
        const id = await scene.putConnector(`${scene.name}-${hostile}`, {
          ...kibana9Connector(`${scene.name}-hostile`),
          name: hostile,
        });
        await scene.fillIn(id);
        const folder = [...scene.sim.box.truth()].find(({ type }) => type === 'folder');
        assert.ok(folder);
        scene.sim.box.rename(folder, hostile);
        scene.sim.faults.add({
          match: { route: 'folders', id: folder.id },
          answer: { kind: 'answer', status: 403, body: JSON.stringify({ code: hostile, message: hostile }) },
        });
        const watcher = new Watcher(await freePort());
        const service = scene.serve(scene.host({ log: { level: 'debug' }, service: { http: { port: watcher.port } } }));
        const job = await scene.jobIs(await scene.createJob(id), 'error');
        assert.not.match(String(job['error']), /[\u0000-\u001f\u2028]/);
        const connectors = (await watcher.metrics()).flatMap(({ labels }) => labels['connector'] ?? []);
        assert.is(new Set(connectors).size, 1);
        const { code, stderr } = await scene.stop(service);
        assert.is(code, 0);
        const lines = stderr.trimEnd().split('\n');
        assert.ok(lines.length > 10);
        let told = 0;
        for (const line of lines) {
          assert.not.match(line, /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
          const entry = JSON.parse(line) as Record<string, unknown>;
          assert.match(String(entry['@timestamp']), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
          assert.match(String(entry['log.level']), /^(debug|info|warn|error)$/);
          assert.type(entry['message'], 'string');
          assert.match(String(entry['ecs.version']), /^\d/);
          if (entry['connector'] === id) told += 1;
        }
        assert.ok(told > 0, 'lines name the connector as it is');
      }));
  },
  { timeoutMs: 60_000 },
);
