import { lastValueFrom, tap } from 'rxjs';
import type { Config } from '../config/schema.js';
import { fingerprint } from '../core/fingerprint.js';
import type { RunReport } from '../core/run-report.js';
import type { RunKind } from '../state/runs.js';
import type { SyncDeps, SyncOptions } from './sync.js';
import type { PreparedTarget } from './target.js';

/** The run that is to be done. */
export interface BegunRun {
  readonly id: number;
  readonly kind: RunKind;
  readonly rewrite: boolean;
  readonly before: RunReport | null;
  readonly resumed: boolean;
}

/** Goes on with a run that was stopped, or starts one: full if what is known of the index may not be true. */
export async function beginRun(
  deps: SyncDeps,
  options: SyncOptions,
  rules: string,
  { uuid, created }: PreparedTarget,
): Promise<BegunRun> {
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
    await lastValueFrom(target.documents(access.isEnterprise).pipe(tap((page) => store.census.add(page))), {
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
function scopeOf(config: Config, rules: string, uuid: string): string {
  const { client_id, enterprise_id, user_id, jwt_config_file, is_enterprise, base_url, folders, users } = config.box;
  return fingerprint(
    [client_id, enterprise_id, user_id, jwt_config_file, is_enterprise, base_url, folders, users],
    rules,
    uuid,
  );
}
