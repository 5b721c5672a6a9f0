import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@elastic/elasticsearch';
import * as assert from 'uvu/assert';
import { ensureProtocolIndices } from '../../src/service/protocol-indices.js';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.js';
import { Connector, type Ended, type Running } from '../support/connector.js';
import { createTestKey, type TestKey } from '../support/elasticsearch-key.js';
import { assertEqualsBox, clientOf, indexContents } from '../support/index-contents.js';
import { realElasticsearch } from '../support/real-parts.js';

type Fields = Readonly<Record<string, unknown>>;

const connectors = '.elastic-connectors';
const jobs = '.elastic-connectors-sync-jobs';

/** A connector as Kibana 9 creates it, before any service has seen it. */
export function kibanaConnector(indexName: string): Record<string, unknown> {
  const rules = () => ({
    advanced_snippet: { created_at: '2026-01-01T00:00:00.000Z', updated_at: '2026-01-01T00:00:00.000Z', value: {} },
    rules: [
      {
        created_at: '2026-01-01T00:00:00.000Z',
        field: '_',
        id: 'DEFAULT',
        order: 0,
        policy: 'include',
        rule: 'regex',
        updated_at: '2026-01-01T00:00:00.000Z',
        value: '.*',
      },
    ],
    validation: { errors: [], state: 'valid' },
  });
  const off = { enabled: false, interval: '0 0 0 * * ?' };
  return {
    api_key_id: null,
    api_key_secret_id: null,
    configuration: {},
    custom_scheduling: {},
    description: null,
    error: null,
    features: null,
    filtering: [{ active: rules(), domain: 'DEFAULT', draft: rules() }],
    index_name: indexName,
    is_native: false,
    language: null,
    last_access_control_sync_error: null,
    last_access_control_sync_scheduled_at: null,
    last_access_control_sync_status: null,
    last_deleted_document_count: null,
    last_incremental_sync_scheduled_at: null,
    last_indexed_document_count: null,
    last_seen: null,
    last_sync_error: null,
    last_sync_scheduled_at: null,
    last_sync_status: null,
    last_synced: null,
    name: 'Box of the tests',
    pipeline: {
      extract_binary_content: true,
      name: '_none',
      reduce_whitespace: true,
      run_ml_inference: false,
    },
    scheduling: { access_control: off, full: off, incremental: off },
    service_type: 'box',
    status: 'created',
    sync_now: false,
    sync_cursor: null,
  };
}

/** A simulated Box, connectors in the real Elasticsearch, and services of the built program, all cleared away at the end. */
export class ServiceScene {
  readonly client: Client;
  readonly sim: Simulator;
  readonly key: TestKey;
  readonly name = `e2e-service-${randomBytes(5).toString('hex')}`;
  readonly #hosts: Connector[] = [];
  readonly #running: Running[] = [];
  readonly #made: string[] = [];
  readonly #keys: TestKey[] = [];

  private constructor(client: Client, sim: Simulator, key: TestKey) {
    this.client = client;
    this.sim = sim;
    this.key = key;
  }

  static async in(options: SimulatorOptions, test: (scene: ServiceScene) => Promise<void>): Promise<void> {
    const elasticsearch = realElasticsearch();
    const key = await createTestKey(elasticsearch, { index: '.elastic-connectors*,e2e-service-*'.split(',') });
    const client = clientOf(elasticsearch);
    await ensureProtocolIndices(client, new AbortController().signal);
    const scene = new ServiceScene(client, await startSimulator(options), key);
    try {
      await test(scene);
    } finally {
      await scene.#clear();
    }
  }

  /** A folder for one service, with its own state. */
  host(sections: Fields = {}): Connector {
    const host = new Connector();
    this.#hosts.push(host);
    this.configure(host, sections);
    return host;
  }

  /** As Elastic's file has it, but for waits and the extraction. */
  configure(host: Connector, { service, ...sections }: Fields = {}): void {
    host.configure({
      'elasticsearch.host': realElasticsearch().url,
      'elasticsearch.api_key': this.key.encoded,
      connectors: this.#made.map((id) => ({ connector_id: id, service_type: 'box' })),
      service: { idling: 0.3, drain_timeout: 5, ...(service as Fields | undefined) },
      retry: { base_delay: 0.02, max_attempts: 2 },
      extraction: { method: 'none' },
      box: { calls_per_minute: 0 },
      ...sections,
    });
  }

  /** A file as Elastic's example has it, with nothing but host, key and connectors filled in. */
  elasticHost(): Connector {
    const host = new Connector();
    this.#hosts.push(host);
    const lines = [
      `elasticsearch.host: ${realElasticsearch().url}`,
      `elasticsearch.api_key: ${this.key.encoded}`,
      'connectors:',
      ...this.#made.flatMap((id) => [`  - connector_id: ${id}`, '    service_type: box']),
      '#service.idling: 30',
      '',
    ];
    writeFileSync(host.configPath, lines.join('\n'));
    return host;
  }

  /** A key for the two protocol indices and one for a content index, neither good for the other. */
  async separateKeys(index: string): Promise<{ readonly protocol: string; readonly content: string }> {
    const protocol = await createTestKey(realElasticsearch(), { index: '.elastic-connectors*' });
    const content = await createTestKey(realElasticsearch(), { index });
    this.#keys.push(protocol, content);
    return { protocol: protocol.encoded, content: content.encoded };
  }

  serve(host: Connector, args: readonly string[] = []): Running {
    const running = host.start(args, { BOX_BASE_URL: this.sim.url });
    this.#running.push(running);
    return running;
  }

  /** Creates a connector as Kibana does; its index has the same name. */
  async createConnector(fields: Fields = {}): Promise<string> {
    const id = `${this.name}-${this.#made.length}`;
    this.#made.push(id);
    await this.client.index({
      index: connectors,
      id,
      document: { ...kibanaConnector(id), ...fields },
      refresh: true,
    });
    return id;
  }

  /** As somebody fills in the form: values only, and the status that Kibana sets. */
  async fillIn(id: string, values: Fields = {}): Promise<void> {
    const { clientId, clientSecret, enterpriseId } = this.sim.credentials;
    const all = {
      is_enterprise: 'box_enterprise',
      client_id: clientId,
      client_secret: clientSecret,
      enterprise_id: enterpriseId,
      ...values,
    };
    await this.client.update({
      index: connectors,
      id,
      doc: {
        configuration: Object.fromEntries(Object.entries(all).map(([key, value]) => [key, { value }])),
        status: 'configured',
      },
      refresh: true,
      retry_on_conflict: 5,
    });
  }

  async change(id: string, doc: Fields): Promise<void> {
    await this.client.update({ index: connectors, id, doc, refresh: true, retry_on_conflict: 5 });
  }

  /** "Sync now". */
  async createJob(connectorId: string, type = 'full'): Promise<string> {
    const now = new Date().toISOString();
    const { _id } = await this.client.index({
      index: jobs,
      document: {
        connector: { id: connectorId, filtering: [], index_name: connectorId, service_type: 'box', configuration: {} },
        created_at: now,
        job_type: type,
        status: 'pending',
        trigger_method: 'on_demand',
        indexed_document_count: 0,
        indexed_document_volume: 0,
        deleted_document_count: 0,
      },
      refresh: true,
    });
    return _id;
  }

  async cancel(jobId: string): Promise<void> {
    const now = new Date().toISOString();
    const doc = { status: 'canceling', cancelation_requested_at: now };
    await this.client.update({ index: jobs, id: jobId, doc, refresh: true, retry_on_conflict: 5 });
  }

  /** As if its process had given no sign of life for an hour. */
  async silence(jobId: string): Promise<void> {
    const doc = { last_seen: new Date(Date.now() - 3_600_000).toISOString() };
    await this.client.update({ index: jobs, id: jobId, doc, refresh: true, retry_on_conflict: 5 });
  }

  async connector(id: string): Promise<Record<string, unknown>> {
    const { _source } = await this.client.get<Record<string, unknown>>({ index: connectors, id });
    return _source ?? {};
  }

  async job(id: string): Promise<Record<string, unknown>> {
    const { _source } = await this.client.get<Record<string, unknown>>({ index: jobs, id });
    return _source ?? {};
  }

  async jobsOf(connectorId: string): Promise<readonly Record<string, unknown>[]> {
    await this.client.indices.refresh({ index: jobs });
    const { hits } = await this.client.search<Record<string, unknown>>({
      index: jobs,
      size: 100,
      query: { term: { 'connector.id': connectorId } },
    });
    return hits.hits.map(({ _source }) => _source ?? {});
  }

  /** Waits until the job has one of these statuses. */
  jobIs(id: string, status: string, withinMs = 20_000): Promise<Record<string, unknown>> {
    return until(
      `job ${status}`,
      () => this.job(id),
      (job) => job['status'] === status,
      withinMs,
    );
  }

  connectorIs(id: string, status: string, withinMs = 15_000): Promise<Record<string, unknown>> {
    return until(
      `connector ${status}`,
      () => this.connector(id),
      (one) => one['status'] === status,
      withinMs,
    );
  }

  async assertEqual(index: string): Promise<void> {
    assertEqualsBox(await indexContents(this.client, index), this.sim.box);
  }

  /** Ends a service as a supervisor does. */
  async stop(running: Running): Promise<Ended> {
    running.kill('SIGTERM');
    return running.ended;
  }

  async #clear(): Promise<void> {
    for (const { process } of this.#running) if (process.exitCode === null) process.kill('SIGKILL');
    await Promise.all(this.#running.map(({ ended }) => ended));
    for (const host of this.#hosts) host.remove();
    await this.sim.close();
    for (const id of this.#made) {
      await this.client.delete({ index: connectors, id, refresh: true }, { ignore: [404] });
      await this.client.indices.delete({ index: id }, { ignore: [404] });
    }
    const found = await this.client.search({
      index: jobs,
      size: 500,
      query: { terms: { 'connector.id': this.#made } },
    });
    for (const { _id } of found.hits.hits) await this.client.delete({ index: jobs, id: _id ?? '' }, { ignore: [404] });
    for (const key of [this.key, ...this.#keys]) await key.revoke();
    await this.client.close();
  }
}

/** Looks every 50 ms; fails with what was seen last. */
export async function until<T>(
  what: string,
  look: () => Promise<T>,
  isIt: (found: T) => boolean,
  withinMs = 15_000,
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (isIt(found)) return found;
    if (Date.now() > end) {
      assert.unreachable(`no ${what} within ${withinMs} ms; last seen: ${JSON.stringify(found).slice(0, 3_000)}`);
    }
    await pause(50);
  }
}
