import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@elastic/elasticsearch';
import * as assert from 'uvu/assert';
import { configurationSchema } from '../../src/service/configuration-schema.js';
import { ensureProtocolIndices } from '../../src/service/protocol-indices.js';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.js';
import { Connector, type Ended, type Running } from '../support/connector.js';
import { type ConnectorApiStub, startConnectorApiStub } from '../support/connector-api-stub.js';
import { connectorApiPrivileges, createTestKey, leastPrivileges, type TestKey } from '../support/elasticsearch-key.js';
import { assertEqualsBox, clientOf, indexContents } from '../support/index-contents.js';
import { realElasticsearch } from '../support/real-parts.js';
import { kibana9Connector, kibanaJob } from './kibana-documents.js';

type Fields = Readonly<Record<string, unknown>>;

const schema: Readonly<Record<string, object>> = configurationSchema;

const everyKey = readFileSync(new URL('../config/fixtures/elastic-every-key.yml', import.meta.url), 'utf8');

const connectors = '.elastic-connectors';
const jobs = '.elastic-connectors-sync-jobs';

/** A simulated Box, connectors in the real Elasticsearch, and services of the built program, all cleared away at the end. */
export class ServiceScene {
  readonly client: Client;
  readonly sim: Simulator;
  readonly key: TestKey;
  readonly name = `e2e-service-${randomBytes(5).toString('hex')}`;
  readonly #hosts: Connector[] = [];
  readonly #running: Running[] = [];
  readonly #made: string[] = [];
  readonly #indices: string[] = [];
  readonly #keys: TestKey[] = [];

  readonly #stub: ConnectorApiStub | undefined;

  private constructor(client: Client, sim: Simulator, key: TestKey, stub?: ConnectorApiStub) {
    this.client = client;
    this.sim = sim;
    this.key = key;
    this.#stub = stub;
  }

  static in<T>(options: SimulatorOptions, test: (scene: ServiceScene) => Promise<T>): Promise<T> {
    return ServiceScene.#in(options, leastPrivileges.cluster, () => Promise.resolve(undefined), test);
  }

  /**
   * The same on a cluster that has the Connector API, for services with a key that may use it. Fails if a call is not as
   * Elastic's specification has it, or if none came.
   */
  static withApi(options: SimulatorOptions, test: (scene: ServiceScene) => Promise<void>): Promise<void> {
    const cluster = [...leastPrivileges.cluster, ...connectorApiPrivileges];
    const start = () => startConnectorApiStub(realElasticsearch());
    return ServiceScene.#in(options, cluster, start, async (scene) => {
      await test(scene);
      assert.equal(scene.#stub?.deviations, []);
      assert.ok((scene.#stub?.calls.get('connector.check_in') ?? 0) > 0, 'signs of life through the API');
    });
  }

  static async #in<T>(
    options: SimulatorOptions,
    cluster: readonly string[],
    start: () => Promise<ConnectorApiStub | undefined>,
    test: (scene: ServiceScene) => Promise<T>,
  ): Promise<T> {
    const elasticsearch = realElasticsearch();
    const key = await createTestKey(elasticsearch, {
      index: ['.elastic-connectors*', 'e2e-service-*', 'search-e2e-service-*'],
      cluster,
    });
    const client = clientOf(elasticsearch);
    await ensureProtocolIndices(client, new AbortController().signal);
    const scene = new ServiceScene(client, await startSimulator(options), key, await start());
    try {
      return await test(scene);
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
      'elasticsearch.host': this.#stub?.url ?? realElasticsearch().url,
      'elasticsearch.api_key': this.key.encoded,
      connectors: this.#made.map((id) => ({ connector_id: id, service_type: 'box' })),
      service: { idling: 0.3, drain_timeout: 5, ...(service as Fields | undefined) },
      retry: { base_delay: 0.02, max_attempts: 2 },
      extraction: { method: 'none' },
      box: { calls_per_minute: 0 },
      ...sections,
    });
  }

  /**
   * A file of Elastic's with nothing but host, key and connectors filled in: its example, where all else is commented
   * out, or one with a line for each key it knows.
   */
  elasticHost(form: 'example' | 'every key' = 'example'): Connector {
    const host = new Connector();
    this.#hosts.push(host);
    const filledIn: Readonly<Record<string, string>> = {
      connectors: ['', ...this.#made.map((id) => `  - connector_id: ${id}\n    service_type: box`)].join('\n'),
      'elasticsearch.host': realElasticsearch().url,
      'elasticsearch.api_key': this.key.encoded,
    };
    const lines = everyKey.split('\n').map((line) => {
      const value = filledIn[line.split(':')[0] ?? ''];
      if (value !== undefined) return `${line.split(':')[0] ?? ''}: ${value}`;
      return form === 'example' ? `#${line}` : line;
    });
    writeFileSync(host.configPath, lines.join('\n'));
    return host;
  }

  /** A key with the least privileges on the index, or on a pattern, and good for nothing else. */
  async ownKey(...index: readonly string[]): Promise<string> {
    const key = await createTestKey(realElasticsearch(), { index });
    this.#keys.push(key);
    return key.encoded;
  }

  /** `prefix`: a command that runs the one that follows it. */
  serve(
    host: Connector,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
    prefix: readonly string[] = [],
  ): Running {
    const running = host.startBy(prefix, args, { BOX_BASE_URL: this.sim.url, ...env });
    this.#running.push(running);
    return running;
  }

  /** Creates a connector as Kibana does; its index has the same name unless it is given. */
  async createConnector(fields: Fields = {}): Promise<string> {
    const id = `${this.name}-${this.#made.length}`;
    return this.putConnector(id, { ...kibana9Connector(id), ...fields });
  }

  /** A connector that somebody else creates is the scene's, and cleared away with its index. */
  adopt(id: string, index: string): void {
    this.#made.push(id);
    this.#indices.push(index);
  }

  /** Creates a connector with exactly these fields. */
  async putConnector(id: string, document: Record<string, unknown>): Promise<string> {
    this.adopt(id, String(document['index_name']));
    await this.client.index({ index: connectors, id, document, refresh: true });
    return id;
  }

  /**
   * As somebody fills in the form, and the status that Kibana sets. There is no form before the service has said which fields
   * there are, so each is written with all that belongs to it.
   */
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
        configuration: Object.fromEntries(Object.entries(all).map(([key, value]) => [key, { ...schema[key], value }])),
        status: 'configured',
      },
      refresh: true,
      retry_on_conflict: 5,
    });
  }

  async change(id: string, doc: Fields): Promise<void> {
    await this.client.update({ index: connectors, id, doc, refresh: true, retry_on_conflict: 5 });
  }

  /** "Sync now". `fields`: of the connector, instead of those that it has. */
  async createJob(connectorId: string, type = 'full', fields: Fields = {}): Promise<string> {
    const document = kibanaJob(connectorId, { ...(await this.connector(connectorId)), ...fields }, type);
    const { _id } = await this.client.index({ index: jobs, document, refresh: true });
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

  /** All jobs of the connector, or of each that was created here; 500 at most. */
  async jobsOf(connectorId?: string): Promise<readonly Record<string, unknown>[]> {
    await this.client.indices.refresh({ index: jobs });
    const { hits } = await this.client.search<Record<string, unknown>>({
      index: jobs,
      size: 500,
      query: { terms: { 'connector.id': connectorId === undefined ? this.#made : [connectorId] } },
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

  async assertEqual(index: string, options: Parameters<typeof assertEqualsBox>[2] = {}): Promise<void> {
    assertEqualsBox(await indexContents(this.client, index), this.sim.box, options);
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
    await this.#stub?.close();
    const found = await this.client.search({
      index: jobs,
      size: 500,
      query: { terms: { 'connector.id': this.#made } },
    });
    const gone = [
      ...this.#made.map((id) => ({ delete: { _index: connectors, _id: id } })),
      ...found.hits.hits.map(({ _id }) => ({ delete: { _index: jobs, _id: _id ?? '' } })),
    ];
    if (gone.length > 0) await this.client.bulk({ operations: gone, refresh: true });
    await Promise.all(this.#indices.map((index) => this.client.indices.delete({ index }, { ignore: [404] })));
    await Promise.all([this.key, ...this.#keys].map((key) => key.revoke()));
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
