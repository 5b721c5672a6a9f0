import { lastValueFrom } from 'rxjs';
import type { Config } from '../config/schema.js';
import { fingerprint } from '../core/fingerprint.js';
import type { RunReport } from '../core/run-report.js';
import type { RunKind } from '../state/runs.js';
import type { SyncDeps, SyncOptions } from './sync.js';
import { takeCensus } from './take-census.js';
import type { PreparedTarget } from './target.js';

/** Whether a run is under way, or did not end well: what the index has accepted last may then not be in the state. */
export const unsureFact = 'index.unsure';

/** The run that is to be done. */
export interface BegunRun {
  readonly id: number;
  readonly kind: RunKind;
  readonly rewrite: boolean;
  readonly before: RunReport | null;
  readonly resumed: boolean;
  /** It goes on with one that did not end well: the index may hold documents that the catalogue does not know of. */
  readonly unsure: boolean;
}

/** Goes on with a run that was stopped, or starts one: full if what is known of the index may not be true. */
export async function beginRun(
  deps: SyncDeps,
  options: SyncOptions,
  rules: string,
  { uuid, created }: PreparedTarget,
): Promise<BegunRun> {
  const { store, clock, log } = deps;
  const scope = scopeOf(options.config, rules, uuid);
  const unsure = store.facts.get(unsureFact) === 'yes';
  store.facts.set(unsureFact, 'yes');
  const last = store.runs.last();
  if (last !== undefined && last.state !== 'complete' && last.state !== 'incomplete' && last.scope === scope) {
    store.frontier.resume();
    store.runs.reopen(last.id);
    log.info(
      { run: last.id, folders: store.frontier.waiting() },
      `Run ${last.id} was ${last.state === 'running' ? 'cut off' : last.state}: going on where it was`,
    );
    return { id: last.id, kind: last.kind, rewrite: last.rewrite, before: last.report, resumed: true, unsure };
  }
  const doubt = await doubtAbout(deps, uuid, unsure);
  const kind: RunKind = doubt === null ? options.kind : 'full';
  if (kind === 'full' && !created) {
    if (doubt !== null) log.info(`Reading the index first: ${doubt}`);
    await lastValueFrom(takeCensus(deps));
  } else if (created && store.catalogue.indexed() > 0) {
    store.census.begin();
    store.census.end();
  }
  store.frontier.clear();
  const rewrite = options.rewrite;
  const id = store.runs.start({ kind, rewrite, startedAt: clock.now(), scope });
  return { id, kind, rewrite, before: null, resumed: false, unsure: false };
}

/** Why the catalogue cannot be trusted to say what the index holds; `null`: it can. */
async function doubtAbout({ store, target, abort }: SyncDeps, uuid: string, unsure: boolean): Promise<string | null> {
  if (unsure) return 'the run before was cut off';
  const known = store.facts.get('index.uuid');
  if (known === undefined) return 'nothing is known of it yet';
  if (known !== uuid) return 'it is another one than before';
  const count = await target.count(abort);
  const expected = store.facts.get('index.count');
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
