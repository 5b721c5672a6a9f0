import { EMPTY, type Observable, catchError, concat, defer, finalize, from, map, of, tap, throwError } from 'rxjs';
import type { BoxApi, ItemPage, ParsedEntry } from '../box/box-api.js';
import type { Oddity } from '../box/parse-item.js';
import type { BoxItem } from '../box/box-item.js';
import { lostSightAdvice } from '../box/lost-sight-advice.js';
import type { Hold } from '../core/budget.js';
import type { Envelope } from '../core/envelope.js';
import { PermanentError, StateError, TransientError } from '../core/errors.js';
import { fingerprint } from '../core/fingerprint.js';
import { inOrder } from '../core/flatten.js';
import { fromAbortable } from '../core/from-abortable.js';
import { pump } from '../core/pump.js';
import type { FrontierFolder, NewFolder } from '../state/frontier.js';
import { itemKey } from '../state/catalogue.js';
import type { ListedPage, Run } from '../state/run.js';
import type { Change, Found } from './change.js';
import { type Prunes, askPrunes } from './ask-prunes.js';
import { MarkerLoop } from './marker-loop.js';

/** Entries of one listing call: Box's maximum. */
const pageSize = 1_000;

export interface ListFolderDeps {
  readonly box: Pick<BoxApi, 'listFolder' | 'getItem'>;
  readonly run: Run;
}

export interface ListFolderOptions {
  /** A folder over which it throws is reported as one that cannot be read. */
  readonly prunes: Prunes;
  /** True for an entry that is left to its owner's walk. */
  readonly leaveToOwner?: (item: BoxItem, folder: FrontierFolder) => boolean;
  /**
   * True for an item that stays in the root that has shown it, though a folder shows it too: it is shared on its own and
   * with a folder above it, so that it has both places, and would go to and fro between them. Default: none.
   */
  readonly staysInRoot?: (item: BoxItem) => boolean;
  /** True for a folder that the configuration names: if nothing else has shown it, it is missed when it is gone. Default: none. */
  readonly isNamed?: (id: string) => boolean;
}

interface Listed {
  readonly next: string | null;
  readonly envelopes: readonly Envelope<Change>[];
  /** Entries that this run has already seen in another place; Box has to say where they are. */
  readonly elsewhere: readonly Found[];
  readonly page: ListedPage;
  /** Bytes of Box's answer for each entry, on average. */
  readonly entryBytes: number;
  /** What the page takes in memory until its last entry has passed on. */
  readonly hold: Hold;
  /** Says what is on the page, if it leads on; `''`: nothing. */
  readonly contents: string;
  /** Why the folder cannot be read beyond this page. */
  readonly excess: PermanentError | undefined;
}

/** Bytes of memory that a page takes for each byte of its answer: the pieces, the text, and what is parsed of it. */
const copiesOfPage = 4;

/**
 * Lists one folder page by page and emits the envelopes of each page, as many at a time as there is room for. Each call
 * first waits for room in the ledger; what the page does not fill is given back. The body of an answer is read as there
 * is room for it. If Box refuses a marker (it may have aged while the run was
 * stopped), the folder is listed from its beginning, once; what was seen counts once. A folder that cannot be read is reported in the run and
 * ends quietly, as does one that Box says has gone (asked once more for an answer that only says "not found"); only a refused sign-in or a fault of the program is an error.
 *
 * Holds one page.
 */
export function listFolder(
  { box, run }: ListFolderDeps,
  folder: FrontierFolder,
  options: ListFolderOptions,
): Observable<readonly Envelope<Change>[]> {
  const readPage = (marker: string | null): Observable<Listed> =>
    run.ledger.reserve(pageSize).pipe(
      inOrder((reserved) =>
        run.gates.pages.acquire(0).pipe(
          inOrder((hold) =>
            fromAbortable((signal) => {
              const room = { grow: (bytes: number) => hold.grow(bytes * copiesOfPage, signal) };
              const viewer = folder.viewer ?? undefined;
              return box.listFolder(folder.id, { marker, asUser: viewer, limit: reserved, room }, signal);
            }).pipe(
              map((page) => acceptPage(run, folder, page, { reserved, hold, options })),
              catchError((error: unknown) => {
                run.ledger.release(reserved);
                hold.release();
                return throwError(() => error);
              }),
            ),
          ),
        ),
      ),
    );

  /** The envelopes of a page, as there is room; what they weigh is from then on weighed for each of them. */
  const passOn = ({ envelopes, hold }: Listed): Observable<readonly Envelope<Change>[]> => {
    const share = Math.floor(hold.bytes / Math.max(1, envelopes.length));
    return run.gates.admit(envelopes).pipe(
      tap((some) => hold.shrink(hold.bytes - share * some.length)),
      finalize(() => hold.release()),
    );
  };

  const readPages = (): Observable<readonly Envelope<Change>[]> => {
    /** Pages to be read: none while one is under way or being asked about, and after the last. */
    let markers: (string | null)[] = [folder.marker];
    let loop = new MarkerLoop();
    let beganAnew = false;
    const beginAnew = (error: unknown, marker: string | null) => {
      if (beganAnew || marker === null || !isBadRequest(error)) return throwError(() => error);
      beganAnew = true;
      loop = new MarkerLoop();
      markers = [null];
      return EMPTY;
    };
    const readAll = (marker: string | null) =>
      readPage(marker).pipe(
        catchError((error: unknown) => beginAnew(error, marker)),
        inOrder((listed) => {
          const { next, contents, excess } = listed;
          const circle = excess ?? (next === null ? undefined : loop.next(next, `folder ${folder.id}`, contents));
          if (next !== null && circle === undefined) markers = [next];
          return concat(
            passOn(listed),
            whereabouts({ box, run }, folder, listed),
            circle === undefined ? EMPTY : throwError(() => circle),
          );
        }),
      );
    return pump(() => markers.shift(), readAll, 1);
  };

  /** A root is there to be walked. */
  const untold = () => {
    const answer = folder.id === '0' ? null : askPrunes(options.prunes, folder.path);
    return answer instanceof PermanentError ? answer : undefined;
  };

  return defer(() => {
    const problem = untold();
    return problem === undefined ? readPages() : throwError(() => problem);
  }).pipe(
    catchError((error: unknown) => {
      if (!isUnreadable(error)) return throwError(() => error);
      return whetherGone({ box, run }, folder, { error, isNamed: options.isNamed?.(folder.id) === true }).pipe(
        inOrder((gone): readonly never[] => {
          if (gone === undefined) run.unreadFolder(folder, withAdvice(error, folder));
          else run.goneFolder(folder, gone);
          return [];
        }),
      );
    }),
  );
}

/**
 * Whether the folder has gone since its parent's listing has shown it: Box says that it is in the trash, or does not
 * find it, neither as a listing nor as an item. A root, and a folder that nothing but the configuration has shown, is
 * unread instead. Whether the run remembers the folder does not matter: a kill may have come before it did.
 */
function whetherGone(
  { box, run }: ListFolderDeps,
  { id, viewer }: FrontierFolder,
  { error, isNamed }: { readonly error: TransientError | PermanentError; readonly isNamed: boolean },
): Observable<'trashed' | 'not_found' | undefined> {
  if (!(error instanceof PermanentError) || error.status !== 404 || id === '0') return of(undefined);
  const isSeen = () => run.seenIn({ type: 'folder', id }, run.known([id]).get(itemKey('folder', id))) !== undefined;
  if (isNamed && !isSeen()) return of(undefined);
  if (error.code === 'trashed') return of('trashed' as const);
  if (error.code !== 'not_found') return of(undefined);
  return fromAbortable((signal) => box.getItem('folder', id, viewer ?? undefined, signal)).pipe(
    map((answer) => ('gone' in answer ? answer.gone : undefined)),
    catchError((problem: unknown) => (isUnreadable(problem) ? of(undefined) : throwError(() => problem))),
  );
}

/** A root is always there: if it is refused or not found, it is not the root that has changed. */
function withAdvice(error: TransientError | PermanentError, { id }: FrontierFolder): TransientError | PermanentError {
  if (id !== '0' || !(error instanceof PermanentError) || (error.status !== 403 && error.status !== 404)) return error;
  return new PermanentError(`${error.message}. ${lostSightAdvice}`, {
    cause: error,
    status: error.status,
    code: error.code,
  });
}

/** What Box says of a marker that it does not know. */
function isBadRequest(error: unknown): boolean {
  return error instanceof PermanentError && error.status === 400;
}

/** The folder cannot be read, but the rest can. */
export function isUnreadable(error: unknown): error is TransientError | PermanentError {
  return error instanceof TransientError || (error instanceof PermanentError && !(error instanceof StateError));
}

function acceptPage(
  run: Run,
  folder: FrontierFolder,
  { entries, nextMarker, bytes, excess }: ItemPage,
  { reserved, hold, options }: { readonly reserved: number; readonly hold: Hold; readonly options: ListFolderOptions },
): Listed {
  const { prunes, leaveToOwner, staysInRoot } = options;
  const known = run.known(entries.map((entry) => ('item' in entry ? entry.item.id : entry.id)));
  const ancestors = [...folder.ancestors, folder.id];
  const { path: above } = folder;
  const found: BoxItem[] = [];
  const elsewhere: BoxItem[] = [];
  const children: NewFolder[] = [];
  const pruned: NewFolder[] = [];
  const deferred: { readonly item: BoxItem; readonly odd?: readonly Oddity[] }[] = [];
  const unparsable: Extract<ParsedEntry, { problem: string }>[] = [];
  /** Entries of this page, so that one that Box repeats on it counts once. */
  const onPage = new Set<string>();
  const pathOf = (item: BoxItem) => `${above}/${item.name ?? item.id}`;
  /** Made only when the items before it have their envelopes: two types may have one number. */
  const sightingOf = (item: BoxItem): Found => ({
    kind: 'found',
    item,
    documentId: run.documentId(item, known),
    seenAs: folder.viewer,
    path: pathOf(item),
    parent: folder.id,
    ancestors,
    known: known.get(itemKey(item.type, item.id)),
  });

  for (const entry of entries) {
    const { type, id } = 'item' in entry ? entry.item : entry;
    // What is no item may have any text for a type.
    const key = 'item' in entry ? `${type} ${id}` : JSON.stringify([type, id]);
    if (onPage.has(key) && id !== '') continue;
    onPage.add(key);
    if ('problem' in entry) {
      unparsable.push(entry);
      continue;
    }
    const { item } = entry;
    if (leaveToOwner?.(item, folder) === true) {
      deferred.push(entry);
      continue;
    }
    const before = run.seenIn(item, known.get(key));
    if (before === folder.id || (before === '0' && staysInRoot?.(item) === true)) continue;
    if (before !== undefined) {
      elsewhere.push(item);
      continue;
    }
    found.push(item);
    if (entry.odd !== undefined) run.oddities.note(entry.odd, { type, id, path: pathOf(item) });
    if (item.type === 'folder') {
      const child: NewFolder = { id: item.id, viewer: folder.viewer, above: folder, name: item.name ?? item.id };
      // What cannot be told is asked again when the folder's turn comes.
      if (typeof askPrunes(prunes, pathOf(item)) === 'string') pruned.push(child);
      else children.push(child);
    }
  }

  if (deferred.length > 0) {
    run.frontier.defer(
      deferred.map(({ item, odd }) => ({
        viewer: folder.viewer,
        type: item.type,
        id: item.id,
        // Its owner's listing says what is odd about it, if there is one.
        entry: odd === undefined ? item : { ...item, odd },
      })),
    );
  }
  run.frontier.prune(pruned);
  // What is cut off was not seen: the page must not count as one, so that it is listed again.
  const page = excess === undefined ? run.openPage(folder, nextMarker, children) : run.detachedPage();
  if (excess !== undefined) run.frontier.add(children);
  for (const entry of unparsable) run.unparsable(entry, folder, known);
  const entryBytes = bytes / Math.max(1, entries.length);
  const envelopes = found.map((item): Envelope<Change> => run.found(sightingOf(item), page, { bytes: entryBytes }));
  run.ledger.release(reserved - envelopes.length - elsewhere.length);
  if (elsewhere.length === 0) run.sealPage(page);
  const contents = nextMarker === null ? '' : contentsOf(entries);
  return {
    next: nextMarker,
    envelopes,
    elsewhere: elsewhere.map(sightingOf),
    page,
    entryBytes,
    contents,
    hold,
    excess,
  };
}

function contentsOf(entries: readonly ParsedEntry[]): string {
  if (entries.length === 0) return '';
  return fingerprint(entries.map((entry) => ('item' in entry ? [entry.item.type, entry.item.id] : entry)));
}

/**
 * Second sightings (an item was moved during the walk): Box says where the item is now. In this folder: it is emitted
 * once more, not counted once more. Anywhere else, or gone: the first sighting stands.
 */
function whereabouts(
  { box, run }: ListFolderDeps,
  folder: FrontierFolder,
  { elsewhere, page, entryBytes: bytes }: Listed,
): Observable<readonly Envelope<Change>[]> {
  if (elsewhere.length === 0) return EMPTY;
  const asked = from(elsewhere).pipe(
    inOrder((change) =>
      fromAbortable((signal) => box.getItem(change.item.type, change.item.id, folder.viewer ?? undefined, signal)).pipe(
        map((answer) => 'item' in answer && answer.item.parent?.id === folder.id),
        // What cannot be asked stays where it was seen first.
        catchError((error: unknown) => (isUnreadable(error) ? of(false) : throwError(() => error))),
        inOrder((here) => {
          if (here) return run.gates.admit([run.found(unsure(change), page, { again: true, bytes })]);
          run.ledger.release(1);
          return [];
        }),
      ),
    ),
  );
  return concat(
    asked,
    defer(() => {
      run.sealPage(page);
      return EMPTY;
    }),
  );
}

/** What the first sighting has led to may not be in the catalogue yet: whatever was known before, it is written again. */
function unsure(change: Found): Found {
  const { known } = change;
  if (known === undefined) return change;
  const version = known.version === null ? null : { ...known.version, signature: '' };
  return { ...change, known: { ...known, version, filtered: null } };
}
