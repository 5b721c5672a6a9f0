import { EMPTY, type Observable, catchError, concat, concatMap, defer, expand, from, map, of, throwError } from 'rxjs';
import type { BoxApi, ParsedEntry } from '../box/box-api.js';
import type { BoxItem } from '../box/box-item.js';
import type { Envelope } from '../core/envelope.js';
import { PermanentError, TransientError } from '../core/errors.js';
import { fromAbortable } from '../core/from-abortable.js';
import type { FrontierFolder, NewFolder } from '../state/frontier.js';
import { itemKey } from '../state/catalogue.js';
import type { ListedPage, Run } from '../state/run.js';
import type { Change, Found } from './change.js';

/** Entries of one listing call: Box's maximum. */
const pageSize = 1_000;

export interface ListFolderDeps {
  readonly box: Pick<BoxApi, 'listFolder' | 'getItem'>;
  readonly run: Run;
}

export interface ListFolderOptions {
  /** Id of the rule that keeps a folder of this path from being walked; `null`: it is walked. */
  readonly prunes: (path: string) => string | null;
  /** True for an entry that is left to its owner's walk. */
  readonly leaveToOwner?: (item: BoxItem, folder: FrontierFolder) => boolean;
}

interface Listed {
  readonly next: string | null;
  readonly envelopes: readonly Envelope<Change>[];
  /** Entries that this run has already seen in another place; Box has to say where they are. */
  readonly elsewhere: readonly Found[];
  readonly page: ListedPage;
}

/**
 * Lists one folder page by page and emits the envelopes of each page, one array a page. Each call first waits for room
 * in the ledger; what the page does not fill is given back. A folder that cannot be read is reported in the run and
 * ends quietly; only a refused sign-in or a fault of the program is an error.
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
      concatMap((reserved) =>
        fromAbortable((signal) =>
          box.listFolder(folder.id, { marker, asUser: folder.viewer ?? undefined, limit: reserved }, signal),
        ).pipe(
          map((page) => acceptPage(run, folder, page, reserved, options)),
          catchError((error: unknown) => {
            run.ledger.release(reserved);
            return throwError(() => error);
          }),
        ),
      ),
    );

  return defer(() => readPage(folder.marker)).pipe(
    expand((listed) => (listed.next === null ? EMPTY : readPage(listed.next)), 1),
    concatMap((listed) => concat(of(listed.envelopes), whereabouts({ box, run }, folder, listed))),
    catchError((error: unknown) => {
      if (!isUnreadable(error)) return throwError(() => error);
      run.unreadFolder(folder, error.message);
      return EMPTY;
    }),
  );
}

/** The folder cannot be read, but the rest can. */
export function isUnreadable(error: unknown): error is TransientError | PermanentError {
  return error instanceof TransientError || error instanceof PermanentError;
}

function acceptPage(
  run: Run,
  folder: FrontierFolder,
  { entries, nextMarker }: { entries: readonly ParsedEntry[]; nextMarker: string | null },
  reserved: number,
  { prunes, leaveToOwner }: ListFolderOptions,
): Listed {
  const known = run.known(entries.flatMap((entry) => ('item' in entry ? [entry.item.id] : [])));
  const ancestors = [...folder.ancestors, folder.id];
  const found: Found[] = [];
  const elsewhere: Found[] = [];
  const children: NewFolder[] = [];
  const pruned: NewFolder[] = [];
  const deferred: BoxItem[] = [];
  const unparsable: Extract<ParsedEntry, { problem: string }>[] = [];
  /** Items of this page, so that an entry that Box repeats on it counts once. */
  const onPage = new Set<string>();

  for (const entry of entries) {
    if ('problem' in entry) {
      unparsable.push(entry);
      continue;
    }
    const { item } = entry;
    const key = itemKey(item.type, item.id);
    if (onPage.has(key)) continue;
    onPage.add(key);
    if (leaveToOwner?.(item, folder) === true) {
      deferred.push(item);
      continue;
    }
    const change: Found = {
      kind: 'found',
      item,
      documentId: run.documentId(item, known),
      seenAs: folder.viewer,
      path: `${folder.path}/${item.name ?? item.id}`,
      parent: folder.id,
      ancestors,
      known: known.get(key),
    };
    const before = run.seenIn(item, change.known);
    if (before === folder.id) continue;
    if (before === undefined) found.push(change);
    else elsewhere.push(change);
    if (item.type === 'folder' && before === undefined) {
      const child: NewFolder = { id: item.id, viewer: folder.viewer, path: change.path, ancestors };
      if (prunes(change.path) === null) children.push(child);
      else pruned.push(child);
    }
  }

  if (deferred.length > 0) {
    run.frontier.defer(
      deferred.map((item) => ({
        viewer: folder.viewer,
        type: item.type,
        id: item.id,
        entry: item,
      })),
    );
  }
  run.frontier.prune(pruned);
  const page = run.openPage(folder, nextMarker, children);
  for (const { type, id, problem } of unparsable) run.unparsable({ type, id, path: folder.path, problem }, page);
  const envelopes = found.map((change): Envelope<Change> => run.found(change, page));
  run.ledger.release(reserved - envelopes.length - elsewhere.length);
  if (elsewhere.length === 0) run.sealPage(page);
  return { next: nextMarker, envelopes, elsewhere, page };
}

/**
 * Second sightings (an item was moved during the walk): Box says where the item is now. In this folder: it is emitted
 * once more, not counted once more. Anywhere else, or gone: the first sighting stands.
 */
function whereabouts(
  { box, run }: ListFolderDeps,
  folder: FrontierFolder,
  { elsewhere, page }: Listed,
): Observable<readonly Envelope<Change>[]> {
  if (elsewhere.length === 0) return EMPTY;
  const asked = from(elsewhere).pipe(
    concatMap((change) =>
      fromAbortable((signal) => box.getItem(change.item.type, change.item.id, folder.viewer ?? undefined, signal)).pipe(
        map((answer) => 'item' in answer && answer.item.parent?.id === folder.id),
        // What cannot be asked stays where it was seen first.
        catchError((error: unknown) => (isUnreadable(error) ? of(false) : throwError(() => error))),
        map((here): readonly Envelope<Change>[] => {
          if (here) return [run.found(change, page, true)];
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
