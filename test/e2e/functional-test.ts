import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client, estypes } from '@elastic/elasticsearch';
import * as assert from 'uvu/assert';
import type { BoxModel } from '../../src/simulator/box-model.js';
import type { Item } from '../../src/simulator/item.js';
import type { Ended, Running } from '../support/connector.js';
import { assertEqualsBox, type IndexedSource } from '../support/index-contents.js';
import { type MemoryWatch, watchMemory } from '../support/memory-ceiling.js';
import { makeMemoryGroup, type MemoryGroup } from '../support/memory-group.js';
import { missingPart, realElasticsearch, startRealParts } from '../support/real-parts.js';
import { ServiceScene } from './service-scene.js';

export interface FunctionalTestSize {
  /** Folders of 50 text files each. */
  readonly folders: number;
  readonly textBytes: number;
}

/** As in the settings of Elastic's test, where nothing enforces it. */
const memoryCeilingMiB = 240;
const filesPerFolder = 50;
const longestStartMs = 60_000;
const longestSyncMs = 20 * 60_000;
const longestStopMs = 30_000;

/** What a sync must have done. */
interface Expected {
  readonly indexed: number;
  readonly deleted: number;
  /** Documents in the index afterwards. */
  readonly total: number;
  readonly downloads: number;
}

interface Sync {
  readonly name: string;
  readonly type: 'full' | 'incremental';
  /** Changes Box, and says what the sync must then do. */
  readonly arrange: (box: BoxModel) => Expected;
}

const syncs: readonly Sync[] = [
  {
    name: 'a full sync of everything',
    type: 'full',
    arrange(box) {
      const total = countItems(box);
      return { indexed: total, deleted: 0, total, downloads: countItems(box, 'file') };
    },
  },
  {
    name: 'a full sync after 5 folders and 6 files were removed',
    type: 'full',
    arrange(box) {
      const before = countItems(box);
      for (const folder of rootFolders(box).slice(0, 5)) box.trash(folder);
      const [shrunk, emptied] = rootFolders(box);
      for (const file of filesOf(box, shrunk).slice(0, 3)) box.purge(file);
      for (const file of filesOf(box, emptied).slice(0, 3)) box.trash(file);
      const total = countItems(box);
      return { indexed: 0, deleted: before - total, total, downloads: 0 };
    },
  },
  {
    name: 'an incremental sync after a folder and a file were renamed, one changed, moved, removed and added',
    type: 'incremental',
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
      // The folder and all in it have new paths; beside them the four files. Of the folders that lost or won a file only
      // the size has changed, which is no reason to write.
      return { indexed: 1 + filesPerFolder + 4, deleted: 1, total: countItems(box), downloads: 2 };
    },
  },
];

/** Runs the whole test, printing what it does and how it ended; true if everything is as it must be. */
export async function functionalTest(size: FunctionalTestSize): Promise<boolean> {
  const stopParts = await startRealParts();
  const group = makeMemoryGroup(memoryCeilingMiB);
  try {
    const missing = missingPart('elasticsearch');
    if (missing !== undefined) {
      console.error(`FAILED: there is no Elasticsearch to test with: ${missing}`);
      return false;
    }
    const { folders: foldersPerUser, textBytes } = size;
    return await ServiceScene.in(
      { tree: { foldersPerUser, filesPerFolder, textBytes, extensions: ['txt'] } },
      (scene) => inScene(scene, size, group),
    );
  } finally {
    group?.remove();
    await stopParts();
  }
}

interface Trial {
  readonly scene: ServiceScene;
  /** The connector, and the name of its index. */
  readonly id: string;
  readonly service: Running;
  readonly memory: MemoryWatch;
  readonly group: MemoryGroup | undefined;
}

async function inScene(
  scene: ServiceScene,
  size: FunctionalTestSize,
  group: MemoryGroup | undefined,
): Promise<boolean> {
  const tika = missingPart('tika') === undefined ? process.env['TEST_TIKA_URL'] : undefined;
  console.log(await introduction(scene, size, { tika, group }));

  const startedAt = performance.now();
  const id = await scene.createConnector();
  const host = scene.host({
    extraction: { method: tika === undefined ? 'ingest_attachment' : 'tika' },
    ...(tika !== undefined && { tika: { url: tika } }),
  });
  const service = scene.serve(host, [], {}, group?.prefix);
  const memory = watchMemory(service.process, group === undefined ? memoryCeilingMiB : Infinity);
  const trial: Trial = { scene, id, service, memory, group };
  let ended: Ended | undefined;
  void service.ended.then((end) => (ended = end));

  const steps: readonly { readonly name: string; readonly run: () => Promise<string> }[] = [
    { name: 'the connector, made as Kibana makes it, is configured', run: () => configure(trial) },
    ...syncs.map((one) => ({ name: one.name, run: () => sync(trial, one) })),
    {
      name: 'the service is stopped',
      run: async () => {
        ended = await stop(trial);
        return 'it has ended with exit code 0';
      },
    },
  ];
  for (const { name, run } of steps) {
    const beganAt = performance.now();
    const result = await resultOf(run);
    const seconds = `${secondsSince(beganAt)} s, memory so far ${peaksOf(trial)}`;
    if ('done' in result) {
      console.log(`  ok      ${name}\n          ${result.done}; ${seconds}`);
      continue;
    }
    // What comes next would start from a wrong index.
    console.log(`  FAILED  ${name}; ${seconds}\n\n${result.problem}`);
    service.kill('SIGKILL');
    ended ??= await service.ended;
    console.log(`\nThe last lines of the service's log:\n${ended.stderr.slice(-3_000)}`);
    console.log(`\nFAILED (load of the machine: ${loadavg()[0]?.toFixed(1) ?? '?'}).`);
    return false;
  }
  console.log(
    `\nPASSED in ${secondsSince(startedAt)} s. After each sync the index was exactly the simulated Box, document by ` +
      'document, texts included, and the counts were those of the job, of Box and of Elasticsearch.\n' +
      `The service had ${peaksOf(trial)}; allowed were ${memoryCeilingMiB}.`,
  );
  return true;
}

async function introduction(
  { client, sim: { box } }: ServiceScene,
  { textBytes }: FunctionalTestSize,
  { tika, group }: { readonly tika: string | undefined; readonly group: MemoryGroup | undefined },
): Promise<string> {
  const { version } = await client.info();
  const text =
    tika === undefined
      ? 'none: there is no Tika to take it, so contents go into the index as they are'
      : `taken by ${(await (await fetch(`${tika}/version`)).text()).trim()}`;
  const enforced =
    group === undefined
      ? 'at most, by watching: no control group can be made here, so the service is ended when it has had more'
      : 'at most, by the kernel: a control group, in which it cannot have more';
  return [
    `  Elasticsearch  ${version.number} at ${realElasticsearch().url}, with security; the service has a key with the least privileges`,
    `  Box            simulated: ${countItems(box, 'folder')} folders, ${countItems(box, 'file')} files of ${textBytes / 1_000} kB`,
    `  text           ${text}`,
    '  service        node dist/main.js --config FILE, one process for all that follows',
    `  memory         ${memoryCeilingMiB} MiB ${enforced}`,
    '',
  ].join('\n');
}

/** As somebody does it in Kibana: the service asks for the configuration, the form is filled in, Box answers. */
async function configure(trial: Trial): Promise<string> {
  const { scene, id } = trial;
  const seen = (status: string) =>
    waitFor(
      trial,
      `status "${status}"`,
      () => scene.connector(id),
      (one) => one['status'] === status,
      longestStartMs,
    );
  const asked = await seen('needs_configuration');
  assert.ok(Object.keys(asked['configuration'] as object).length >= 6, 'the fields of the form');
  await scene.fillIn(id);
  const connected = await seen('connected');
  assert.is(connected['error'], null);
  return 'it has asked for its configuration, got it, and is connected';
}

async function sync(trial: Trial, { type, arrange }: Sync): Promise<string> {
  const { scene, id, memory, group } = trial;
  const { box, calls } = scene.sim;
  const expected = arrange(box);
  const before = { downloads: calls.of('content'), writes: await writesOf(scene.client, id) };
  const beganAt = performance.now();
  const jobId = await scene.createJob(id, type);
  const job = await waitFor(
    trial,
    'end of the job',
    () => scene.job(jobId),
    ({ status }) => ['completed', 'error', 'canceled', 'suspended'].includes(String(status)),
    longestSyncMs,
  );
  const took = secondsSince(beganAt);
  assert.equal({ status: job['status'], error: job['error'] }, { status: 'completed', error: null });
  assert.is(memory.exceeded(), false, `the service had more than ${memoryCeilingMiB} MiB`);
  assert.is(group?.kills() ?? 0, 0);
  const writes = await writesOf(scene.client, id);
  const count = {
    indexed: job['indexed_document_count'],
    deleted: job['deleted_document_count'],
    total: job['total_document_count'],
    downloads: calls.of('content') - before.downloads,
  };
  assert.equal(count, expected, 'what the job and Box have counted');
  assert.equal(
    { indexed: writes.indexed - before.writes.indexed, deleted: writes.deleted - before.writes.deleted },
    { indexed: expected.indexed, deleted: expected.deleted },
    'what Elasticsearch has counted',
  );
  await waitFor(
    trial,
    'end of the sync on the connector',
    () => scene.connector(id),
    (one) => one['last_sync_status'] === 'completed' && one['last_indexed_document_count'] === expected.indexed,
    longestStartMs,
  );
  const texts = await assertIndexEqualsBox(trial);
  return (
    `${expected.indexed} written, ${expected.deleted} deleted, ${expected.downloads} downloads in ${took} s; then ` +
    `${expected.total} documents and ${texts} texts compared with Box`
  );
}

/** As a supervisor does. */
async function stop({ scene, service, memory }: Trial): Promise<Ended> {
  const giveUp = setTimeout(() => service.kill('SIGKILL'), longestStopMs);
  const ended = await scene.stop(service);
  clearTimeout(giveUp);
  assert.equal({ code: ended.code, signal: ended.signal }, { code: 0, signal: null });
  assert.is(memory.exceeded(), false, `the service had more than ${memoryCeilingMiB} MiB`);
  assert.not.match(ended.stderr, scene.sim.credentials.clientSecret);
  return ended;
}

/** Looks until it is so; not longer than the service lives. */
async function waitFor<T>(
  { service: { ended }, memory, group }: Trial,
  what: string,
  look: () => Promise<T>,
  isIt: (found: T) => boolean,
  withinMs: number,
): Promise<T> {
  let end: Ended | undefined;
  void ended.then((how) => (end = how));
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (isIt(found)) return found;
    if (end !== undefined) {
      const isForMemory = memory.exceeded() || (group?.kills() ?? 0) > 0;
      const why = isForMemory ? `since it wanted more than ${memoryCeilingMiB} MiB` : 'by itself';
      throw new Error(`the service has ended (${end.signal ?? `exit code ${end.code ?? '?'}`}) ${why}`);
    }
    if (performance.now() > giveUpAt) {
      throw new Error(`no ${what} within ${withinMs / 1_000} s; last seen: ${JSON.stringify(found).slice(0, 2_000)}`);
    }
    await pause(50);
  }
}

/** All that was ever written into the index, as Elasticsearch counts it. */
async function writesOf(
  client: Client,
  index: string,
): Promise<{ readonly indexed: number; readonly deleted: number }> {
  const exists = await client.indices.exists({ index });
  if (!exists) return { indexed: 0, deleted: 0 };
  const stats = await client.indices.stats({ index, metric: 'indexing' });
  const { index_total: indexed = 0, delete_total: deleted = 0 } = stats._all.primaries?.indexing ?? {};
  return { indexed, deleted };
}

async function resultOf(
  step: () => Promise<string>,
): Promise<{ readonly done: string } | { readonly problem: string }> {
  try {
    return { done: await step() };
  } catch (error) {
    const { message, details } = error as { message?: string; details?: string };
    return { problem: details ? `${message ?? ''}\n${details}` : (message ?? String(error)) };
  }
}

/**
 * The metadata of all documents, then their texts, a few at a time: together they may be larger than memory. Resolves to
 * the number of texts.
 */
async function assertIndexEqualsBox({ scene: { sim, client }, id: index }: Trial): Promise<number> {
  const { box } = sim;
  const documents = new Map<string, IndexedSource>();
  await client.indices.refresh({ index });
  await eachDocument(client, index, { size: 2_000, leaveOut: ['body', '_attachment'] }, (id, source) => {
    documents.set(id, source);
  });
  // The size of a folder changes with every file below it, and alone is no reason to write: it may be an older one.
  assertEqualsBox(documents, box, { folderSizes: false });
  const contents = new Map([...box.truth()].filter(({ type }) => type === 'file').map((item) => [item.id, item]));
  let texts = 0;
  await eachDocument(client, index, { size: 20, only: ['type', 'body', '_attachment'] }, (id, source) => {
    if (source['type'] !== 'file') return;
    texts += 1;
    const { body, _attachment: attachment } = source;
    const found = typeof attachment === 'string' ? Buffer.from(attachment, 'base64').toString() : String(body);
    const expected = contents.get(id)?.content().toString() ?? '';
    if (squeezed(found) !== squeezed(expected)) {
      throw new Error(
        `the text of file ${id} is not the one in Box: ${found.length} characters, not ${expected.length}`,
      );
    }
  });
  assert.is(texts, contents.size);
  return texts;
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

function peaksOf({ memory, group }: Trial): string {
  const inMiB = (peak: number | null | undefined) => `${peak?.toFixed(0) ?? 'an unknown number of'} MiB`;
  const resident = `${inMiB(memory.peakMiB())} resident at most`;
  return group === undefined
    ? resident
    : `${inMiB(group.peakMiB())} at most (${resident}, with the program of Node itself)`;
}

function secondsSince(startedAt: number): string {
  return ((performance.now() - startedAt) / 1_000).toFixed(1);
}

function countItems(box: BoxModel, only?: Item['type']): number {
  return [...box.truth()].filter(({ type }) => only === undefined || type === only).length;
}

function rootFolders(box: BoxModel): Item[] {
  return [...box.truth()]
    .filter(({ type, ancestors }) => type === 'folder' && ancestors.length === 1)
    .map(({ id }) => box.folder(id));
}

function filesOf(box: BoxModel, folder: Item | undefined): Item[] {
  return folder === undefined ? [] : [...box.items.children(folder.id, 'file')];
}
