import { randomBytes } from 'node:crypto';
import type { Client } from '@elastic/elasticsearch';
import * as assert from 'uvu/assert';
import { contentGate } from '../../src/extractors/content-gate.js';
import type { BoxModel } from '../../src/simulator/box-model.js';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.js';
import { Connector, type Ended, type Summary } from '../support/connector.js';
import { createTestKey } from '../support/elasticsearch-key.js';
import { type IndexedSource, assertEqualsBox, clientOf, indexContents } from '../support/index-contents.js';
import { realElasticsearch } from '../support/real-parts.js';

type Section = Readonly<Record<string, unknown>>;

/** Sections of a configuration that replace those of `Scene.config`; `box` and `elasticsearch` are merged into them. */
export interface Changes {
  readonly [section: string]: unknown;
  readonly box?: Section;
  readonly elasticsearch?: Section;
}

/** The built program between a simulated Box and an index of its own in the real Elasticsearch. */
export interface Scene {
  readonly sim: Simulator;
  readonly box: BoxModel;
  readonly connector: Connector;
  readonly index: string;
  /** As a superuser, to look and to interfere. */
  readonly client: Client;
  /** For `connector.configure`: client credentials, no text, short waits. */
  config(changes?: Changes): Record<string, unknown>;
  /** Writes that configuration. */
  configure(changes?: Changes): void;
  /** One run that must end complete with exit code 0, and whose counts must add up. */
  sync(...args: readonly string[]): Promise<Summary>;
  contents(): Promise<Map<string, IndexedSource>>;
  /**
   * The whole index against the whole Box. `folderSizes: false`: but for the sizes of folders, which are written when a
   * folder is and are no reason to write it.
   */
  assertEqual(options?: { readonly folderSizes?: boolean }): Promise<Map<string, IndexedSource>>;
}

/** Runs a test in a scene of its own, and clears away everything behind it. */
export async function inScene(options: SimulatorOptions, test: (scene: Scene) => Promise<void>): Promise<void> {
  const elasticsearch = realElasticsearch();
  const client = clientOf(elasticsearch);
  const index = `e2e-${randomBytes(6).toString('hex')}`;
  const sim = await startSimulator(options);
  const connector = new Connector();
  const key = await createTestKey(elasticsearch, { index });
  const isFree = options.account === 'free';
  const { clientId, clientSecret, enterpriseId, refreshToken } = sim.credentials;
  const config = ({ box, elasticsearch: target, ...others }: Changes = {}): Record<string, unknown> => ({
    index,
    elasticsearch: {
      host: elasticsearch.url,
      api_key: key.encoded,
      retry_interval: 0.05,
      max_wait_duration: 0.2,
      ...target,
    },
    box: {
      is_enterprise: isFree ? 'box_free' : 'box_enterprise',
      client_id: clientId,
      client_secret: clientSecret,
      ...(isFree ? { refresh_token: refreshToken } : { enterprise_id: enterpriseId }),
      base_url: sim.url,
      calls_per_minute: 0,
      ...box,
    },
    retry: { base_delay: 0.02, max_attempts: 3 },
    extraction: { method: 'none' },
    pipeline: { name: '_none' },
    ...others,
  });
  const scene: Scene = {
    sim,
    box: sim.box,
    connector,
    index,
    client,
    config,
    configure: (changes) => connector.configure(config(changes)),
    sync: async (...args) => complete(await connector.run(['sync', ...args])),
    contents: () => indexContents(client, index),
    assertEqual: async ({ folderSizes = true } = {}) => {
      const documents = await indexContents(client, index);
      assertEqualsBox(folderSizes ? documents : withFolderSizes(documents, sim.box), sim.box);
      return documents;
    },
  };
  try {
    scene.configure();
    await test(scene);
  } finally {
    await sim.close();
    connector.remove();
    await client.indices.delete({ index }, { ignore: [404] });
    await key.revoke();
    await client.close();
  }
}

function withFolderSizes(documents: Map<string, IndexedSource>, box: BoxModel): Map<string, IndexedSource> {
  return new Map(
    Array.from(documents, ([id, source]) => {
      const { size } = source['type'] === 'folder' ? { size: box.items.bytesBelow(id) } : source;
      return [id, { ...source, size }];
    }),
  );
}

/** The summary of a run that is complete. */
export function complete(ended: Ended): Summary {
  const { code, summary, stderr } = ended;
  assert.is(code, 0, `exit code ${String(code)}: ${stderr.slice(-3_000)}`);
  const found = summaryOf(ended);
  assert.is(found.state, 'complete');
  assert.equal(found.unread, []);
  assert.is(found.rejected + found.deletesHeld, 0);
  assert.ok(summary !== undefined);
  return found;
}

/** The summary, which must be there; the equation of its counts must hold. */
export function summaryOf({ summary, stdout, stderr }: Ended): Summary {
  assert.ok(summary, `no summary on stdout: ${stdout.slice(-500)}, stderr: ${stderr.slice(-3_000)}`);
  const { listed, written, unchanged, filtered, rejected } = summary;
  assert.is(listed, written + unchanged + filtered + rejected, 'listed = written + unchanged + filtered + rejected');
  return summary;
}

/** Files whose text is taken. */
export function extractedFiles(box: BoxModel): number {
  const gate = contentGate({ enabled: true });
  let count = 0;
  for (const { type, entry } of box.truth()) {
    if (type === 'file' && gate.check(entry as never).pass) count += 1;
  }
  return count;
}

export interface ExpectedCalls {
  readonly token: number;
  readonly users: number;
  readonly folders: number;
  readonly content: number;
}

/** The least that a first run of this Box can do with: what the issue allows, and no call more. */
export function leastCalls(
  box: BoxModel,
  { isEnterprise, text }: { isEnterprise: boolean; text: boolean },
): ExpectedCalls {
  const users = [...box.people.managed()].length;
  return {
    token: 1,
    users: isEnterprise ? Math.max(1, Math.ceil(users / 1_000)) : 0,
    folders: box.leastListingCalls(),
    content: text ? extractedFiles(box) : 0,
  };
}

/** What Box was asked must be exactly that: no other route, nothing twice, no token at a download address. */
export function assertCalls({ calls }: Simulator, { token, users, folders, content }: ExpectedCalls): void {
  const found = {
    token: calls.of('token'),
    users: calls.of('users'),
    folders: calls.of('folders'),
    content: calls.of('content'),
    download: calls.of('download'),
    total: calls.total,
    exposedDownloads: calls.exposedDownloads,
  };
  const total = token + users + folders + content + content;
  assert.equal(found, { token, users, folders, content, download: content, total, exposedDownloads: 0 });
}

/** Requests to Box that fetch content, and bulk requests: what an unchanged file must never cause. */
export function assertIdle({ calls }: Simulator, summary: Summary): void {
  assert.equal(
    {
      written: summary.written,
      bulkRequests: summary.bulkRequests,
      bytes: summary.bytesDownloaded,
      content: calls.of('content'),
      download: calls.of('download'),
    },
    { written: 0, bulkRequests: 0, bytes: 0, content: 0, download: 0 },
  );
}
