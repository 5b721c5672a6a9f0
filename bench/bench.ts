// node --import tsx bench/bench.ts [--quick] [--json FILE]
// How fast the built program is and what it needs, beside what this Elasticsearch can take at most: docs/benchmark.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Client } from '@elastic/elasticsearch';
import { Connector } from '../test/support/connector.js';
import { type Elasticsearch, startElasticsearch } from '../test/support/elasticsearch.js';
import { createTestKey } from '../test/support/elasticsearch-key.js';
import { clientOf } from '../test/support/index-contents.js';
import { type MeasuredSync, measuredSync } from './measured-sync.js';
import { type PrebuiltDocuments, prebuiltDocuments, rawCeiling } from './raw-ceiling.js';
import { type SimulatedBox, startSimulatedBox } from './simulated-box.js';
import { table } from './table.js';

interface Case {
  readonly name: string;
  readonly folders: number;
  readonly filesPerFolder: number;
  readonly downloads: boolean;
  readonly rounds: number;
}

interface Measured {
  readonly name: string;
  readonly run: 'first' | 'unchanged';
  readonly documents: number;
  readonly seconds: number;
  readonly documentsPerSecond: number;
  /** Raw ceiling measured just before, documents per second, and the share of it. */
  readonly ceiling: number | null;
  readonly shareOfCeiling: number | null;
  readonly cpuSeconds: number;
  readonly documentsPerCpuSecond: number;
  readonly peakRssMiB: number;
  readonly firstCallSeconds: number;
  readonly boxCalls: number;
  readonly leastBoxCalls: number;
  readonly bulkRequests: number;
}

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
});
const rounds = options.quick ? 1 : 3;
const metadata = (folders: number, filesPerFolder: number): Case => ({
  name: `metadata ${folders} x ${filesPerFolder}`,
  folders,
  filesPerFolder,
  downloads: false,
  rounds,
});
const cases: readonly Case[] = [
  metadata(200, 100),
  ...(options.quick ? [] : [metadata(840, 24), metadata(20, 1_000), metadata(2_000, 100)]),
  { name: '2 kB downloads 50 x 100', folders: 50, filesPerFolder: 100, downloads: true, rounds },
];
const heads = [
  '',
  'run',
  'documents',
  's',
  '/s',
  'of ceiling',
  'CPU s',
  '/CPU s',
  'peak MiB',
  'first call s',
  'Box calls',
  'least',
  'bulk',
];
const prefix = `bench-${process.pid}`;
const rawIndex = `${prefix}-raw`;
const syncIndex = `${prefix}-sync`;

// What was started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const cluster = await startCluster();
try {
  await bench();
} finally {
  await cluster?.stop();
}

async function bench(): Promise<void> {
  const machine = {
    cpu: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    elasticsearch: cluster?.version ?? null,
    loadBefore: loadavg()[0] ?? 0,
  };
  say(
    `${machine.cpu}, ${machine.memoryGiB} GiB, Node ${machine.node}, Elasticsearch ${machine.elasticsearch ?? 'none'}`,
  );
  if (machine.loadBefore > 0.7)
    say(`Others keep this machine busy (load ${machine.loadBefore.toFixed(2)}): wall times are worth little.`);

  const prebuilt = cluster === undefined ? undefined : await prebuild();
  if (cluster !== undefined && prebuilt !== undefined) {
    const ceilings: string[] = [];
    for (let sent = 0; sent < (options.quick ? 1 : 200_000); sent += prebuilt.count) {
      ceilings.push(whole(await rawCeiling(cluster.client, rawIndex, prebuilt)));
    }
    say(`Raw ceiling while the cluster warmed: ${ceilings.join(', ')} documents a second`);
  }
  const measured: Measured[] = [];
  for (const one of cases) measured.push(...(await measure(one, prebuilt)));

  say('');
  say(table(heads, measured.map(row)));
  say('');
  say('Medians. Times from the first request to Box to the end of the process; CPU time of the whole process.');
  const file = options.json ?? defaultFile();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), machine, rounds, measured }, null, 2)}\n`);
  say(`The figures as JSON: ${file}`);
}

/** The documents of 20,000 files, as the connector itself writes them. */
async function prebuild(): Promise<PrebuiltDocuments> {
  const box = await startSimulatedBox('bench:200x100');
  const connector = new Connector();
  try {
    const path = join(connector.folder, 'bulk.ndjson');
    connector.configure({ ...base(box, false), sink: 'bulk_file', bulk_file: { path } });
    const { code, stderr } = await connector.run(['--log-level', 'warn', 'sync']);
    if (code !== 0) throw new Error(`Cannot make the documents: exit code ${code ?? 'none'}: ${stderr}`);
    return prebuiltDocuments(path, 5);
  } finally {
    connector.remove();
    await box.stop();
  }
}

async function measure(one: Case, prebuilt: PrebuiltDocuments | undefined): Promise<Measured[]> {
  const box = await startSimulatedBox(`bench:${one.folders}x${one.filesPerFolder}`);
  try {
    const least = await box.leastCalls();
    const contents = one.downloads ? one.folders * one.filesPerFolder : 0;
    const ceilings: number[] = [];
    const first: MeasuredSync[] = [];
    const second: MeasuredSync[] = [];
    for (let round = 1; round <= one.rounds; round += 1) {
      say(`${one.name}: round ${round} of ${one.rounds}`);
      if (cluster !== undefined && prebuilt !== undefined) {
        ceilings.push(await rawCeiling(cluster.client, rawIndex, prebuilt));
      }
      const connector = new Connector();
      try {
        connector.configure({ ...base(box, one.downloads), ...target(connector) });
        first.push(await measuredSync(connector, box));
        second.push(await measuredSync(connector, box));
      } finally {
        connector.remove();
        await cluster?.client.indices.delete({ index: syncIndex, ignore_unavailable: true });
      }
    }
    const ceiling = cluster === undefined ? null : median(ceilings);
    return [
      summarised(one, 'first', first, ceiling, least + contents),
      summarised(one, 'unchanged', second, null, least),
    ];
  } finally {
    await box.stop();
  }
}

function summarised(
  { name }: Case,
  run: Measured['run'],
  syncs: readonly MeasuredSync[],
  ceiling: number | null,
  leastBoxCalls: number,
): Measured {
  const middle = (get: (sync: MeasuredSync) => number) => median(syncs.map(get));
  const documents = middle(({ summary }) => summary.listed);
  const documentsPerSecond = documents / middle(({ seconds }) => seconds);
  return {
    name,
    run,
    documents,
    seconds: middle(({ seconds }) => seconds),
    documentsPerSecond,
    ceiling,
    shareOfCeiling: ceiling === null ? null : documentsPerSecond / ceiling,
    cpuSeconds: middle(({ cpuSeconds }) => cpuSeconds),
    documentsPerCpuSecond: documents / middle(({ cpuSeconds }) => cpuSeconds),
    peakRssMiB: middle(({ peakRssMiB }) => peakRssMiB),
    firstCallSeconds: middle(({ firstCallSeconds }) => firstCallSeconds),
    boxCalls: middle(({ boxCalls }) => boxCalls),
    leastBoxCalls,
    bulkRequests: middle(({ summary }) => summary.bulkRequests),
  };
}

function base(box: SimulatedBox, downloads: boolean): Record<string, unknown> {
  return {
    box: {
      is_enterprise: 'box_enterprise',
      base_url: box.url,
      client_id: 'demo',
      client_secret: 'demo-secret',
      enterprise_id: 1,
      calls_per_minute: 0,
    },
    // The raw content as it is: what a text extraction costs is its own affair.
    extraction: { method: downloads ? 'ingest_attachment' : 'none' },
    pipeline: { name: '_none' },
  };
}

function target(connector: Connector): Record<string, unknown> {
  if (cluster !== undefined) return { elasticsearch: { host: cluster.url, api_key: cluster.key }, index: syncIndex };
  return { sink: 'bulk_file', bulk_file: { path: join(connector.folder, 'bulk.ndjson') } };
}

interface Cluster {
  readonly url: string;
  readonly key: string;
  readonly version: string;
  readonly client: Client;
  stop(): Promise<void>;
}

async function startCluster(): Promise<Cluster | undefined> {
  let elasticsearch: Elasticsearch;
  try {
    elasticsearch = await startElasticsearch();
  } catch (error) {
    say(`Without Elasticsearch, into a file: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
  const client = clientOf(elasticsearch);
  const key = await createTestKey(elasticsearch, { index: `${prefix}*` });
  const { version } = await client.info();
  return {
    url: elasticsearch.url,
    key: key.encoded,
    version: version.number,
    client,
    async stop() {
      for (const index of [rawIndex, syncIndex]) await client.indices.delete({ index, ignore_unavailable: true });
      await key.revoke();
      await client.close();
      await elasticsearch.stop();
    },
  };
}

function row(one: Measured): readonly string[] {
  const share =
    one.ceiling === null || one.shareOfCeiling === null
      ? ''
      : `${one.shareOfCeiling.toFixed(2)} of ${whole(one.ceiling)}`;
  return [
    one.name,
    one.run,
    whole(one.documents),
    one.seconds.toFixed(2),
    whole(one.documentsPerSecond),
    share,
    one.cpuSeconds.toFixed(2),
    whole(one.documentsPerCpuSecond),
    one.peakRssMiB.toFixed(0),
    one.firstCallSeconds.toFixed(2),
    whole(one.boxCalls),
    whole(one.leastBoxCalls),
    whole(one.bulkRequests),
  ];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function defaultFile(): string {
  const folder = fileURLToPath(new URL('results', import.meta.url));
  return join(folder, `${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`);
}

function say(line: string): void {
  console.log(line);
}
