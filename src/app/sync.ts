import { takeUntil, tap } from 'rxjs';
import type { Config } from '../config/schema.js';
import type { Clock } from '../core/clock.js';
import { AbortedError, PermanentError, TransientError } from '../core/errors.js';
import type { RunReport } from '../core/run-report.js';
import type { Waits } from '../core/waits.js';
import { whenAborted } from '../core/when-aborted.js';
import { finalReportOf } from '../state/final-report-of.js';
import { Run } from '../state/run.js';
import type { RunKind, RunState } from '../state/runs.js';
import type { Store } from '../state/store.js';
import { beginRun, countFact, sharedFact, unsureFact, uuidFact } from './begin-run.js';
import type { BoxAccess } from './box-access.js';
import { boxSource } from './box-source.js';
import { configuredRules } from './configured-rules.js';
import { configuredRun } from './configured-run.js';
import { drainLimit } from './drain-limit.js';
import type { Log } from './log.js';
import { noticedDownloads } from './noticed-downloads.js';
import { runToEnd } from './run-to-end.js';
import type { Target } from './target.js';

export interface SyncDeps {
  readonly store: Store;
  readonly access: BoxAccess;
  readonly target: Target;
  /** That of `waits`. */
  readonly clock: Clock;
  /** What everything that waits for Box, for an extractor or for Elasticsearch does it with. */
  readonly waits: Waits;
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
  /** It went on with one that was stopped: what that had listed was not looked at again. */
  readonly resumed: boolean;
  /** Milliseconds since 1970: when it, or the one that it went on with, began. */
  readonly startedAt: number;
  /** Why it was stopped before its end, in words; `null` if it was not. */
  readonly stopped: string | null;
}

/**
 * One run: prepares the index, decides what kind of run it has to be, walks Box through the pipeline, deletes what has
 * gone, and keeps how it ended. Rejects if the run failed; the state then says so, and the next run goes on from it.
 */
export async function sync(deps: SyncDeps, options: SyncOptions): Promise<SyncResult> {
  const { waits, stop } = deps;
  // For what comes before the run and behind it, which only a signal stops: the run has a limit of its own.
  const drain = drainLimit(waits.plainClock, stop, options.config.service.drain_timeout * 1_000);
  try {
    return await syncUntil(deps, options, AbortSignal.any([deps.abort, drain.signal]));
  } finally {
    drain.cancel();
  }
}

async function syncUntil(whole: SyncDeps, options: SyncOptions, abort: AbortSignal): Promise<SyncResult> {
  const deps = { ...whole, abort };
  const { store, target, clock, log } = deps;
  const { config } = options;
  const rules = configuredRules(config);
  const prepared = await target.prepare(deps.abort);
  const begun = await beginRun(deps, options, rules.fingerprint, prepared);
  const outage = new AbortController();
  /** Aborted when the run has ended: nobody asks anything for it any more. */
  const over = new AbortController();
  const stop = AbortSignal.any([deps.stop, deps.access.spent, outage.signal]);
  /** A stop that comes when there is nothing left to do stops nothing. */
  const ended = { whole: false };
  const notAsked = AbortSignal.any([stop, deps.abort, over.signal]);
  const onTrouble = (reason: string) => void confirmOutage(deps, reason, outage, notAsked);
  const run = new Run(store, {
    id: begun.id,
    kind: begun.kind,
    rewrite: begun.rewrite,
    rows: config.pipeline_limits.rows,
    bytes: config.pipeline_limits.bytes,
    listingBytes: config.pipeline_limits.listing_bytes,
    rules: rules.fingerprint,
    before: begun.before,
    now: () => clock.now(),
    onTrouble,
  });
  deps.onRun?.(run);
  const end = (state: Exclude<RunState, 'running'>, report: RunReport): SyncResult => {
    for (const line of run.oddities.lines()) log.warn(line);
    store.runs.end(run.id, { state, endedAt: clock.now(), report });
    const stopped = state === 'interrupted' ? reasonOf(stop) : null;
    const { resumed, startedAt } = begun;
    return { run: run.id, kind: run.kind, state, report, resumed, startedAt, stopped };
  };
  try {
    const draining = { ...deps, abort: whole.abort, stop: AbortSignal.any([deps.stop, outage.signal]) };
    await runToEnd(draining, config, run, (watched) => {
      const access = { ...watched, box: noticedDownloads(watched.box, onTrouble) };
      const source = boxSource({ ...deps, access }, options, run, rules, begun.unsure).pipe(
        tap({ complete: () => (ended.whole = true) }),
        takeUntil(whenAborted(stop)),
      );
      return configuredRun({ ...deps, access }, config, { run, source, rules });
    }).finally(() => over.abort());
  } catch (error) {
    if (error instanceof AbortedError && (deps.abort.aborted || stop.aborted)) {
      return end('interrupted', run.tally.brokenOffReport());
    }
    // Where the state itself cannot be written any more, this must not hide why.
    attempt(() => end('failed', run.tally.brokenOffReport()));
    throw error;
  }
  let report: RunReport;
  try {
    report = finalReportOf(run);
  } catch (error) {
    attempt(() => end('failed', run.tally.brokenOffReport()));
    throw error;
  }
  // All that the index has accepted is in the state; unless an earlier end has left something that was not looked for.
  if (ended.whole || !begun.unsure) store.facts.set(unsureFact, 'no');
  run.assertAlone();
  if (!ended.whole) {
    await keepCount(deps, prepared.uuid);
    if (deps.access.spent.aborted) store.facts.set(sharedFact, 'yes');
    return end('interrupted', report);
  }
  const incomplete = report.unread.length > 0 || report.rejected > 0 || report.deletesHeld > 0;
  const now = await ifAnswered(() => target.look(deps.abort), log);
  if (now !== undefined && now.uuid !== prepared.uuid) {
    end('failed', report);
    throw new PermanentError(
      `Cannot finish the run: ${target.name} was deleted or replaced meanwhile, expected the one that the run began with. Run again: everything is then written anew`,
    );
  }
  await keepCount(deps, prepared.uuid);
  store.frontier.clear();
  store.absence.clear();
  store.contentTries.forgetGone();
  // What is in a folder that could not be read may be there.
  const startedAt = store.runs.last()?.startedAt;
  if (report.unread.length === 0 && startedAt !== undefined) store.deadLetters.forgetGone(startedAt);
  store.catalogue.forgetRules();
  const result = end(incomplete ? 'incomplete' : 'complete', report);
  log.debug({ run: run.id, state: result.state }, 'Run ended');
  return result;
}

/** What the index holds when the run leaves it: if the next one finds it otherwise, it reads the index. */
async function keepCount({ store, target, abort, log }: SyncDeps, uuid: string): Promise<void> {
  store.facts.set(uuidFact, uuid);
  const count = await ifAnswered(() => target.count(abort), log);
  // Not counted: what the catalogue says. Strangers in the index make the next run look.
  store.facts.set(countFact, String(count ?? store.catalogue.indexed()));
}

/**
 * So many folders or files in a row could not be read that Box may be down as a whole: if it does not answer the simplest
 * question either, the run stops here, and the next one goes on, instead of giving up one after the other.
 */
async function confirmOutage(
  { access, log }: SyncDeps,
  reason: string,
  outage: AbortController,
  /** The run stops or ends anyhow. */
  notAsked: AbortSignal,
): Promise<void> {
  if (notAsked.aborted) return;
  log.warn(
    `Many folders or files in a row could not be read: asking Box whether it is there at all. The last reason: ${reason}`,
  );
  try {
    await access.box.me(notAsked);
  } catch (error) {
    if (error instanceof TransientError) outage.abort(`Box does not answer: ${error.message}`);
  }
}

/** What is only asked for the sake of the next run, behind all that this one has done, undoes nothing of it. */
async function ifAnswered<T>(ask: () => Promise<T>, log: Log): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    log.warn(`Everything is written, but what the index holds could not be looked at: ${error.message}`);
    return undefined;
  }
}

function reasonOf(stop: AbortSignal): string {
  return typeof stop.reason === 'string' ? stop.reason : 'a signal asked for it';
}

function attempt(work: () => unknown): void {
  try {
    work();
  } catch {
    // There is nothing left to be done about it.
  }
}
