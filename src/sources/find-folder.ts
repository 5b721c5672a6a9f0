import { EMPTY, type Observable, catchError, concat, defer, from, map, of, take, throwError } from 'rxjs';
import type { BoxApi, FolderPlace } from '../box/box-api.js';
import { inOrder } from '../core/flatten.js';
import { fromAbortable } from '../core/from-abortable.js';
import type { TopFolder } from '../state/frontier.js';
import type { Run } from '../state/run.js';
import { isUnreadable } from './list-folder.js';

export interface FindFolderDeps {
  readonly box: Pick<BoxApi, 'getFolder'>;
  readonly run: Run;
}

/**
 * Finds a folder that is to be walked by its id: as the token's own user, then as each of `viewers` until one sees it.
 * It is walked as its owner, if that is one of them, so that paths are the owner's. One that nobody sees, or that cannot
 * be asked for, is reported as `unread`. Calls: one for each user that is asked, and one more for the owner.
 */
export function findFolder(deps: FindFolderDeps, id: string, viewers: readonly string[]): Observable<TopFolder> {
  const { box, run } = deps;
  const failures: string[] = [];
  const ask = (viewer: string | null): Observable<{ place: FolderPlace; viewer: string | null }> =>
    fromAbortable((signal) => box.getFolder(id, viewer ?? undefined, signal)).pipe(
      inOrder((place) => (place === 'gone' ? EMPTY : of({ place, viewer }))),
      catchError((error: unknown) => {
        if (!isUnreadable(error)) return throwError(() => error);
        failures.push(error.message);
        return EMPTY;
      }),
    );
  const unread = defer(() => {
    const reason =
      failures[0] ?? `Box shows no folder with this id to ${viewers.length === 0 ? 'the account' : 'any user'}`;
    run.unfoundFolders.add(id);
    run.tally.unread({ type: 'folder', id, path: '', reason: `${reason}. Check "box.folders"` });
    return EMPTY;
  });
  return concat(
    from([null, ...viewers]).pipe(
      inOrder(ask),
      take(1),
      inOrder((found) => {
        const { owner } = found.place;
        if (found.viewer === owner || !viewers.includes(owner)) return of(found);
        return concat(ask(owner), of(found)).pipe(take(1));
      }),
      map(({ place, viewer }): TopFolder => ({ id, viewer, path: place.path, ancestors: place.ancestors })),
    ),
    unread,
  ).pipe(take(1));
}
