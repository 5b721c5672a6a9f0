import { type Observable, concat, concatMap, defer, from, lastValueFrom, takeUntil, tap, toArray } from 'rxjs';
import type { Config } from '../config/schema.js';
import type { Clock } from '../core/clock.js';
import type { Envelope } from '../core/envelope.js';
import { ConfigError, PermanentError, TransientError } from '../core/errors.js';
import { fingerprint } from '../core/fingerprint.js';
import type { RunReport } from '../core/run-report.js';
import { textHash } from '../core/text-hash.js';
import { whenAborted } from '../core/when-aborted.js';
import { boxDocument, boxDocumentVersion } from '../operators/box-document.js';
import { parseSyncRules } from '../operators/sync-rules/parse-sync-rules.js';
import type { SyncRules } from '../operators/sync-rules/sync-rules.js';
import { pipeline } from '../pipeline.js';
import type { Operation } from '../sinks/operation.js';
import { absentItems } from '../sources/absent-items.js';
import type { Change } from '../sources/change.js';
import { enterpriseWalk } from '../sources/enterprise-walk.js';
import { findFolder } from '../sources/find-folder.js';
import { folderWalk } from '../sources/folder-walk.js';
import { replay } from '../sources/replay.js';
import { Run } from '../state/run.js';
import type { RunKind, RunState } from '../state/runs.js';
import type { Store } from '../state/store.js';
import type { BoxAccess } from './box-access.js';
import { extraction } from './extraction.js';
import type { Log } from './log.js';
import type { Target } from './target.js';
import { includesUser } from './includes-user.js';

export interface SyncDeps {
  readonly store: Store;
  readonly access: BoxAccess;
  readonly target: Target;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Aborted when the run has to stop: what was listed is still written. */
  readonly stop: AbortSignal;
  /** Aborted when the run has to end at once. */
  readonly abort: AbortSignal;
  /** Told of the run as soon as it begins. */
  readonly onRun?: (run: Run) => void;
}

export interface SyncOptions {
  readonly config: Config;
  readonly kind: RunKind;
  readonly rewrite: boolean;
  readonly allowDeletes: boolean;
}

export interface SyncResult {
  readonly run: number;
  readonly kind: RunKind;
  readonly state: Exclude<RunState, 'running'>;
  readonly report: RunReport;
  readonly resumed: boolean;
  /** Why it was stopped before its end, in words; `null` if it was not. */
  readonly stopped: string | null;
}

/**
 * One run: prepares the index, decides what kind of run it has to be, walks Box through the pipeline, deletes what has
 * gone, and keeps how it ended. Rejects if the run failed; the state then says so, and the next run goes on from it.
 */
export async function sync(deps: SyncDeps, options: SyncOptions): Promise<SyncResult> {
  const { store, target, clock, log } = deps;
  const { config } = options;
  const rules = rulesOf(config);
  const { gate, extractor, wantedContent } = extraction(deps, config);
  const prepared = await target.prepare(deps.abort);
  const begun = await begin(deps, options, rules, prepared.uuid, prepared.created);
  const outage = new AbortController();
  const stop = AbortSignal.any([deps.stop, deps.access.spent, outage.signal]);
  const run = new Run(store, {
    id: begun.id,
    kind: begun.kind,
    rewrite: begun.rewrite,
    rows: config.pipeline_limits.rows,
    bytes: config.pipeline_limits.bytes,
    rules: rules.fingerprint,
    before: begun.before,
    now: () => clock.now(),
    onTrouble: (reason) => void confirmOutage(deps, reason, outage),
  });
  deps.onRun?.(run);
  const source = source$(deps, options, run, rules).pipe(takeUntil(whenAborted(stop)));
  const outcomes = pipeline(
    { run, source, sink: target.sink, box: deps.access.box, extractor },
    {
      document: { map: boxDocument },
      changes: {
        hash: await textHash(boxDocumentVersion),
        wantedContent,
        // The size of a folder changes with every file below it: written when it is written, no reason to write.
        signed: (document, { item }) => (item.type === 'folder' ? { ...document, size: null } : document),
        rules: rules.fingerprint,
        rewrite: begun.rewrite,
      },
      rules: { rules },
      content: { maxBytes: gate.maxBytes, concurrency: config.box.concurrent_downloads },
      batch: {
        maxItems: config.bulk.max_items,
        maxBytes: config.bulk.max_bytes,
        maxWaitMs: config.bulk.max_wait_ms,
        weigh: weighOperation,
      },
    },
  );
  const end = (state: Exclude<RunState, 'running'>, report: RunReport): SyncResult => {
    store.runs.end(run.id, { state, endedAt: clock.now(), report });
    const stopped = state === 'interrupted' ? reasonOf(stop) : null;
    return { run: run.id, kind: run.kind, state, report, resumed: begun.resumed, stopped };
  };
  try {
    await untilAborted(outcomes, deps.abort);
  } catch (error) {
    const state = deps.abort.aborted ? 'interrupted' : 'failed';
    const result = end(state, run.tally.report());
    if (deps.abort.aborted) return result;
    throw error;
  }
  if (stop.aborted) return end('interrupted', run.tally.finalReport());
  const report = run.tally.finalReport();
  const incomplete = report.unread.length > 0 || report.rejected > 0 || report.deletesHeld > 0;
  const now = await target.look(deps.abort);
  if (now.uuid !== prepared.uuid) {
    end('failed', report);
    throw new PermanentError(
      `Cannot finish the run: ${target.name} was deleted or replaced meanwhile, expected the one that the run began with. Run again: everything is then written anew`,
    );
  }
  store.facts.set('index.uuid', prepared.uuid);
  store.facts.set('index.count', String(await target.count(deps.abort)));
  store.frontier.clear();
  store.absence.clear();
  const result = end(incomplete ? 'incomplete' : 'complete', report);
  log.debug({ run: run.id, state: result.state }, 'Run ended');
  return result;
}

/**
 * So many folders in a row could not be read that Box may be down as a whole: if it does not answer the simplest
 * question either, the run stops here, and the next one goes on, instead of giving up folder after folder.
 */
async function confirmOutage({ access, abort, log }: SyncDeps, reason: string, outage: AbortController): Promise<void> {
  log.warn(
    `Many folders in a row could not be read: asking Box whether it is there at all. The last reason: ${reason}`,
  );
  try {
    await access.box.me(abort);
  } catch (error) {
    if (error instanceof TransientError) outage.abort(`Box does not answer: ${error.message}`);
  }
}

function reasonOf(stop: AbortSignal): string {
  return typeof stop.reason === 'string' ? stop.reason : 'a signal asked for it';
}

interface Begun {
  readonly id: number;
  readonly kind: RunKind;
  readonly rewrite: boolean;
  readonly before: RunReport | null;
  readonly resumed: boolean;
}

/** Goes on with a run that was stopped, or starts one: full if what is known of the index may not be true. */
async function begin(
  deps: SyncDeps,
  options: SyncOptions,
  rules: SyncRules,
  uuid: string,
  created: boolean,
): Promise<Begun> {
  const { store, target, clock, log, access } = deps;
  const scope = scopeOf(options.config, rules, uuid);
  const last = store.runs.last();
  if (last !== undefined && last.state !== 'complete' && last.state !== 'incomplete' && last.scope === scope) {
    store.frontier.resume();
    store.runs.reopen(last.id);
    log.info(
      { run: last.id, folders: store.frontier.waiting() },
      `Run ${last.id} was ${last.state === 'running' ? 'cut off' : last.state}: going on where it was`,
    );
    return { id: last.id, kind: last.kind, rewrite: last.rewrite, before: last.report, resumed: true };
  }
  const doubt = await doubtAbout(deps, uuid);
  const kind: RunKind = doubt === null ? options.kind : 'full';
  if (kind === 'full' && !created) {
    if (doubt !== null) log.info(`Reading the index first: ${doubt}`);
    store.census.begin();
    await lastValueFrom(target.documents(access.isEnterprise).pipe(tap((documents) => store.census.add(documents))), {
      defaultValue: null,
    });
    const found = store.census.end();
    if (found.lost + found.differing + found.adopted > 0) {
      log.info(found, 'The index was not as the state had it; the state now knows');
    }
  } else if (created && store.catalogue.indexed() > 0) {
    store.census.begin();
    store.census.end();
  }
  store.frontier.clear();
  const rewrite = options.rewrite;
  const id = store.runs.start({ kind, rewrite, startedAt: clock.now(), scope });
  return { id, kind, rewrite, before: null, resumed: false };
}

/** Why the catalogue cannot be trusted to say what the index holds; `null`: it can. */
async function doubtAbout({ store, target, abort }: SyncDeps, uuid: string): Promise<string | null> {
  const known = store.facts.get('index.uuid');
  if (known === undefined) return 'nothing is known of it yet';
  if (known !== uuid) return 'it is another one than before';
  const count = await target.count(abort);
  const expected = store.facts.get('index.count');
  if (String(count) !== expected) return `it has ${count} documents, ${expected ?? 'no number'} were left in it`;
  return null;
}

/** What decides which items are walked and how they are judged: a run is gone on with only if this is the same. */
function scopeOf(config: Config, rules: SyncRules, uuid: string): string {
  const { client_id, enterprise_id, user_id, jwt_config_file, is_enterprise, base_url, folders, users } = config.box;
  return fingerprint(
    [client_id, enterprise_id, user_id, jwt_config_file, is_enterprise, base_url, folders, users],
    rules.fingerprint,
    uuid,
  );
}

function rulesOf(config: Config): SyncRules {
  const parsed = parseSyncRules(config.sync_rules);
  if ('rules' in parsed) return parsed.rules;
  throw new ConfigError(parsed.problems.flatMap(({ messages }) => messages));
}

function source$(deps: SyncDeps, options: SyncOptions, run: Run, rules: SyncRules): Observable<Envelope<Change>> {
  const { access } = deps;
  const { box: settings, deletes } = options.config;
  const walk = { box: access.box, run };
  const shape = { concurrency: settings.listing.concurrency, prunes: (path: string) => rules.prunes(path) };
  const enterprise = { ...shape, includes: includesUser(settings.users), ownRoot: true };
  // A recording cannot be asked what has gone: a replay deletes nothing.
  if (access.recording !== undefined) return replay({ ...walk, recording: access.recording }, enterprise);
  const { folders } = settings;
  const accountWalk = defer(() =>
    from(folders).pipe(
      concatMap((id) => findFolder(walk, id, [])),
      toArray(),
      concatMap((roots) => folderWalk(walk, folders.length === 0 ? shape : { ...shape, roots })),
    ),
  );
  const items = access.isEnterprise
    ? enterpriseWalk(walk, { ...shape, includes: includesUser(settings.users), ownRoot: true, folders })
    : accountWalk;
  const absent = absentItems(walk, {
    maxShare: options.allowDeletes ? 1 : deletes.max_share,
    proofCalls: deletes.proof_calls,
    isNarrowed: folders.length > 0,
  });
  return concat(
    items,
    defer(() => absent),
  );
}

function weighOperation({ value }: Envelope<Operation>): number {
  return value.kind === 'delete' ? 60 : value.source.length + (value.kind === 'index' ? value.content.length : 0) + 160;
}

/** Runs to the end; an abort unsubscribes, which cancels every call within a tick. */
function untilAborted(work: Observable<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const subscription = work.subscribe({ complete: resolve, error: reject });
    const abort = () => {
      subscription.unsubscribe();
      reject(new Error('Aborted'));
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
