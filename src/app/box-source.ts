import { EMPTY, type Observable, concat, defer, ignoreElements } from 'rxjs';
import type { Envelope } from '../core/envelope.js';
import { fromAbortable } from '../core/from-abortable.js';
import { inOrder } from '../core/flatten.js';
import type { SyncRules } from '../operators/sync-rules/sync-rules.js';
import { accountWalk } from '../sources/account-walk.js';
import { absentItems } from '../sources/absent-items.js';
import type { Change } from '../sources/change.js';
import { enterpriseWalk } from '../sources/enterprise-walk.js';
import { strangers } from '../sources/strangers.js';
import { replay } from '../sources/replay.js';
import type { Run } from '../state/run.js';
import { includesUser } from './includes-user.js';
import type { SyncDeps, SyncOptions } from './sync.js';
import { takeCensus } from './take-census.js';

/** The walk that the configuration asks for, and behind it what has gone from Box. */
export function boxSource(
  deps: Pick<SyncDeps, 'access' | 'store' | 'target' | 'log' | 'abort'>,
  options: Pick<SyncOptions, 'config' | 'allowDeletes'>,
  run: Run,
  rules: SyncRules,
  /** The index may hold documents that the catalogue does not know of: it is read before anything is deleted. */
  unsure: boolean,
): Observable<Envelope<Change>> {
  const { access } = deps;
  const { box: settings, deletes } = options.config;
  const walk = { box: access.box, run };
  const { folders, listing } = settings;
  const shape = { concurrency: listing.concurrency, prunes: (path: string) => rules.prunes(path), folders };
  const enterprise = { ...shape, includes: includesUser(settings.users), ownRoot: true };
  // A recording cannot be asked what has gone: a replay deletes nothing.
  if (access.recording !== undefined) return replay({ ...walk, recording: access.recording }, enterprise);
  const look = () => (access.isEnterprise ? enterpriseWalk(walk, enterprise) : accountWalk(walk, shape));
  /** Once more while folders wait: what has settled last may have shown that one was listed at a place that it had before. */
  const items = (): Observable<Envelope<Change>> =>
    concat(
      look(),
      defer(() => run.quiet()).pipe(ignoreElements()),
      defer(() => (run.frontier.waiting() > 0 ? items() : EMPTY)),
    );
  const absent = absentItems(walk, {
    maxShare: options.allowDeletes ? 1 : deletes.max_share,
    proofCalls: deletes.proof_calls,
    undecidedMs: deletes.undecided_after * 1_000,
    concurrency: listing.concurrency,
    isNarrowed: folders.length > 0,
  });
  // Only a run that has read the index knows of them.
  const others = deletes.unknown_documents && run.kind === 'full' ? strangers({ run }) : EMPTY;
  const walked = defer(() => {
    run.frontier.dropAged();
    return EMPTY;
  });
  return concat(items(), unsure ? lookAgain(deps, run, items) : EMPTY, walked, absent, others);
}

/**
 * When all that was listed is in the index: reads it, for what a run that was cut off has left there. What the index
 * does not hold as the run has left it is listed again.
 */
function lookAgain(
  deps: Pick<SyncDeps, 'access' | 'store' | 'target' | 'log' | 'abort'>,
  run: Run,
  items: () => Observable<Envelope<Change>>,
): Observable<Envelope<Change>> {
  if (deps.target.documents === null) return EMPTY;
  const read = run.quiet().pipe(
    // Counting refreshes: what was written can be read from then on.
    inOrder(() => fromAbortable((signal) => deps.target.count(signal))),
    inOrder(() => takeCensus(deps)),
    ignoreElements(),
  );
  return concat(
    read,
    defer(() => (run.frontier.lookAgain() > 0 ? items() : EMPTY)),
  );
}
