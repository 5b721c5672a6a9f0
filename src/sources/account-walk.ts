import { type Observable, from, toArray } from 'rxjs';
import type { Envelope } from '../core/envelope.js';
import { inOrder } from '../core/flatten.js';
import type { Change } from './change.js';
import { type FindFolderDeps, findFolder } from './find-folder.js';
import { type FolderWalkOptions, folderWalk } from './folder-walk.js';
import type { ListFolderDeps } from './list-folder.js';

export interface AccountWalkOptions extends Omit<FolderWalkOptions, 'roots'> {
  /** Ids of the folders whose contents are walked; empty or left out: all of the account. */
  readonly folders?: readonly string[];
}

/**
 * The walk of one account: of all of it, or of some folders, each found first by one call. What it holds and reports
 * is what `folderWalk` and `findFolder` do.
 */
export function accountWalk(
  deps: ListFolderDeps & FindFolderDeps,
  { folders = [], ...shape }: AccountWalkOptions,
): Observable<Envelope<Change>> {
  if (folders.length === 0) return folderWalk(deps, shape);
  return from(folders).pipe(
    inOrder((id) => findFolder(deps, id, [])),
    toArray(),
    inOrder((roots) => folderWalk(deps, { ...shape, roots })),
  );
}
