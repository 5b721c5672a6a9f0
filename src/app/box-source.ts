import { EMPTY, type Observable, concat, concatMap, from, toArray } from 'rxjs';
import type { BoxApi } from '../box/box-api.js';
import type { Envelope } from '../core/envelope.js';
import type { SyncRules } from '../operators/sync-rules/sync-rules.js';
import { absentItems } from '../sources/absent-items.js';
import type { Change } from '../sources/change.js';
import { enterpriseWalk } from '../sources/enterprise-walk.js';
import { findFolder } from '../sources/find-folder.js';
import { type FolderWalkOptions, folderWalk } from '../sources/folder-walk.js';
import { strangers } from '../sources/strangers.js';
import { replay } from '../sources/replay.js';
import type { Run } from '../state/run.js';
import { includesUser } from './includes-user.js';
import type { SyncDeps, SyncOptions } from './sync.js';

/** The walk that the configuration asks for, and behind it what has gone from Box. */
export function boxSource(
  deps: Pick<SyncDeps, 'access'>,
  options: Pick<SyncOptions, 'config' | 'allowDeletes'>,
  run: Run,
  rules: SyncRules,
): Observable<Envelope<Change>> {
  const { access } = deps;
  const { box: settings, deletes } = options.config;
  const walk = { box: access.box, run };
  const shape = { concurrency: settings.listing.concurrency, prunes: (path: string) => rules.prunes(path) };
  const enterprise = { ...shape, includes: includesUser(settings.users), ownRoot: true };
  // A recording cannot be asked what has gone: a replay deletes nothing.
  if (access.recording !== undefined) return replay({ ...walk, recording: access.recording }, enterprise);
  const { folders } = settings;
  const items = access.isEnterprise
    ? enterpriseWalk(walk, { ...enterprise, folders })
    : accountWalk(walk, shape, folders);
  const absent = absentItems(walk, {
    maxShare: options.allowDeletes ? 1 : deletes.max_share,
    proofCalls: deletes.proof_calls,
    isNarrowed: folders.length > 0,
  });
  // Only a run that has read the index knows of them.
  const others = deletes.unknown_documents && run.kind === 'full' ? strangers({ run }) : EMPTY;
  return concat(items, absent, others);
}

/** The walk of one account: of all of it, or of the folders that the configuration names. */
function accountWalk(
  walk: { readonly box: BoxApi; readonly run: Run },
  shape: FolderWalkOptions,
  folders: readonly string[],
): Observable<Envelope<Change>> {
  if (folders.length === 0) return folderWalk(walk, shape);
  return from(folders).pipe(
    concatMap((id) => findFolder(walk, id, [])),
    toArray(),
    concatMap((roots) => folderWalk(walk, { ...shape, roots })),
  );
}
