import { EMPTY, type Observable, catchError, concat, defer, from, map, tap, throwError, toArray } from 'rxjs';
import type { BoxApi, UserPage } from '../box/box-api.js';
import type { BoxItem } from '../box/box-item.js';
import { type Oddity, parseItem } from '../box/parse-item.js';
import type { BoxUser } from '../box/parse-user.js';
import type { Envelope } from '../core/envelope.js';
import { PermanentError } from '../core/errors.js';
import { flatten, inOrder } from '../core/flatten.js';
import { fromAbortable } from '../core/from-abortable.js';
import { messageOf } from '../core/message-of.js';
import { paged } from '../core/paged.js';
import { itemKey } from '../state/catalogue.js';
import type { Deferred, FrontierFolder, TopFolder } from '../state/frontier.js';
import type { Run } from '../state/run.js';
import { type Prunes, askPrunes } from './ask-prunes.js';
import type { Change, Found } from './change.js';
import { findFolder } from './find-folder.js';
import { walkFrontier } from './folder-walk.js';
import { type ListFolderOptions, isUnreadable } from './list-folder.js';
import { MarkerLoop } from './marker-loop.js';
import { type PlaceAtOwner, type PlaceAtOwnerOptions, prunedPlaces } from './place-at-owner.js';

/** Deferred entries looked at in one go. */
const deferredBatch = 200;

export interface EnterpriseWalkDeps {
  readonly box: Pick<BoxApi, 'listFolder' | 'getItem' | 'listUsers' | 'getFolder' | 'me'>;
  readonly run: Run;
}

type Includes = (user: BoxUser) => boolean;

export interface EnterpriseWalkOptions extends Partial<Pick<ListFolderOptions, 'prunes'>> {
  readonly concurrency: number;
  /** Whether this user's items are walked. Default: everybody's. If it throws, the run fails before anything is listed. */
  readonly includes?: Includes;
  /** Whether the root of the token's own user is walked: not when that user is in the list of users as well. Default `true`. */
  readonly ownRoot?: boolean;
  /** Ids of the folders whose contents are walked, whoever owns them; empty or left out: all roots. */
  readonly folders?: readonly string[];
}

/**
 * The items of all active users (through `as-user`) and of the token's own user (the service account), each once and
 * as its owner sees it: an entry in a viewer's root that an active user owns, or somebody who is not in the list, is
 * left to the owner's walk; what no owner's walk has shown is taken from the first viewer's after all, unless a sync
 * rule keeps the owner's walk from where it is: the rule then says the same of it here.
 *
 * Calls: pages of users, one for each 1,000 entries of each folder, one for each item that turns up in a second
 * place during the walk, and, where a rule prunes folders, up to two for each that no owner's walk has shown. A user or folder that cannot be read, and an empty list of users, are reported as `unread`.
 * Holds the ids of the active users and one page for each of `concurrency` folders.
 */
export function enterpriseWalk(
  deps: EnterpriseWalkDeps,
  { concurrency, includes = () => true, ownRoot = true, folders = [], prunes = () => null }: EnterpriseWalkOptions,
): Observable<Envelope<Change>> {
  const { run } = deps;
  return readUsers(deps).pipe(
    inOrder((users) => {
      const active = users.filter((user) => user.status !== 'inactive');
      const listed = new Set(users.map(({ id }) => id));
      const walked = new Set(active.filter((user) => isIncluded(includes, user)).map(({ id }) => id));
      for (const { id } of active) if (!walked.has(id)) run.excludedViewers.add(id);
      // Who is not in the list may be the token's own user: then its root shows the item as the owner sees it.
      const mayBeOwn = (owner: string) => ownRoot && !listed.has(owner);
      const owners: PlaceAtOwnerOptions = { isWalked: (owner) => walked.has(owner), mayBeOwn };
      const options: ListFolderOptions = {
        prunes,
        isNamed: (id) => folders.includes(id),
        // No root of the owner is walked: what a root shows is shared.
        staysInRoot: (item) => !walked.has(ownerOf(item)),
        leaveToOwner: (item, folder) => {
          if (!isRoot(folder)) return false;
          const owner = ownerOf(item);
          if (owner === folder.viewer) return false;
          if (folder.viewer === null) return walked.has(owner);
          return walked.has(owner) || mayBeOwn(owner);
        },
      };
      return concat(
        addRoots(deps, walked, ownRoot, folders),
        walkFrontier(deps, options, concurrency),
        leftOver(deps, options, { ...owners, concurrency }),
        walkFrontier(deps, options, concurrency),
      );
    }),
  );
}

/** One that cannot be told is neither walked nor left out, which would delete documents: a person has to look. */
function isIncluded(includes: Includes, user: BoxUser): boolean {
  try {
    return includes(user);
  } catch (error) {
    throw new PermanentError(
      `Cannot tell whether the user ${user.id} is walked: "includes" failed with "${messageOf(error)}", expected true or false. Mend the function, and run again`,
      { cause: error },
    );
  }
}

/** Puts into the frontier where the walk begins; emits nothing. */
function addRoots(
  deps: EnterpriseWalkDeps,
  users: ReadonlySet<string>,
  ownRoot: boolean,
  folders: readonly string[],
): Observable<never> {
  const { frontier } = deps.run;
  if (folders.length > 0) {
    return from(folders).pipe(
      inOrder((id) => findFolder(deps, id, [...users])),
      inOrder((folder) => {
        frontier.add([folder]);
        return EMPTY;
      }),
    );
  }
  return defer(() => {
    frontier.add([...users].map((id) => ({ id: '0', viewer: id, path: '', ancestors: [] })));
    if (ownRoot) frontier.add([{ id: '0', viewer: null, path: '', ancestors: [] }]);
    return EMPTY;
  });
}

function isRoot(folder: FrontierFolder): boolean {
  return folder.id === '0';
}

function ownerOf(item: BoxItem): string {
  return item.owned_by?.id ?? '';
}

/** The whole list of users; what of it cannot be read is reported. */
function readUsers({ box, run }: EnterpriseWalkDeps): Observable<readonly BoxUser[]> {
  const unread = (reason: string) => run.tally.unread({ type: 'users', id: '', path: '', reason });
  const known = new Set<string>();
  const isNew = ({ id }: BoxUser) => !known.has(id) && known.add(id) === known;
  /** Without those who were on an earlier page: pages that bring nobody new come to an end. */
  const readPage = (marker: string | null) =>
    fromAbortable((signal) => box.listUsers({ marker }, signal)).pipe(
      map((page): UserPage => ({ ...page, users: page.users.filter(isNew) })),
    );
  const loop = new MarkerLoop();
  return paged<UserPage>((before) => {
    if (before === undefined) return readPage(null);
    if (before.nextMarker === null) return undefined;
    const circle = loop.next(before.nextMarker, 'the list of users', before.users.map(({ id }) => id).join());
    return circle === undefined ? readPage(before.nextMarker) : throwError(() => circle);
  }).pipe(
    catchError((error: unknown) => {
      if (!isUnreadable(error)) return throwError(() => error);
      unread(error.message);
      return EMPTY;
    }),
    inOrder(({ users, problems }) => {
      for (const problem of problems) unread(`Cannot read a user: ${problem}`);
      return users;
    }),
    toArray(),
    tap((users) => {
      if (users.length === 0 && run.tally.unreadCount === 0) {
        unread(
          'Box lists no users, expected at least one. Look whether the app may manage users and is authorised by the administrator',
        );
      }
    }),
  );
}

/**
 * Entries that were left to owners whose walk did not show them (it was refused, or the item hangs where only others
 * can see it, or where a rule keeps the walk from looking): taken as their first viewer sees them, or, in the last case,
 * as their owner does. Reads the store batch by batch, each after room in the ledger.
 */
function leftOver(
  deps: EnterpriseWalkDeps,
  { prunes }: ListFolderOptions,
  { concurrency, ...owners }: PlaceAtOwnerOptions & { readonly concurrency: number },
): Observable<Envelope<Change>> {
  const { run } = deps;
  const size = Math.min(deferredBatch, run.ledger.limit);
  const placeOf = prunedPlaces(deps, owners);
  const read = (after: number): Observable<LeftOver> | undefined => {
    const batch = run.frontier.deferred(after, size);
    const last = batch.at(-1);
    if (last === undefined) return undefined;
    return run.ledger.reserve(batch.length).pipe(
      inOrder(() =>
        unshown(run, batch).pipe(
          flatten(
            (entry) => placeOf(entry.item).pipe(map((place): Unshown => ({ ...entry, ...(place && { place }) }))),
            concurrency,
          ),
          toArray(),
        ),
      ),
      map((entries) => ({ after: last.seq, envelopes: acceptDeferred(run, entries, batch.length, prunes) })),
    );
  };
  return defer(() => run.quiet()).pipe(
    inOrder(() => paged<LeftOver>((before) => read(before?.after ?? 0))),
    inOrder(({ envelopes }) => run.gates.admit(envelopes)),
    inOrder((envelopes) => envelopes),
  );
}

interface LeftOver {
  /** Row of the last of them. */
  readonly after: number;
  readonly envelopes: readonly Envelope<Change>[];
}

/** A deferred entry that the run has not seen. */
interface Unshown {
  readonly item: BoxItem;
  readonly viewer: string | null;
  /** Of the entry. */
  readonly bytes: number;
  readonly odd: readonly Oddity[];
  /** Where its owner has it, if that counts. */
  readonly place?: PlaceAtOwner;
}

function unshown(run: Run, batch: readonly Deferred[]): Observable<Unshown> {
  const known = run.known(batch.map(({ id }) => id));
  return from(
    batch.flatMap(({ viewer, entry }): readonly Unshown[] => {
      const parsed = parseItem(entry);
      if (!('item' in parsed)) return [];
      const { item } = parsed;
      if (run.seenIn(item, known.get(itemKey(item.type, item.id))) !== undefined) return [];
      const { odd = [] } = entry as { readonly odd?: readonly Oddity[] };
      return [{ item, viewer, odd, bytes: JSON.stringify(entry).length }];
    }),
  );
}

function acceptDeferred(
  run: Run,
  entries: readonly Unshown[],
  reserved: number,
  prunes: Prunes,
): readonly Envelope<Change>[] {
  const known = run.known(entries.map(({ item }) => item.id));
  const page = run.detachedPage();
  const envelopes: Envelope<Change>[] = [];
  const folders: TopFolder[] = [];
  const pruned: TopFolder[] = [];
  for (const { viewer, item, odd, bytes, place } of entries) {
    const change: Found = {
      kind: 'found',
      item,
      documentId: run.documentId(item, known),
      ...(place ?? { seenAs: viewer, path: `/${item.name ?? item.id}`, parent: '0', ancestors: ['0'] }),
      known: known.get(itemKey(item.type, item.id)),
    };
    envelopes.push(run.found(change, page, { bytes }));
    run.oddities.note(odd, { type: item.type, id: item.id, path: change.path });
    if (item.type === 'folder') {
      const { seenAs, path, ancestors } = change;
      const folder: TopFolder = { id: item.id, viewer: seenAs, path, ancestors };
      if (typeof askPrunes(prunes, path) === 'string') pruned.push(folder);
      else folders.push(folder);
    }
  }
  run.frontier.prune(pruned);
  run.frontier.add(folders);
  run.ledger.release(reserved - envelopes.length);
  return envelopes;
}
