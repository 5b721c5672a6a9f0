import { type Observable, catchError, map, of, shareReplay, throwError } from 'rxjs';
import type { BoxApi } from '../box/box-api.js';
import type { BoxItem } from '../box/box-item.js';
import { inOrder } from '../core/flatten.js';
import { fromAbortable } from '../core/from-abortable.js';
import type { Run } from '../state/run.js';
import type { Found } from './change.js';
import { isUnreadable } from './list-folder.js';

export interface PlaceAtOwnerDeps {
  readonly box: Pick<BoxApi, 'getItem' | 'getFolder' | 'me'>;
  readonly run: Run;
}

export interface PlaceAtOwnerOptions {
  /** Whether this user's root is walked, through `as-user`. */
  readonly isWalked: (user: string) => boolean;
  /** Whether this user can be the token's own, whose root is walked as well. */
  readonly mayBeOwn: (user: string) => boolean;
}

export type PlaceAtOwner = Pick<Found, 'seenAs' | 'path' | 'parent' | 'ancestors'>;

/**
 * Where an item hangs that its owner's walk has not shown, if that is in a folder which a sync rule has kept the walk
 * from: there the rule says the same of the item, whoever else has it in the own root. `undefined`: anywhere else, or
 * Box does not say.
 *
 * Calls: none where nothing is pruned; else up to two for an item, and one of `users/me` in all.
 */
export function prunedPlaces(
  { box, run }: PlaceAtOwnerDeps,
  { isWalked, mayBeOwn }: PlaceAtOwnerOptions,
): (item: BoxItem) => Observable<PlaceAtOwner | undefined> {
  const { absence } = run.store;
  const own = fromAbortable((signal) => box.me(signal)).pipe(
    map(({ id }) => id),
    shareReplay({ bufferSize: 1, refCount: true }),
  );
  /** `undefined`: nobody whose root is walked. */
  const walkerOf = (owner: string): Observable<string | null | undefined> => {
    if (isWalked(owner)) return of(owner);
    return mayBeOwn(owner) ? own.pipe(map((id) => (id === owner ? null : undefined))) : of(undefined);
  };
  return (item) => {
    if (!absence.hasPruned()) return of(undefined);
    return walkerOf(item.owned_by?.id ?? '').pipe(
      inOrder((seenAs) =>
        seenAs === undefined ? of(undefined) : fromAbortable((signal) => prunedPlace(box, run, item, seenAs, signal)),
      ),
      catchError((error: unknown) => (isUnreadable(error) ? of(undefined) : throwError(() => error))),
    );
  };
}

async function prunedPlace(
  box: PlaceAtOwnerDeps['box'],
  { store: { absence } }: Run,
  { type, id, name }: BoxItem,
  seenAs: string | null,
  signal: AbortSignal,
): Promise<PlaceAtOwner | undefined> {
  const asUser = seenAs ?? undefined;
  const answer = await box.getItem(type, id, asUser, signal);
  const parent = 'item' in answer ? answer.item.parent?.id : undefined;
  if (parent === undefined || parent === '0') return undefined;
  const above = await box.getFolder(parent, asUser, signal);
  if (above === 'gone') return undefined;
  const ancestors = [...above.ancestors, parent];
  if (absence.placeOf(ancestors) !== 'pruned') return undefined;
  return { seenAs, path: `${above.path}/${name ?? id}`, parent, ancestors };
}
