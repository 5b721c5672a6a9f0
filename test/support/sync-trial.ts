import { randomBytes } from 'node:crypto';
import type { Client } from '@elastic/elasticsearch';
import * as assert from 'uvu/assert';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.js';
import { type BulkProxy, startBulkProxy } from './bulk-proxy.js';
import { Connector, type Ended, type Running, type Summary } from './connector.js';
import type { Elasticsearch } from './elasticsearch.js';
import { createTestKey, type TestKey } from './elasticsearch-key.js';
import { assertEqualsBox, clientOf, indexContents, type IndexedSource } from './index-contents.js';
import { realElasticsearch } from './real-parts.js';

/** `TEST_LONG=true`: the stated sizes and waits; else small trees, and waits a twentieth as long. */
export const isLong = process.env['TEST_LONG'] === 'true';

/** A wait of the product, in seconds, as it is in this run. */
export const waitOf = (seconds: number): number => (isLong ? seconds : seconds / 20);

export interface SyncTrialOptions {
  /** Part of the name of the index. */
  readonly name: string;
  readonly tree: NonNullable<SimulatorOptions['tree']>;
  readonly account?: 'enterprise' | 'free';
  readonly simulator?: Omit<SimulatorOptions, 'tree' | 'account'>;
  /** Put over the configuration, section by section. */
  readonly config?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** A proxy stands between the program and Elasticsearch. */
  readonly proxied?: boolean;
  /** Instead of the one that all tests share. */
  readonly elasticsearch?: Elasticsearch;
}

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A simulated Box, an index with a key of its own, and the built program between them. */
export class SyncTrial {
  readonly connector = new Connector();
  readonly simulator: Simulator;
  readonly client: Client;
  readonly index: string;
  readonly #proxy: BulkProxy | undefined;
  readonly #key: TestKey;
  readonly #config: Sections;

  private constructor(parts: {
    simulator: Simulator;
    client: Client;
    index: string;
    proxy: BulkProxy | undefined;
    key: TestKey;
    config: Sections;
  }) {
    this.simulator = parts.simulator;
    this.client = parts.client;
    this.index = parts.index;
    this.#proxy = parts.proxy;
    this.#key = parts.key;
    this.#config = parts.config;
    this.configure();
  }

  static async start({
    name,
    tree,
    account = 'enterprise',
    simulator: options = {},
    config = {},
    proxied = false,
    elasticsearch = realElasticsearch(),
  }: SyncTrialOptions): Promise<SyncTrial> {
    const index = `resilience-${name}-${randomBytes(4).toString('hex')}`;
    const key = await createTestKey(elasticsearch, { index });
    const proxy = proxied ? await startBulkProxy(elasticsearch.url) : undefined;
    const simulator = await startSimulator({ tree, account, ...options });
    const { clientId, clientSecret, enterpriseId, refreshToken } = simulator.credentials;
    const signIn =
      account === 'free'
        ? { is_enterprise: 'box_free', refresh_token: refreshToken }
        : { is_enterprise: 'box_enterprise', enterprise_id: enterpriseId };
    const usual: Sections = {
      elasticsearch: {
        host: proxy?.url ?? elasticsearch.url,
        api_key: key.encoded,
        retry_interval: isLong ? 1 : 0.1,
      },
      box: {
        ...signIn,
        client_id: clientId,
        client_secret: clientSecret,
        base_url: simulator.url,
        // So high that it does not matter; after a refusal it falls by half, and not to what passed up to then.
        calls_per_minute: 60_000,
      },
      extraction: { method: 'none' },
      pipeline: { name: '_none' },
      retry: { max_attempts: 5, max_elapsed: waitOf(120), base_delay: waitOf(1), stall_timeout: waitOf(60) },
    };
    return new SyncTrial({
      simulator,
      client: clientOf(elasticsearch),
      index,
      proxy,
      key,
      config: merge(usual, config),
    });
  }

  get box(): Simulator['box'] {
    return this.simulator.box;
  }

  get proxy(): BulkProxy {
    if (this.#proxy === undefined) throw new Error('Cannot use the proxy: the trial was started without one');
    return this.#proxy;
  }

  /** Writes the configuration, with changes for the runs that follow. */
  configure(changes: Sections = {}): void {
    this.connector.configure({ index: this.index, ...merge(this.#config, changes) });
  }

  start(...args: readonly string[]): Running {
    return this.connector.start(['sync', ...args]);
  }

  /** A run to its end. The counts of its report must be equal, whatever happened. */
  async sync(...args: readonly string[]): Promise<Ended> {
    const ended = await this.start(...args).ended;
    if (ended.summary !== undefined) assertCountsEqual(ended.summary);
    return ended;
  }

  /** A run that must end as told. */
  async syncs(code: number, ...args: readonly string[]): Promise<Summary> {
    const ended = await this.sync(...args);
    return summaryOf(ended, code);
  }

  documents(): Promise<Map<string, IndexedSource>> {
    return indexContents(this.client, this.index);
  }

  /** The whole index is the whole Box. */
  async assertEqual(options: Parameters<typeof assertEqualsBox>[2] = {}): Promise<void> {
    assertEqualsBox(await this.documents(), this.box, options);
  }

  async close(): Promise<void> {
    await this.client.indices.delete({ index: this.index }, { ignore: [404] });
    await this.#key.revoke();
    await this.client.close();
    await this.#proxy?.close();
    await this.simulator.close();
    this.connector.remove();
  }
}

/** Law 1: everything that was listed has ended in exactly one way. */
export function assertCountsEqual({ listed, written, unchanged, filtered, rejected }: Summary): void {
  assert.is(written + unchanged + filtered + rejected, listed, 'the counts of the report');
}

/** The summary of a run that must have ended with this exit code. */
export function summaryOf(ended: Ended, code: number): Summary {
  const { summary, stdout, stderr } = ended;
  assert.is(ended.code, code, `exit code; stdout: ${stdout}; stderr: ${stderr.slice(-3_000)}`);
  if (summary === undefined) throw new Error(`no summary: ${stdout} ${stderr}`);
  assertCountsEqual(summary);
  return summary;
}

function merge(usual: Sections, changes: Sections): Sections {
  const merged: Record<string, Readonly<Record<string, unknown>>> = { ...usual };
  for (const [name, section] of Object.entries(changes)) merged[name] = { ...merged[name], ...section };
  return merged;
}
