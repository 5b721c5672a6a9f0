import type { Config } from '../config/schema.js';
import { fingerprint } from '../core/fingerprint.js';
import type { RunReport } from '../core/run-report.js';
import type { RunKind, RunRow } from '../state/runs.js';
import type { SyncDeps, SyncOptions } from './sync.js';
import { takeCensus } from './take-census.js';
import type { PreparedTarget } from './target.js';
import { untilAborted } from './until-aborted.js';

/** Whether a run is under way, or did not end well: what the index has accepted last may then not be in the state. */
export const unsureFact = 'index.unsure';

/** The index that the last run has left, and how many documents it then held. */
export const uuidFact = 'index.uuid';
export const countFact = 'index.count';

/** Milliseconds for which the run that is gone on with was not at work, all its pauses together. */
const pausedFact = 'run.paused';

/** Whether the run before ended since its calls were used up: as configured, runs share the work then. */
export const sharedFact = 'run.shared';

/** The run that is to be done. */
export interface BegunRun {
  readonly id: number;
  readonly kind: RunKind;
  readonly rewrite: boolean;
  readonly before: RunReport | null;
  readonly resumed: boolean;
  /** Milliseconds since 1970: nothing that it has listed was listed before. */
  readonly startedAt: number;
  /** It goes on with one, and the index may not be what the catalogue says: it is read when the walk has ended. */
  readonly unsure: boolean;
}

/**
 * Goes on with a run that was stopped, or starts one: full if what is known of the index may not be true. A run that
 * did less than what is asked for now, or was stopped too long ago, is not gone on with; but what it has not listed yet
 * is listed first, so that runs which are stopped again and again come to an end.
 */
export async function beginRun(
  deps: SyncDeps,
  options: SyncOptions,
  rules: string,
  { uuid, created }: PreparedTarget,
): Promise<BegunRun> {
  const { store, clock, log } = deps;
  const { rewrite, config } = options;
  const scope = scopeOf(config, rules, uuid);
  const unsure = store.facts.get(unsureFact) === 'yes';
  store.facts.set(unsureFact, 'yes');
  const doubt = await doubtAbout(deps, uuid, unsure);
  const isShared = store.facts.get(sharedFact) === 'yes';
  store.facts.set(sharedFact, 'no');
  const last = store.runs.last();
  const isCutOff =
    last !== undefined && last.state !== 'complete' && last.state !== 'incomplete' && last.scope === scope;
  if (isCutOff) {
    const rest = isShared ? 0 : Math.max(0, clock.now() - last.seenAt);
    const paused = Number(store.facts.get(pausedFact) ?? 0) + rest;
    const obstacle = whyAnew(last, options, paused);
    const how = `Run ${last.id} was ${last.state === 'running' ? 'cut off' : last.state}`;
    if (obstacle === null) {
      store.facts.set(pausedFact, String(paused));
      store.frontier.resume();
      store.runs.reopen(last.id);
      log.info({ run: last.id, folders: store.frontier.waiting() }, `${how}: going on where it was`);
      if (doubt !== null && !unsure) log.info(`Reading the index when all is listed: ${doubt}`);
      const asked = options.kind === 'full';
      const { id, kind, startedAt, report } = last;
      const isUnsure = doubt !== null || asked;
      return { id, kind, rewrite: last.rewrite, before: report, resumed: true, startedAt, unsure: isUnsure };
    }
    log.info({ run: last.id }, `${how}: everything is looked at anew, what it has not listed first: ${obstacle}`);
  }
  const kind: RunKind = doubt === null ? options.kind : 'full';
  if (kind === 'full' && !created) {
    if (doubt !== null) log.info(`Reading the index first: ${doubt}`);
    // Millions of documents take a while: a stop need not wait for them, and what was read counts for nothing until the end.
    await untilAborted(takeCensus(deps), AbortSignal.any([deps.stop, deps.abort]));
  } else if (created && store.catalogue.indexed() > 0) {
    store.census.begin();
    store.census.end();
  }
  if (isCutOff) store.frontier.age();
  else store.frontier.clear();
  store.facts.set(pausedFact, '0');
  const startedAt = clock.now();
  const id = store.runs.start({ kind, rewrite, startedAt, scope });
  return { id, kind, rewrite, before: null, resumed: false, startedAt, unsure: false };
}

/** Why the run cannot be gone on with; `null`: it can. */
function whyAnew(last: RunRow, { kind, rewrite, config }: SyncOptions, paused: number): string | null {
  if (rewrite && !last.rewrite) return 'everything has to be written again';
  if (kind === 'full' && last.kind !== 'full') return 'the index has to be read first';
  const within = config.run.resume_within * 1_000;
  if (paused <= within) return null;
  return `it rested for ${Math.round(paused / 1_000)} s, and Box may have changed (run.resume_within: ${config.run.resume_within})`;
}

/** Why the catalogue cannot be trusted to say what the index holds; `null`: it can. */
async function doubtAbout({ store, target, abort }: SyncDeps, uuid: string, unsure: boolean): Promise<string | null> {
  if (unsure) return 'the run before was cut off';
  const known = store.facts.get(uuidFact);
  if (known === undefined) return 'nothing is known of it yet';
  if (known !== uuid) return 'it is another one than before';
  const count = await target.count(abort);
  const expected = store.facts.get(countFact);
  if (String(count) !== expected) return `it has ${count} documents, ${expected ?? 'no number'} were left in it`;
  return null;
}

/** What decides which items are walked and how they are judged: a run is gone on with only if this is the same. */
function scopeOf(config: Config, rules: string, uuid: string): string {
  const { client_id, enterprise_id, user_id, jwt_config, is_enterprise, base_url, folders, users } = config.box;
  return fingerprint(
    [client_id, enterprise_id, user_id, jwt_config, is_enterprise, base_url, folders, users],
    rules,
    uuid,
  );
}
