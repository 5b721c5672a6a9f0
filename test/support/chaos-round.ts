import { setTimeout as pause } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import type { FaultAnswer } from '../../src/simulator/faults.js';
import type { TruthItem } from '../../src/simulator/truth.js';
import { type Dice, diceOf } from './dice.js';
import { SyncTrial } from './sync-trial.js';

export interface ChaosReport {
  readonly items: number;
  readonly runs: number;
  readonly kills: number;
  /** Answers of Box that were spoilt, and bulk operations and requests. */
  readonly boxFaults: number;
  readonly refusedOperations: number;
  readonly cutRequests: number;
}

/**
 * One round: a random tree is synchronised; then, several times over, it changes at random while Box and Elasticsearch
 * fail at random and the program is killed at random moments; then all faults end, it runs until it is complete, and
 * the index must be Box. Meanwhile no document of an item that exists may go. Everything random comes from the seed but
 * the exact moment at which a kill meets the program.
 */
export async function chaosRound(seed: number): Promise<ChaosReport> {
  const dice = diceOf(seed);
  const account = dice.chance(0.6) ? 'enterprise' : 'free';
  const withText = dice.chance(0.5);
  const trial = await SyncTrial.start({
    name: 'chaos',
    account,
    proxied: true,
    tree: {
      users: account === 'free' ? 1 : dice.between(2, 5),
      foldersPerUser: dice.between(4, 20),
      depth: dice.between(1, 4),
      filesPerFolder: dice.between(1, 10),
      filesInRoot: dice.between(0, 4),
      webLinks: dice.between(0, 1),
      sharedShare: account === 'free' ? 0 : dice.oneOf([0, 0.3]),
      // One size: that of a computed folder is the usual size times the number of files.
      textBytes: 600,
      seed,
    },
    simulator: {
      settings: {
        latencyMs: dice.between(0, 8),
        paging: {
          shortPages: dice.oneOf([0, 3, 7]),
          emptyPages: dice.chance(0.3),
          lastMarker: dice.oneOf(['null', 'empty', 'absent']),
        },
      },
    },
    config: {
      box: { listing: { concurrency: dice.between(1, 8) } },
      pipeline_limits: { rows: dice.oneOf([2_000, 3_000, 6_000]) },
      bulk: {
        max_items: dice.oneOf([7, 50, 1_000]),
        max_wait_ms: dice.oneOf([10, 100]),
        concurrency: dice.between(1, 4),
      },
      extraction: { method: withText ? 'ingest_attachment' : 'none' },
      retry: { base_delay: 0.02 },
    },
  });
  const report = { items: 0, runs: 0, kills: 0, boxFaults: 0, refusedOperations: 0, cutRequests: 0 };
  try {
    await trial.syncs(0);
    await trial.assertEqual();
    for (let phase = dice.between(2, 3); phase > 0; phase -= 1) {
      change(trial, dice);
      spoil(trial, dice);
      for (let kills = dice.between(0, 3); kills > 0; kills -= 1) {
        await guarded(trial, async () => {
          const running = trial.start(...(dice.chance(0.3) ? ['--full'] : []));
          await pause(dice.between(100, 1_200));
          running.kill('SIGKILL');
          if ((await running.ended).signal === 'SIGKILL') report.kills += 1;
          report.runs += 1;
        });
        if (dice.chance(0.3)) change(trial, dice);
      }
      await guarded(trial, async () => {
        const { code, stderr } = await trial.sync(...(dice.chance(0.3) ? ['--full'] : []));
        assert.ok(code === 0 || code === 3 || code === 1, stderr);
        report.runs += 1;
      });
    }
    report.boxFaults = trial.simulator.calls.faults;
    trial.simulator.faults.clear();
    trial.proxy.onItem = undefined;
    trial.proxy.onRequest = undefined;
    await settled(trial, report);
    report.items = [...trial.box.truth()].length;
    report.refusedOperations = trial.proxy.counts.refused;
    report.cutRequests = trial.proxy.counts.cut;
    if (withText) await assertTexts(trial);
    assert.equal([...trial.proxy.overlapping], [], 'documents that were under way twice at once');
    return report;
  } finally {
    await trial.close();
  }
}

/** Runs until it is complete: what was gone on with is of before the last changes, and some deletes need two runs. */
async function settled(trial: SyncTrial, report: { runs: number }): Promise<void> {
  for (let run = 1; ; run += 1) {
    const ended = await trial.sync('--allow-deletes');
    report.runs += 1;
    try {
      assert.is(ended.code, 0, ended.stderr);
      await trial.assertEqual({ folderSizes: false });
      return;
    } catch (error) {
      if (run < 4) continue;
      const letters = await trial.connector.run(['dead-letters', 'list']);
      throw new Error(`The index is not Box after ${run} runs; dead letters: ${letters.stdout}`, { cause: error });
    }
  }
}

/** Law 2: what exists in Box and was in the index is in it afterwards. */
async function guarded(trial: SyncTrial, work: () => Promise<void>): Promise<void> {
  const before = await trial.documents();
  await work();
  const after = await trial.documents();
  const lost = [...trial.box.truth()].filter(({ type, id }) => {
    const isIt = (documents: typeof before) =>
      [id, `${type}_${id}`].some((one) => documents.get(one)?.['type'] === type);
    return isIt(before) && !isIt(after);
  });
  assert.equal(
    lost.map(({ type, id, path }) => `${type} ${id} ${path}`),
    [],
    'deleted although they exist',
  );
}

async function assertTexts(trial: SyncTrial): Promise<void> {
  const documents = await trial.documents();
  for (const item of trial.box.truth()) {
    if (item.type !== 'file' || item.size === 0) continue;
    const attachment = documents.get(item.id)?.['_attachment'];
    const text = typeof attachment === 'string' ? Buffer.from(attachment, 'base64').toString() : undefined;
    assert.is(text, item.content().toString(), `text of ${item.path}`);
  }
}

/** Up to a quarter of the items is changed. */
function change({ box }: SyncTrial, dice: Dice): void {
  const items = [...box.truth()];
  const users = [...box.people.managed()].map(({ id }) => id);
  const folders = items.filter(({ type }) => type === 'folder');
  for (let count = dice.between(1, Math.ceil(items.length / 4)); count > 0; count -= 1) {
    const item = dice.oneOf(items);
    try {
      changeOne(item);
    } catch (error) {
      // Below something that has gone, or into itself: Box refuses that too.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  /** Neither the item nor a folder above it is in the trash or gone. */
  function isThere(ref: Pick<TruthItem, 'type' | 'id'>): boolean {
    try {
      const item = box.item(ref);
      return [item, ...box.access.above(item)].every(({ trashedAt }) => trashedAt === null);
    } catch {
      return false;
    }
  }

  function changeOne(item: TruthItem): void {
    if (!isThere(item)) return;
    const name = `${dice.oneOf(['report', 'Ärger', 'plan, final', '计划'])} ${dice.between(0, 1e9)}.txt`;
    const folder = dice.oneOf([...folders.map(({ id }) => id), undefined]);
    if (folder !== undefined && !isThere({ type: 'folder', id: folder })) return;
    const place = folder === undefined ? { owner: dice.oneOf(users) } : { folder };
    switch (dice.between(0, 9)) {
      case 0:
        box.rename(item, name);
        return;
      case 1:
        box.setDescription(item, `About ${name}`);
        return;
      case 2:
        if (item.type === 'file') box.newVersion(item.id, `New text of ${name}`);
        return;
      case 3:
        box.trash(item);
        return;
      case 4:
        if (dice.chance(0.3)) box.purge(item);
        return;
      case 5:
      case 6:
        box.createFile({ name, content: `Text of ${name}`, ...place });
        return;
      case 7: {
        const created = box.createFolder({ name, ...place });
        for (let at = 0; at < 3; at += 1) box.createFile({ name: `${at} ${name}`, folder: created.id });
        return;
      }
      case 8:
        box.move(item, folder ?? { owner: dice.oneOf(users) });
        return;
      default:
        if (box.item(item).trashedAt === null) box.trash(item);
        box.restore(item);
    }
  }
}

/** Faults of Box (some for good, until all are cleared) and of Elasticsearch. */
function spoil({ simulator: { box, faults }, proxy }: SyncTrial, dice: Dice): void {
  const folders = [...box.truth()].filter(({ type }) => type === 'folder');
  const answers: readonly FaultAnswer[] = [
    { kind: 'answer', status: 500, body: '' },
    { kind: 'answer', status: 503, body: '<html></html>' },
    { kind: 'answer', status: 429, body: '' },
    { kind: 'answer', status: 403, body: '{"type":"error","code":"access_denied_insufficient_permissions"}' },
    { kind: 'answer', status: 404, body: '{"type":"error","code":"not_found"}' },
    { kind: 'cut' },
    { kind: 'reset' },
    { kind: 'broken-json' },
    { kind: 'html', status: 200 },
    { kind: 'delay', ms: 200 },
  ];
  faults.clear();
  for (let count = dice.between(0, 6); count > 0; count -= 1) {
    const route = dice.oneOf(['folders', 'folders', 'folders', 'users', 'items', 'content', 'download'] as const);
    const id = route === 'folders' && folders.length > 0 ? { id: dice.oneOf(folders).id } : {};
    const times = dice.chance(0.3) ? {} : { times: dice.between(1, 4) };
    const answer = dice.oneOf(answers);
    // A single item that Box says is not there is a proof, if it is not a fault.
    if (route === 'items' && answer.kind === 'answer' && answer.status === 404) continue;
    faults.add({ match: { route, ...id, ...times, nth: dice.between(1, 3) }, answer });
  }
  const refusal = dice.oneOf([0, 0.05, 0.3]);
  const cut = dice.oneOf([0, 0.1]);
  const busy = dice.oneOf([0, 0.1]);
  proxy.onItem = () => (dice.chance(refusal) ? dice.oneOf([429, 503] as const) : undefined);
  proxy.onRequest = () =>
    dice.chance(cut) ? { kind: 'cut' } : dice.chance(busy) ? { kind: 'status', status: 503 } : undefined;
}
