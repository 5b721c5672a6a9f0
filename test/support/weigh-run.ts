import { readdirSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { BoxModel } from '../../src/simulator/box-model.js';
import { startSimulator, type SimulatorOptions } from '../../src/simulator/simulator.js';
import { Connector } from './connector.js';
import { runInSmallHeap, type Weighed } from './small-heap.js';
import { serveSpoiling } from './spoiling-proxy.js';
import { serveSwallowing, type SwallowingElasticsearch } from './swallowing-elasticsearch.js';

/** Of resident memory, with a heap of 192 MiB and the default limits: what `docs/sizing.md` says. */
export const ceilingMiB = 320;

type Spoil = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface Shape {
  readonly name: string;
  readonly tree: NonNullable<SimulatorOptions['tree']>;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Command; `sync` unless told otherwise. */
  readonly args?: readonly string[];
  /** In place of Box, or of Elasticsearch. */
  readonly spoilBox?: Spoil;
  readonly spoilElasticsearch?: Spoil;
}

export interface Seen extends Weighed {
  readonly box: BoxModel;
  readonly elasticsearch: SwallowingElasticsearch;
  readonly stateBytes: number;
}

/** The program between a simulated Box and an Elasticsearch that takes everything, both of which may be spoilt. */
export async function weigh({ name, tree, config = {}, args = ['sync'], ...spoil }: Shape): Promise<Seen> {
  const simulator = await startSimulator({ tree, account: 'free' });
  const box = await serveSpoiling(simulator.url);
  const elasticsearch = await serveSwallowing();
  const connector = new Connector();
  box.spoil = spoil.spoilBox;
  elasticsearch.spoil = spoil.spoilElasticsearch;
  const { clientId, clientSecret, refreshToken } = simulator.credentials;
  connector.configure({
    index: 'shapes',
    elasticsearch: { host: elasticsearch.url, api_key: 'any', retry_interval: 0.05, max_retries: 1 },
    box: {
      client_id: clientId,
      client_secret: clientSecret,
      refresh_token: refreshToken,
      base_url: box.url,
      calls_per_minute: 0,
    },
    retry: { base_delay: 0.02, max_attempts: 2 },
    pipeline: { name: '_none' },
    extraction: { method: 'none' },
    ...config,
  });
  try {
    const ended = await runInSmallHeap(connector, args, { shape: name, ceilingMiB });
    const data = join(connector.folder, 'data');
    // `-shm` is memory that SQLite shares, of one size whatever the state holds.
    const files = readdirSync(data).filter((file) => !file.endsWith('-shm'));
    const stateBytes = files.reduce((sum, file) => sum + statSync(join(data, file)).size, 0);
    return { ...ended, box: simulator.box, elasticsearch, stateBytes };
  } finally {
    await elasticsearch.close();
    await box.close();
    await simulator.close();
    connector.remove();
  }
}

/** A run that must be complete, with everything written. */
export async function completes(shape: Shape): Promise<Seen> {
  const seen = await weigh(shape);
  assert.is(seen.code, 0, `${shape.name}: ${seen.stderr.slice(-1_500)}`);
  assert.is(seen.elasticsearch.documents.size, [...seen.box.truth()].length, shape.name);
  assert.is(seen.summary?.withoutContent, 0, shape.name);
  return seen;
}
