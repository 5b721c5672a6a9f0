import { type Observable, defer } from 'rxjs';
import type { Envelope } from '../core/envelope.js';
import { inOrder } from '../core/flatten.js';
import { pump } from '../core/pump.js';
import type { TopFolder } from '../state/frontier.js';
import type { Change } from './change.js';
import { type ListFolderDeps, type ListFolderOptions, listFolder } from './list-folder.js';

export interface FolderWalkOptions extends Partial<Pick<ListFolderOptions, 'prunes'>> {
  /** Folders whose contents are walked; the account's root unless told otherwise. */
  readonly roots?: readonly TopFolder[];
  /** Folders listed at once. */
  readonly concurrency: number;
}

const ownRoot: TopFolder = { id: '0', viewer: null, path: '', ancestors: [] };

/**
 * Everything below the account's root (or the given roots): files, folders and web links, each once.
 *
 * One listing call for each 1,000 entries of a folder and no other. The folders to be listed are in the run's
 * frontier, so a run that was stopped goes on; each listing call waits for room in the run's ledger. A folder that
 * cannot be read is reported as `unread` and ends nothing else. Holds one page for each of `concurrency` folders.
 */
export function folderWalk(
  deps: ListFolderDeps,
  { roots = [ownRoot], concurrency, prunes = () => null }: FolderWalkOptions,
): Observable<Envelope<Change>> {
  return defer(() => {
    deps.run.frontier.add(roots);
    const named = new Set(roots.map(({ id }) => id));
    return walkFrontier(deps, { prunes, isNamed: (id) => named.has(id) }, concurrency);
  });
}

/** Lists what is in the frontier and what joins it, until nothing is left. */
export function walkFrontier(
  deps: ListFolderDeps,
  options: ListFolderOptions,
  concurrency: number,
): Observable<Envelope<Change>> {
  return pump(
    () => deps.run.frontier.take(),
    (folder) => listFolder(deps, folder, options),
    concurrency,
  ).pipe(inOrder((envelopes) => envelopes));
}
