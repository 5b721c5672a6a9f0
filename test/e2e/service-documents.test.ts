import * as assert from 'uvu/assert';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { kibana817Connector, kibana9Connector } from './kibana-documents.js';
import { ServiceScene, until } from './service-scene.js';

type Fields = Readonly<Record<string, unknown>>;

const shapes = [
  { version: '8.17', connectorOf: kibana817Connector, form: 'example' },
  { version: '9', connectorOf: kibana9Connector, form: 'every key' },
] as const;

/** What Elastic's file says is 30; the file stays as it is. */
const quick = { SERVICE_IDLING: '0.2' };

suite(
  "the connector service in Elastic's place",
  (test) => {
    const it = needing(test, 'elasticsearch');

    for (const { version, connectorOf, form } of shapes) {
      it(`takes a connector of Kibana ${version} through all its states, with a file of Elastic's (${form})`, () =>
        ServiceScene.in({ tree: { users: 1, foldersPerUser: 2, filesPerFolder: 2 } }, async (scene) => {
          const id = `${scene.name}-kibana`;
          const index = `search-${scene.name}`;
          const created = connectorOf(index);
          const { name: pipeline } = created['pipeline'] as { name: string };
          if (pipeline !== '_none') await scene.client.ingest.putPipeline({ id: pipeline, processors: [] });
          try {
            await scene.putConnector(id, created);
            const host = scene.elasticHost(form);
            const startedAt = Date.now();
            const service = scene.serve(host, ['-c', host.configPath], quick);

            const asked = await scene.connectorIs(id, 'needs_configuration', 10_000);
            assertReadable(asked);
            assert.ok(isAfter(asked['last_seen'], startedAt), 'a sign of life');
            assertKept(asked, created, ['configuration', 'features', 'status', 'last_seen']);
            assert.equal(asked['features'], {
              sync_rules: { basic: { enabled: true }, advanced: { enabled: false } },
              document_level_security: { enabled: false },
              incremental_sync: { enabled: true },
              native_connector_api_keys: { enabled: false },
            });

            await scene.fillIn(id);
            const connected = await scene.connectorIs(id, 'connected');
            assertReadable(connected);
            assertKept(connected, asked, ['configuration', 'status', 'error', 'last_seen']);

            const fault = scene.sim.faults.add({ match: { route: 'folders' }, answer: { kind: 'delay', ms: 250 } });
            const createdAt = Date.now();
            const jobId = await scene.createJob(id);
            const running = await scene.jobIs(jobId, 'in_progress');
            assertJob(running, { started_at: createdAt, last_seen: createdAt });
            assert.type(running['worker_hostname'], 'string');
            assert.ok(isNothing(running['completed_at']) && isNothing(running['error']));
            const busy = await until(
              'a sync in progress',
              () => scene.connector(id),
              (one) => one['last_sync_status'] === 'in_progress',
            );
            assertReadable(busy);
            assert.is(busy['status'], 'connected');
            scene.sim.faults.remove(fault.id);

            const done = await scene.jobIs(jobId, 'completed');
            await scene.assertEqual(index);
            const { count } = await scene.client.count({ index });
            assertJob(done, { started_at: createdAt, completed_at: createdAt, last_seen: createdAt });
            assertCounts(done, { indexed: count, deleted: 0, total: count });
            assert.ok(isNothing(done['error']) && isNothing(done['canceled_at']));
            const synced = await lastSync(scene, id, 'completed');
            assertReadable(synced);
            assert.ok(isAfter(synced['last_synced'], createdAt));
            assert.equal([synced['status'], synced['error'], synced['last_sync_error']], ['connected', null, null]);
            assert.equal([synced['last_indexed_document_count'], synced['last_deleted_document_count']], [count, 0]);

            // One item leaves Box, and a second sync, an incremental one, takes it away.
            const [gone] = [...scene.sim.box.truth()].filter(({ type }) => type === 'file');
            assert.ok(gone);
            scene.sim.box.trash({ type: 'file', id: gone.id });
            const second = await scene.jobIs(await scene.createJob(id, 'incremental'), 'completed');
            assertCounts(second, { indexed: 0, deleted: 1, total: count - 1 });
            // A folder is not written again for what has changed below it.
            await scene.assertEqual(index, { folderSizes: false });

            await scene.fillIn(id, { client_secret: 'no-longer-right' });
            const refused = await scene.connectorIs(id, 'error');
            assertReadable(refused);
            assert.match(String(refused['error']), /^AuthError: /);
            const failed = await scene.jobIs(await scene.createJob(id), 'error');
            assertJob(failed, { started_at: createdAt, completed_at: createdAt, last_seen: createdAt });
            assert.match(String(failed['error']), /^AuthError: /);
            const after = await lastSync(scene, id, 'error');
            assertReadable(after);
            assert.is(after['last_sync_error'], failed['error']);
            assertKept(after, created, [
              ...['configuration', 'features', 'status', 'error', 'last_seen', 'last_synced', 'last_sync_status'],
              ...['last_sync_error', 'last_indexed_document_count', 'last_deleted_document_count'],
            ]);
            const { code, stderr } = await scene.stop(service);
            assert.is(code, 0, stderr.slice(-2_000));
          } finally {
            if (pipeline !== '_none') await scene.client.ingest.deletePipeline({ id: pipeline });
          }
        }));
    }
  },
  { timeoutMs: 60_000 },
);

const lastSync = (scene: ServiceScene, id: string, status: string) =>
  until(
    `last sync ${status}`,
    () => scene.connector(id),
    (one) => one['last_sync_status'] === status,
  );

/** Every other field is as it was: what Kibana and others have written is theirs. */
function assertKept(now: Fields, before: Fields, changed: readonly string[]): void {
  const rest = (document: Fields) =>
    Object.fromEntries(Object.entries(document).filter(([key]) => !changed.includes(key)));
  assert.equal(rest(now), rest(before));
}

const syncStatuses = 'canceling canceled completed error in_progress pending suspended'.split(' ');
const statuses = 'created needs_configuration configured connected error'.split(' ');

/** What Kibana reads of a connector is there, and of the type that it expects. */
function assertReadable(connector: Fields): void {
  assert.ok(statuses.includes(String(connector['status'])));
  for (const key of ['error', 'last_sync_error']) assert.ok(isNothing(connector[key]) || isText(connector[key]), key);
  for (const key of ['last_seen', 'last_synced', 'last_sync_scheduled_at', 'last_incremental_sync_scheduled_at']) {
    assert.ok(isNothing(connector[key]) || isDate(connector[key]), `${key}: ${String(connector[key])}`);
  }
  for (const key of ['last_indexed_document_count', 'last_deleted_document_count']) {
    assert.ok(isNothing(connector[key]) || Number.isSafeInteger(connector[key]), key);
  }
  const status = connector['last_sync_status'];
  assert.ok(isNothing(status) || syncStatuses.includes(String(status)));
  const fields = Object.entries(connector['configuration'] as Readonly<Record<string, Fields>>);
  assert.is(fields.length, 11);
  for (const [key, field] of fields) {
    assert.ok(isText(field['label']) && Number.isSafeInteger(field['order']), key);
    assert.ok(['text', 'textarea', 'numeric', 'toggle', 'dropdown'].includes(String(field['display'])), key);
    assert.ok(['str', 'int', 'bool'].includes(String(field['type'])), key);
    for (const flag of ['required', 'sensitive']) assert.type(field[flag], 'boolean', key);
    for (const list of ['depends_on', 'options', 'ui_restrictions', 'validations'])
      assert.ok(Array.isArray(field[list]), key);
    assert.ok('value' in field && 'default_value' in field && 'tooltip' in field, key);
  }
}

/** What Kibana reads of a job; the dates lie after those given. */
function assertJob(job: Fields, dates: Readonly<Record<string, number>>): void {
  assert.ok(syncStatuses.includes(String(job['status'])));
  for (const [key, from] of Object.entries(dates)) assert.ok(isAfter(job[key], from), `${key}: ${String(job[key])}`);
  for (const key of ['indexed_document_count', 'deleted_document_count', 'indexed_document_volume']) {
    assert.ok(Number.isSafeInteger(job[key]), key);
  }
  assert.equal([job['trigger_method'], job['job_type']], ['on_demand', 'full']);
}

function assertCounts(
  job: Fields,
  { indexed, deleted, total }: { readonly indexed: number; readonly deleted: number; readonly total: number },
): void {
  assert.equal(
    [job['indexed_document_count'], job['deleted_document_count'], job['total_document_count']],
    [indexed, deleted, total],
  );
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isDate(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);
}

/** With a second for clocks that are read at different places. */
function isAfter(value: unknown, at: number): boolean {
  return isDate(value) && Date.parse(String(value)) >= at - 1_000;
}
