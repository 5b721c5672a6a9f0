import { loadavg } from 'node:os';
import type { Client, estypes } from '@elastic/elasticsearch';
import * as assert from 'uvu/assert';
import type { BoxModel } from '../../src/simulator/box-model.js';
import type { Item } from '../../src/simulator/item.js';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { Connector, type Summary } from './connector.js';
import { createTestKey } from './elasticsearch-key.js';
import { assertEqualsBox, clientOf, type IndexedSource } from './index-contents.js';
import { watchMemory } from './memory-ceiling.js';
import { missingPart, realElasticsearch, startRealParts } from './real-parts.js';

export interface FunctionalTestSize {
  /** Folders of 50 text files each. */
  readonly folders: number;
  readonly textBytes: number;
}

/** As in the settings of Elastic's test, where nothing enforces it. */
const memoryCeilingMiB = 240;
const filesPerFolder = 50;
const longestRunMs = 20 * 60_000;

interface Step {
  readonly name: string;
  /** Changes Box and says what the run must then report. */
  readonly arrange: (box: BoxModel) => Partial<Summary> & { readonly contents: number };
  readonly args: readonly string[];
}

const steps: readonly Step[] = [
  {
    name: 'full sync of everything',
    args: ['sync', '--full'],
    arrange(box) {
      const items = [...box.truth()];
      const files = items.filter(({ type }) => type === 'file').length;
      return { listed: items.length, written: items.length, unchanged: 0, deleted: 0, contents: files };
    },
  },
  {
    name: 'full sync after removals',
    args: ['sync', '--full'],
    arrange(box) {
      const before = countItems(box);
      for (const folder of rootFolders(box).slice(0, 5)) box.trash(folder);
      const [shrunk, emptied] = rootFolders(box);
      for (const file of filesOf(box, shrunk).slice(0, 3)) box.purge(file);
      for (const file of filesOf(box, emptied).slice(0, 3)) box.trash(file);
      const after = countItems(box);
      return { listed: after, written: 0, unchanged: after, deleted: before - after, contents: 0 };
    },
  },
  {
    name: 'incremental sync after changes',
    args: ['sync', '--incremental'],
    arrange(box) {
      const [renamed, changed, target] = rootFolders(box).slice(2);
      const [one, two, three, four] = filesOf(box, changed);
      if (!renamed || !target || !one || !two || !three || !four) throw new Error('Cannot change Box: it is too small');
      box.rename(renamed, 'Renamed folder');
      box.rename(one, 'renamed file.txt');
      box.newVersion(two.id, 'The second version of this file.');
      box.move(three, target.id);
      box.trash(four);
      box.createFile({ name: 'new file.txt', folder: target.id, content: 'A file that was not there before.' });
      const listed = countItems(box);
      // The folder and all in it have new paths; beside them the four files. Of the folders that lost or won a file only
      // the size has changed, which is no reason to write.
      const written = 1 + filesPerFolder + 4;
      return { listed, written, unchanged: listed - written, deleted: 1, contents: 2 };
    },
  },
];

/** Runs the whole test, printing what it does and a report; true if everything is as it must be. */
export async function functionalTest(size: FunctionalTestSize): Promise<boolean> {
  const stopParts = await startRealParts();
  try {
    const missing = missingPart('elasticsearch');
    if (missing !== undefined) {
      console.error(`FAILED: there is no Elasticsearch to test with: ${missing}`);
      return false;
    }
    return await withEverything(size);
  } finally {
    await stopParts();
  }
}

async function withEverything({ folders, textBytes }: FunctionalTestSize): Promise<boolean> {
  const elasticsearch = realElasticsearch();
  const index = `ftest-${process.pid}`;
  const simulator = await startSimulator({
    tree: { foldersPerUser: folders, filesPerFolder, textBytes, extensions: ['txt'] },
  });
  const key = await createTestKey(elasticsearch, { index });
  const client = clientOf(elasticsearch);
  const connector = new Connector();
  const tika = missingPart('tika') === undefined ? process.env['TEST_TIKA_URL'] : undefined;
  console.log(
    tika === undefined
      ? 'Contents go into the index as they are: there is no Tika to take the text from them'
      : 'Texts are taken by Apache Tika',
  );
  connector.configure({
    elasticsearch: { host: elasticsearch.url, api_key: key.encoded },
    index,
    box: {
      is_enterprise: 'box_enterprise',
      base_url: simulator.url,
      client_id: simulator.credentials.clientId,
      client_secret: simulator.credentials.clientSecret,
      enterprise_id: simulator.credentials.enterpriseId,
      calls_per_minute: 0,
    },
    extraction: { method: tika === undefined ? 'ingest_attachment' : 'tika' },
    ...(tika !== undefined && { tika: { url: tika } }),
    pipeline: { name: '_none' },
  });
  const results: Result[] = [];
  try {
    for (const step of steps) {
      const result = await runStep(step, { simulator, connector, client, index });
      console.log(lineOf(result));
      results.push(result);
      // What comes next would start from a wrong index.
      if (result.problem !== null) break;
    }
  } finally {
    connector.remove();
    await client.indices.delete({ index, ignore_unavailable: true });
    await key.revoke();
    await client.close();
    await simulator.close();
  }
  return report(results);
}

interface Trial {
  readonly simulator: Simulator;
  readonly connector: Connector;
  readonly client: Client;
  readonly index: string;
}

interface Result {
  readonly name: string;
  readonly summary: Summary | undefined;
  readonly seconds: number;
  readonly peakMiB: number | null;
  /** `null`: everything is as it must be. */
  readonly problem: string | null;
}

async function runStep({ name, arrange, args }: Step, trial: Trial): Promise<Result> {
  const { connector, simulator } = trial;
  const { contents, ...expected } = arrange(simulator.box);
  const startedAt = performance.now();
  const running = connector.start(['--log-level', 'warn', ...args]);
  const memory = watchMemory(running.process, memoryCeilingMiB);
  const giveUp = setTimeout(() => running.kill('SIGKILL'), longestRunMs);
  const { code, signal, stderr, summary } = await running.ended;
  clearTimeout(giveUp);
  const seconds = (performance.now() - startedAt) / 1_000;
  const peakMiB = memory.peakMiB() ?? summary?.peakRssMiB ?? null;
  const problem = await problemOf(async () => {
    if (memory.exceeded() || (peakMiB ?? 0) > memoryCeilingMiB) {
      throw new Error(`the connector had ${peakMiB?.toFixed(0) ?? '?'} MiB of memory, allowed are ${memoryCeilingMiB}`);
    }
    if (code !== 0 || summary === undefined) {
      throw new Error(`the connector ended with ${signal ?? `exit code ${code ?? 'none'}`}:\n${stderr.slice(-2_000)}`);
    }
    const { state, rejected, filtered, withoutContent, deletesHeld, unread } = summary;
    assert.equal(
      { state, rejected, filtered, withoutContent, deletesHeld, unread },
      { state: 'complete', rejected: 0, filtered: 0, withoutContent: 0, deletesHeld: 0, unread: [] },
    );
    const found = Object.fromEntries(Object.keys(expected).map((key) => [key, summary[key as keyof Summary]]));
    assert.equal({ ...found, contents: summary.boxCalls['content'] ?? 0 }, { ...expected, contents });
    await assertIndexEqualsBox(trial);
  });
  return { name, summary, seconds, peakMiB, problem };
}

async function problemOf(check: () => Promise<void>): Promise<string | null> {
  try {
    await check();
    return null;
  } catch (error) {
    const { message, details } = error as { message?: string; details?: string };
    return details ? `${message ?? ''}\n${details}` : (message ?? String(error));
  }
}

/** The metadata of all documents, then their texts, a few at a time: together they may be larger than memory. */
async function assertIndexEqualsBox({ simulator: { box }, client, index }: Trial): Promise<void> {
  const documents = new Map<string, IndexedSource>();
  await client.indices.refresh({ index });
  await eachDocument(client, index, { size: 2_000, leaveOut: ['body', '_attachment'] }, (id, source) => {
    documents.set(id, source);
  });
  // The size of a folder changes with every file below it, and alone is no reason to write: it may be an older one.
  for (const { type, id, size } of box.truth()) {
    const source = documents.get(id);
    if (type === 'folder' && source !== undefined) documents.set(id, { ...source, size });
  }
  assertEqualsBox(documents, box);
  const contents = new Map([...box.truth()].filter(({ type }) => type === 'file').map((item) => [item.id, item]));
  await eachDocument(client, index, { size: 20, only: ['type', 'body', '_attachment'] }, (id, source) => {
    if (source['type'] !== 'file') return;
    const { body, _attachment: attachment } = source;
    const found = typeof attachment === 'string' ? Buffer.from(attachment, 'base64').toString() : String(body);
    const expected = contents.get(id)?.content().toString() ?? '';
    if (squeezed(found) !== squeezed(expected)) {
      throw new Error(
        `the text of file ${id} is not the one in Box: ${found.length} characters, not ${expected.length}`,
      );
    }
  });
}

async function eachDocument(
  client: Client,
  index: string,
  { size, only, leaveOut }: { size: number; only?: string[]; leaveOut?: string[] },
  take: (id: string, source: IndexedSource) => void,
): Promise<void> {
  const pit = await client.openPointInTime({ index, keep_alive: '1m' });
  for (let after: estypes.SortResults | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const { hits } = await client.search<IndexedSource>({
      pit: { id: pit.id, keep_alive: '1m' },
      size,
      sort: [{ _shard_doc: 'asc' }],
      track_total_hits: false,
      _source: { ...(only && { includes: only }), ...(leaveOut && { excludes: leaveOut }) },
      ...(after === undefined ? {} : { search_after: after }),
    });
    for (const hit of hits.hits) take(hit._id ?? '', hit._source ?? {});
    after = hits.hits.at(-1)?.sort;
  }
  await client.closePointInTime({ id: pit.id });
}

/** Text extraction may change white space, and nothing else. */
function squeezed(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function lineOf({ name, summary, seconds, peakMiB, problem }: Result): string {
  const counts =
    summary === undefined
      ? 'no summary'
      : `${summary.listed} listed, ${summary.written} written, ${summary.unchanged} unchanged, ${summary.deleted} deleted, ` +
        `${summary.boxCalls['content'] ?? 0} downloads`;
  const memory = peakMiB === null ? 'memory unknown' : `${peakMiB.toFixed(0)} of ${memoryCeilingMiB} MiB`;
  return `${problem === null ? 'ok    ' : 'FAILED'} ${name}: ${counts}; ${seconds.toFixed(1)} s, ${memory}`;
}

function report(results: readonly Result[]): boolean {
  console.log('');
  for (const { name, problem } of results) if (problem !== null) console.error(`${name}: ${problem}\n`);
  const isGood = results.length === steps.length && results.every(({ problem }) => problem === null);
  const passed = results.filter(({ problem }) => problem === null).length;
  console.log(
    isGood
      ? 'PASSED: after each sync the index was exactly the simulated Box, document by document, texts included.'
      : `FAILED: ${passed} of ${steps.length} steps were as they must be (load of the machine: ${loadavg()[0]?.toFixed(1) ?? '?'}).`,
  );
  return isGood;
}

function countItems(box: BoxModel): number {
  return [...box.truth()].length;
}

function rootFolders(box: BoxModel): Item[] {
  return [...box.truth()]
    .filter(({ type, ancestors }) => type === 'folder' && ancestors.length === 1)
    .map(({ id }) => box.folder(id));
}

function filesOf(box: BoxModel, folder: Item | undefined): Item[] {
  return folder === undefined ? [] : [...box.items.children(folder.id, 'file')];
}
