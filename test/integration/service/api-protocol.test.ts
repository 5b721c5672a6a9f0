import { randomBytes } from 'node:crypto';
import * as assert from 'uvu/assert';
import { systemClock } from '../../../src/core/clock.js';
import { AuthError } from '../../../src/core/errors.js';
import { apiProtocol } from '../../../src/service/api-protocol.js';
import { indexProtocol } from '../../../src/service/index-protocol.js';
import { openProtocol } from '../../../src/service/open-protocol.js';
import type { Protocol } from '../../../src/service/protocol.js';
import { ensureProtocolIndices, protocolIndices } from '../../../src/service/protocol-indices.js';
import { elasticsearchClient } from '../../../src/sinks/elasticsearch-client.js';
import { protocolConformance, type ProtocolRig } from '../../service/protocol-conformance.js';
import { quietLog } from '../../service/quiet-log.js';
import { type ConnectorApiStub, startConnectorApiStub } from '../../support/connector-api-stub.js';
import { connectorApiPrivileges, createTestKey, leastPrivileges } from '../../support/elasticsearch-key.js';
import { clientOf } from '../../support/index-contents.js';
import { rejectionOf } from '../../support/fake-http.js';
import { needing, realElasticsearch } from '../../support/real-parts.js';
import { suite } from '../../support/suite.js';

const { signal } = new AbortController();

suite(
  'the protocol through the Connector API',
  (test) => {
    const it = needing(test, 'elasticsearch');

    protocolConformance(it, (run) => inRig((rig) => run(rig)));

    it('is chosen where the cluster has the API, and uses it', () =>
      inRig(async ({ opened, calls, putConnector, prefix }) => {
        assert.match(opened.text, 'The Connector API is used');
        const id = `${prefix}a`;
        await putConnector(id, { status: 'configured', service_type: `${prefix}box` });
        const { protocol } = opened;
        assert.is(await protocol.updateConnector(id, { last_seen: '2026-01-01T00:00:00.000Z' }), true);
        await protocol.listConnectors(`${prefix}box`, 10);
        assert.equal([calls('connector.check_in'), calls('connector.list')], [1, 2], 'once by openProtocol()');
      }));

    it('writes the end of a sync as the indices would be written', () =>
      inRig(async ({ protocol, direct, calls, putConnector, putJob, sources, prefix }) => {
        const now = '2026-01-02T03:04:05.000Z';
        const connector = {
          last_sync_status: 'error',
          last_seen: now,
          last_synced: now,
          last_indexed_document_count: 3,
          last_deleted_document_count: 0,
          status: 'error',
          error: 'why',
          last_sync_error: 'why',
        };
        const job = {
          indexed_document_count: 3,
          deleted_document_count: 0,
          indexed_document_volume: 1,
          total_document_count: 3,
          status: 'error',
          error: 'why',
          last_seen: now,
          completed_at: now,
        };
        const well = { status: 'connected', error: null, last_sync_error: null, last_sync_status: 'completed' };
        for (const [id, way] of [
          ['a', protocol],
          ['b', direct],
        ] as const) {
          await putConnector(prefix + id, { status: 'connected', error: null });
          await putJob(prefix + (way === protocol ? '1' : '2'), { connector: { id }, status: 'in_progress' });
          assert.is(await way.updateConnector(prefix + id, connector), true);
          assert.is(await way.updateJob(prefix + (way === protocol ? '1' : '2'), job), true);
        }
        const [throughApi, directly] = [await sources('a', '1'), await sources('b', '2')];
        // Elasticsearch says when a job has failed.
        assert.ok(Date.parse(String(throughApi.job['completed_at'])) > Date.parse(now));
        assert.equal({ ...throughApi.job, completed_at: now, connector: null }, { ...directly.job, connector: null });
        assert.equal(throughApi.connector, directly.connector);
        assert.equal(
          ['last_sync', 'update_error', 'sync_job_update_stats', 'sync_job_error'].map((n) => calls(`connector.${n}`)),
          [1, 1, 1, 1],
        );
        await protocol.updateConnector(`${prefix}a`, well);
        const after = (await sources('a', '1')).connector;
        assert.equal([after['status'], after['error'], after['last_sync_error']], ['connected', null, null]);
        // A second attempt after one that got through half-way.
        assert.is(await protocol.updateJob(`${prefix}1`, job), true);
        await protocol.updateJob(`${prefix}1`, { ...job, status: 'completed', error: null });
        const { job: done } = await sources('a', '1');
        assert.equal([done['status'], done['error'], done['completed_at']], ['completed', null, now]);
      }));

    it('writes what an administrator sets, and follows the rules of Elasticsearch only where they are its own', () =>
      inRig(async ({ protocol, calls, putConnector, sources, prefix }) => {
        const id = `${prefix}a`;
        await putConnector(id, { status: 'created', configuration: { client_id: { value: '', label: 'Client ID' } } });
        const schedule = { enabled: true, interval: '0 0 * * * ?' };
        const pipeline = { name: 'p', extract_binary_content: true, reduce_whitespace: true, run_ml_inference: false };
        const fields = {
          name: 'New',
          index_name: `${prefix}index`,
          api_key_id: 'k',
          pipeline,
          scheduling: { full: schedule },
          service_type: 'box',
          filtering: [{ domain: 'DEFAULT' }],
        };
        assert.is(await protocol.updateConnector(id, fields), true);
        const values = { configuration: { client_id: { value: 'mine' } }, status: 'configured' };
        assert.is(await protocol.updateConnector(id, values), true);
        const { connector } = await sources('a', '1');
        assert.equal(connector, {
          ...fields,
          status: 'configured',
          configuration: { client_id: { value: 'mine', label: 'Client ID' } },
        });
        // Of the API's own: no step back, and no values of unknown fields.
        assert.is(await protocol.updateConnector(id, { status: 'created' }), true);
        assert.is(
          await protocol.updateConnector(id, { configuration: { other: { value: 1 } }, status: 'configured' }),
          true,
        );
        const after = (await sources('a', '1')).connector;
        assert.equal(
          [after['status'], after['configuration']],
          ['configured', { client_id: { value: 'mine', label: 'Client ID' }, other: { value: 1 } }],
        );
        const names = ['name', 'index_name', 'api_key_id', 'pipeline', 'scheduling', 'configuration', 'status'];
        assert.equal(
          names.map((name) => calls(`connector.update_${name}`)),
          [1, 1, 1, 1, 1, 2, 1],
        );
      }));

    it('reaches connectors and jobs whatever is in their ids', () =>
      inRig(async ({ protocol, putConnector, putJob, removeLater, sources, prefix }) => {
        for (const hostile of ['a/b', 'a?x=1&y', 'ä€😀', 'a b%2F', '../_check_in', '"\\']) {
          const id = prefix + hostile;
          removeLater(id);
          await putConnector(id, { status: 'created', name: 'x' });
          await putJob(id, { connector: { id }, status: 'pending', created_at: '2026-01-01T00:00:00.000Z' });
          assert.is(await protocol.updateConnector(id, { name: hostile, error: 'x', status: 'error' }), true, hostile);
          assert.is(await protocol.cancelJob(id), 'canceled', hostile);
          assert.equal(
            (await protocol.jobsOf(id, 5)).map((job) => job.id),
            [id],
          );
          assert.is((await sources(hostile, hostile)).connector['name'], hostile);
        }
      }));

    it('goes to the indices for calls that this version does not have', () =>
      inRig(
        async ({ protocol, putConnector, putJob, prefix }) => {
          await putConnector(`${prefix}a`, { status: 'connected' });
          await putJob(`${prefix}1`, { connector: { id: `${prefix}a` }, status: 'pending' });
          assert.is(await protocol.updateConnector(`${prefix}a`, { last_seen: '2026-01-01T00:00:00.000Z' }), true);
          assert.is((await protocol.connector(`${prefix}a`))?.lastSeen, Date.parse('2026-01-01T00:00:00.000Z'));
          assert.is(await protocol.cancelJob(`${prefix}1`), 'canceled');
        },
        { without: ['connector.check_in', 'connector.sync_job_cancel'] },
      ));

    it('says which privileges are missing, and is not chosen without them', () =>
      inRig(
        async ({ protocol, opened, putConnector, prefix }) => {
          assert.match(opened.text, 'used directly: the key may not use the Connector API');
          await putConnector(`${prefix}a`, {});
          const fields = { last_seen: '2026-01-01T00:00:00.000Z' };
          const error = await rejectionOf(AuthError, protocol.updateConnector(`${prefix}a`, fields));
          assert.match(error.message, 'monitor_connector and manage_connector');
          assert.is(await opened.protocol.updateConnector(`${prefix}a`, fields), true);
        },
        { cluster: ['monitor'] },
      ));
  },
  { timeoutMs: 20_000 },
);

type Source = Readonly<Record<string, unknown>>;

interface Rig extends ProtocolRig {
  /** The same without the API. */
  readonly direct: Protocol;
  /** As the cluster was asked. */
  readonly opened: { readonly protocol: Protocol; readonly text: string };
  readonly calls: (endpoint: string) => number;
  /** The documents of a connector and a job, by their ids without the prefix. */
  readonly sources: (connector: string, job: string) => Promise<{ readonly connector: Source; readonly job: Source }>;
}

/** With a key of exactly the documented privileges, through the stub, which must find nothing amiss. */
async function inRig(
  test: (rig: Rig) => Promise<void>,
  {
    cluster = [...leastPrivileges.cluster, ...connectorApiPrivileges],
    without = [],
  }: { cluster?: readonly string[]; without?: readonly string[] } = {},
): Promise<void> {
  const key = await createTestKey(realElasticsearch(), { index: '.elastic-connectors*', cluster });
  const stub: ConnectorApiStub = await startConnectorApiStub(realElasticsearch(), { without });
  const client = elasticsearchClient({ host: stub.url, apiKey: key.encoded, version: 'test' });
  const superuser = clientOf(realElasticsearch());
  const prefix = `service-${randomBytes(5).toString('hex')}-`;
  const made = ['a', 'b', 'c', 'd', 'job', '1', '2', '3', '4', '5', '6'].map((id) => prefix + id);
  const put = async (index: string, id: string, document: object, refresh = true) => {
    await superuser.index({ index, id, document, refresh });
  };
  const sourceOf = async (index: string, id: string) =>
    (await superuser.get<Source>({ index, id: prefix + id }, { ignore: [404] }))._source ?? {};
  try {
    await ensureProtocolIndices(client, signal);
    const direct = indexProtocol(client, signal, systemClock);
    const { log, text } = quietLog();
    const settings = { feature_use_connectors_api: true };
    const opened = await openProtocol({ client, clock: systemClock, log, signal }, settings);
    await test({
      protocol: apiProtocol(client, signal, direct),
      direct,
      opened: { protocol: opened, text: text() },
      calls: (endpoint) => stub.calls.get(endpoint) ?? 0,
      prefix,
      removeLater: (id) => made.push(id),
      putConnector: (id, source, isSeen) => put(protocolIndices.connectors, id, source, isSeen),
      putJob: (id, source) => put(protocolIndices.jobs, id, source),
      sources: async (connector, job) => ({
        connector: await sourceOf(protocolIndices.connectors, connector),
        job: await sourceOf(protocolIndices.jobs, job),
      }),
    });
    assert.equal(stub.deviations, []);
  } finally {
    for (const index of Object.values(protocolIndices)) {
      for (const id of made) await superuser.delete({ index, id }, { ignore: [404] });
    }
    await client.close();
    await superuser.close();
    await stub.close();
    await key.revoke();
  }
}
