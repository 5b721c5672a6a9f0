import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { serveExtraction } from '../../e2e/extraction-stub.js';
import { startSimulator } from '../../../src/simulator/simulator.js';
import { Connector, type Ended, type Running } from '../connector.js';
import type { IndexedSource } from '../index-contents.js';
import { buildTree } from './build-tree.js';
import { type Difference, differenceOf, expectedDocuments, itemKeyOf, type Scope } from './expected-documents.js';
import { active, makeChange, pick, present } from './make-change.js';
import type { Incident, PlannedRule, PlannedScope, Plan, Step } from './plan.js';
import { elasticsearchTrialIndex, localTrialIndex } from './trial-index.js';

/** A step after which something is not as it has to be. */
export class Failure extends Error {
  readonly step: number;

  constructor(step: number, message: string) {
    super(message);
    this.step = step;
  }
}

export interface PlanReport {
  readonly runs: number;
  readonly kills: number;
  readonly documents: number;
}

/** Runs that a settled Box may take: what was held is allowed once, what was missed is missed twice. */
const mostSettlingRuns = 5;
const mostMs = 60_000;

/**
 * Carries out a plan with the built program. After each run the exit code must be honest and the counts of the report
 * equal; nothing that exists throughout may leave the index; and when nothing is in the way, the whole index must be
 * the whole Box, within the scope and by the rules. Throws `Failure`.
 */
export async function runPlan(
  { setup, steps }: Plan,
  { sink = 'local' }: { readonly sink?: 'local' | 'elasticsearch' } = {},
): Promise<PlanReport> {
  const incidents = new Map<number, (() => void)[]>();
  let calls = 0;
  const simulator = await startSimulator({
    tree: { shape: { users: 0 }, build: (box) => buildTree(box, setup) },
    account: setup.account,
    settings: {
      ids: setup.namedIds ? 'any' : 'numbers',
      paging: { shortPages: setup.shortPages, emptyPages: setup.emptyPages },
    },
    onRequest: () => {
      calls += 1;
      for (const happen of incidents.get(calls) ?? []) happen();
    },
  });
  const { box, credentials } = simulator;
  const connector = new Connector();
  const index = sink === 'local' ? localTrialIndex(connector.folder) : await elasticsearchTrialIndex();
  const extraction = await serveExtraction();
  const data = join(connector.folder, 'data');
  const kept = join(connector.folder, 'kept');
  let scope: Scope = { folders: [], exclude: [], rules: [] };
  let { refreshToken } = credentials;
  let step = 0;
  const report = { runs: 0, kills: 0, documents: 0 };
  const fail = (message: string): never => {
    throw new Failure(step, message);
  };

  function configure(maxCalls: number): void {
    const { clientId, clientSecret, enterpriseId } = credentials;
    const { folders, exclude, rules } = scope;
    const isFree = setup.account === 'free';
    connector.configure({
      ...index.config,
      box: {
        is_enterprise: isFree ? 'box_free' : 'box_enterprise',
        client_id: clientId,
        client_secret: clientSecret,
        ...(isFree ? { refresh_token: refreshToken } : { enterprise_id: enterpriseId }),
        base_url: simulator.url,
        calls_per_minute: 0,
        max_calls: maxCalls,
        folders,
        users: { exclude },
        listing: { concurrency: setup.concurrency },
        concurrent_downloads: setup.concurrency,
      },
      sync_rules: rules.map((rule, order) => ({ id: `rule-${order}`, order: order + 1, ...rule })),
      pipeline_limits: { rows: setup.rows, bytes: setup.bytes },
      bulk: { max_items: setup.maxItems, concurrency: setup.bulkConcurrency, max_wait_ms: 20 },
      retry: { base_delay: 0.02, max_attempts: 3 },
      extraction: { method: setup.withText ? 'extraction_service' : 'none' },
      extraction_service: { host: extraction.url },
    });
  }

  async function run(args: readonly string[], maxCalls: number, planned: readonly Incident[]): Promise<Ended> {
    // A folder that is configured and gone is a fault of the configuration, and is reported as such for good.
    const there = present(box).flatMap(({ type, id }) => (type === 'folder' ? [id] : []));
    scope = { ...scope, folders: scope.folders.filter((id) => there.includes(id)) };
    configure(maxCalls);
    calls = 0;
    incidents.clear();
    const before = { documents: await index.documents(), expected: expectedDocuments(box, scope) };
    const running: Running = connector.start(['sync', ...args]);
    for (const { call, what } of planned) {
      const happen = () => {
        if (typeof what === 'string') running.kill(what);
        else makeChange(box, what);
      };
      incidents.set(call, [...(incidents.get(call) ?? []), happen]);
    }
    const timer = setTimeout(() => running.kill('SIGKILL'), mostMs);
    const ended = await running.ended;
    clearTimeout(timer);
    incidents.clear();
    report.runs += 1;
    const mayKill = planned.some(({ what }) => what === 'SIGKILL');
    if (ended.signal !== null && !mayKill) fail(`the run did not end within ${mostMs} ms: ${tail(ended)}`);
    if (ended.signal !== null) report.kills += 1;
    else judge(ended, maxCalls, planned);

    // Law 2: what exists throughout, and was in the index, is in it afterwards.
    const isCalm = planned.every(({ what }) => typeof what === 'string');
    const after = keysOf(await index.documents());
    const lost = [...keysOf(before.documents)].filter((key) => before.expected.has(key) && !after.has(key));
    if (isCalm && lost.length > 0) fail(`deleted although they exist: ${lost.join(', ')}; ${tail(ended)}`);
    return ended;
  }

  /** Whether the exit code says what happened. */
  function judge(ended: Ended, maxCalls: number, planned: readonly Incident[]): void {
    const { code, summary } = ended;
    const mayStop = maxCalls > 0 || planned.some(({ what }) => what === 'SIGTERM');
    if (summary === undefined) return fail(`no summary: ${tail(ended)}`);
    const { listed, written, unchanged, filtered, rejected, unread, deletesHeld, state } = summary;
    if (listed !== written + unchanged + filtered + rejected) fail(`the counts are not equal: ${tail(ended)}`);
    const lacks = unread.length + rejected + deletesHeld;
    switch (code) {
      case 0:
        if (state !== 'complete' || lacks > 0) fail(`exit code 0 of a run that is not complete: ${tail(ended)}`);
        return;
      case 3:
        if (state === 'interrupted' && maxCalls > 0) return;
        if (state !== 'incomplete' || lacks === 0) fail(`exit code 3 without a reason: ${tail(ended)}`);
        if (planned.length === 0 && deletesHeld === 0) fail(`incomplete, with nothing in its way: ${tail(ended)}`);
        return;
      case 130:
        if (!mayStop) fail(`interrupted by nobody: ${tail(ended)}`);
        return;
      case null:
      default:
        fail(`exit code ${String(code)}: ${tail(ended)}`);
    }
  }

  async function difference(): Promise<Difference> {
    return differenceOf(
      await index.documents(),
      expectedDocuments(box, scope),
      setup.withText ? ({ body }) => body ?? '' : null,
    );
  }

  /** A run that nobody disturbed and that says it is complete: the index is Box, but for what it says is pending. */
  async function assertHonest({ code, summary, stderr }: Ended): Promise<void> {
    if (code !== 0) return;
    // Equal as of each folder's listing: one that was stopped has listed some of them before what has changed since.
    if (stderr.includes('going on where it was')) return;
    const { missing, surplus, wrong } = await difference();
    const pending = summary?.deletesPending ?? 0;
    if (missing.length + wrong.length === 0 && surplus.length <= pending) return;
    fail(`complete, but the index is not Box: ${JSON.stringify({ missing, surplus, wrong, pending, summary })}`);
  }

  async function settle(args: readonly string[]): Promise<void> {
    let allow: readonly string[] = [];
    for (let runs = 1; ; runs += 1) {
      const ended = await run(runs === 1 ? args : allow, 0, []);
      await assertHonest(ended);
      const { missing, surplus, wrong } = await difference();
      if (ended.code === 0 && missing.length + surplus.length + wrong.length === 0) return;
      if (ended.code === 3) allow = ['--allow-deletes'];
      if (runs < mostSettlingRuns) continue;
      fail(`not settled after ${runs} runs: ${JSON.stringify({ missing, surplus, wrong })}; ${tail(ended)}`);
    }
  }

  function choose({ folders, exclude }: PlannedScope): void {
    const there = present(box).filter(({ type }) => type === 'folder');
    const [, ...others] = active(box);
    const chosen = <T>(list: readonly T[], picks: readonly number[]) => picks.flatMap((at) => pick(list, at) ?? []);
    scope = {
      ...scope,
      folders: [...new Set(chosen(there, folders).map(({ id }) => id))],
      exclude: [...new Set(chosen(others, exclude))],
    };
  }

  function ruled(rules: readonly PlannedRule[]): void {
    const paths = Array.from(box.truth()).flatMap(({ type, path }) => (type === 'folder' ? [`${path}/`] : []));
    const told = rules.map((rule) => ({
      ...rule,
      value: typeof rule.value === 'string' ? rule.value : (pick(paths, rule.value) ?? '/none/'),
    }));
    // Two that ask for the same are a fault of the configuration.
    const keys = told.map(({ field, rule, value }) => JSON.stringify([field, rule, value]));
    scope = { ...scope, rules: told.filter((_, at) => keys.indexOf(keys[at] ?? '') === at) };
  }

  /** The token of a personal account is in the state: somebody who loses that has to sign in again. */
  function signInAgain(): void {
    refreshToken = simulator.tokens.issueRefreshToken(credentials.userId, `token-of-step-${step}`);
  }

  async function perform(planned: Step): Promise<void> {
    switch (planned.kind) {
      case 'change':
        makeChange(box, planned.change);
        return;
      case 'run': {
        const ended = await run(planned.args, planned.maxCalls, planned.incidents);
        if (planned.incidents.every(({ what }) => typeof what === 'string')) await assertHonest(ended);
        return;
      }
      case 'settle':
        await settle(planned.args);
        return;
      case 'lose-state':
        rmSync(data, { recursive: true, force: true });
        signInAgain();
        return;
      case 'keep-state':
        rmSync(kept, { recursive: true, force: true });
        if (existsSync(data)) cpSync(data, kept, { recursive: true });
        return;
      case 'restore-state':
        if (!existsSync(kept)) return;
        rmSync(data, { recursive: true, force: true });
        cpSync(kept, data, { recursive: true });
        signInAgain();
        return;
      case 'lose-documents': {
        const ids = [...(await index.documents()).keys()];
        await index.remove(ids.slice(0, Math.floor(ids.length * planned.share)));
        return;
      }
      case 'scope':
        choose(planned.scope);
        return;
      case 'rules':
        ruled(planned.rules);
    }
  }

  try {
    for (const planned of steps) {
      await perform(planned);
      step += 1;
    }
    report.documents = (await index.documents()).size;
    return report;
  } finally {
    await simulator.close();
    await extraction.close();
    await index.close();
    connector.remove();
  }
}

function keysOf(documents: ReadonlyMap<string, IndexedSource>): Set<string> {
  return new Set(Array.from(documents, ([id, source]) => itemKeyOf(id, source)));
}

function tail({ code, signal, stdout, stderr }: Ended): string {
  return `exit ${String(code ?? signal)}, ${stdout.trimEnd().split('\n').at(-1) ?? ''} ${stderr.slice(-2_000)}`;
}
