import { takeUntil, tap } from 'rxjs';
import type { Config } from '../config/schema.js';
import type { Clock } from '../core/clock.js';
import { PermanentError, TransientError } from '../core/errors.js';
import type { RunReport } from '../core/run-report.js';
import { whenAborted } from '../core/when-aborted.js';
import { Run } from '../state/run.js';
import type { RunKind, RunState } from '../state/runs.js';
import type { Store } from '../state/store.js';
import { beginRun, unsureFact } from './begin-run.js';
import type { BoxAccess } from './box-access.js';
import { boxSource } from './box-source.js';
import { configuredRules } from './configured-rules.js';
import { configuredRun } from './configured-run.js';
import type { Log } from './log.js';
import type { Target } from './target.js';
import { untilAborted } from './until-aborted.js';

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
  const rules = configuredRules(config);
  const prepared = await target.prepare(deps.abort);
  const begun = await beginRun(deps, options, rules.fingerprint, prepared);
  const outage = new AbortController();
  const stop = AbortSignal.any([deps.stop, deps.access.spent, outage.signal]);
  /** A stop that comes when there is nothing left to do stops nothing. */
  const ended = { whole: false };
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
  const source = boxSource(deps, options, run, rules, begun.unsure).pipe(
    tap({ complete: () => (ended.whole = true) }),
    takeUntil(whenAborted(stop)),
  );
  const outcomes = await configuredRun(deps, config, { run, source, rules });
  const end = (state: Exclude<RunState, 'running'>, report: RunReport): SyncResult => {
    for (const line of run.oddities.lines()) log.warn(line);
    store.runs.end(run.id, { state, endedAt: clock.now(), report });
    const stopped = state === 'interrupted' ? reasonOf(stop) : null;
    return { run: run.id, kind: run.kind, state, report, resumed: begun.resumed, stopped };
  };
  try {
    await untilAborted(outcomes, deps.abort);
  } catch (error) {
    if (deps.abort.aborted) return end('interrupted', run.tally.brokenOffReport());
    // Where the state itself cannot be written any more, this must not hide why.
    attempt(() => end('failed', run.tally.brokenOffReport()));
    throw error;
  }
  const report = run.tally.finalReport();
  // All that the index has accepted is in the state; unless an earlier end has left something that was not looked for.
  if (ended.whole || !begun.unsure) store.facts.set(unsureFact, 'no');
  if (!ended.whole) return end('interrupted', report);
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

function attempt(work: () => unknown): void {
  try {
    work();
  } catch {
    // There is nothing left to be done about it.
  }
}
