import {
  EMPTY,
  type Observable,
  catchError,
  concat,
  concatMap,
  defer,
  expand,
  finalize,
  from,
  map,
  mergeMap,
  of,
  takeWhile,
  throwError,
  toArray,
} from 'rxjs';
import type { BoxApi } from '../box/box-api.js';
import { AdmissionQueue } from '../core/admission-queue.js';
import type { Envelope } from '../core/envelope.js';
import { fromAbortable } from '../core/from-abortable.js';
import type { AbsentItem } from '../state/absence.js';
import { type KnownItem, itemKey } from '../state/catalogue.js';
import type { Run } from '../state/run.js';
import type { Gone } from './change.js';
import { isUnreadable } from './list-folder.js';

export interface AbsentItemsDeps {
  readonly box: Pick<BoxApi, 'getItem' | 'getFolder' | 'getUser'>;
  readonly run: Run;
}

export interface AbsentItemsOptions {
  /** Largest share of the indexed documents that may be deleted without being asked for; 1: no limit. */
  readonly maxShare: number;
  /** Up to this many are deleted whatever their share. */
  readonly always?: number;
  /** Calls a run may spend on asking the other users about an item that its own no longer has. */
  readonly proofCalls: number;
  /** Questions asked of Box at once. Default 4. */
  readonly concurrency?: number;
  /** Only some folders are walked: what is elsewhere has left the scope. */
  readonly isNarrowed?: boolean;
}

const batchSize = 200;

type Verdict = 'trashed' | 'not_found' | 'filtered' | 'exists' | 'unproven' | 'held';

interface Asking {
  /** Proof calls that are left. */
  left: number;
  /** The user wants what is held to be deleted. */
  readonly allowsAll: boolean;
  readonly concurrency: number;
  /** Keeps all questions together within `concurrency`. */
  readonly gate: AdmissionQueue;
}

/**
 * What has gone from Box: the documents that may be deleted, each with its proof. To be subscribed to behind a walk:
 * it first waits until all that the walk listed is settled.
 *
 * A candidate is an item that the catalogue knows and this run did not see, although it listed the item's folder to
 * the end. Box is asked about the top-most of them, as the user who saw the folder: only what is in the trash, or what Box
 * does not know (and, in an enterprise, no other user has), is gone, and all below it. What sync rules exclude needs
 * no proof, and does not count for `maxShare`; so it is with what Box says to be below a folder that they exclude. More than `maxShare`: none is deleted, all are reported as held; so is
 * what a root that lists nothing is missing, unless `maxShare` is 1 or Box has it in the trash.
 *
 * Calls: one for each top-most missing item (two, where rules exclude folders and it exists), and at most `proofCalls`
 * more; `concurrency` at once. Holds one batch.
 */
export function absentItems(
  deps: AbsentItemsDeps,
  { maxShare, always = 100, proofCalls, concurrency = 4, isNarrowed = false }: AbsentItemsOptions,
): Observable<Envelope<Gone>> {
  const { run } = deps;
  const { absence, catalogue } = run.store;
  const asking: Asking = {
    left: proofCalls,
    allowsAll: maxShare >= 1,
    concurrency,
    gate: new AdmissionQueue(concurrency),
  };
  return concat(
    defer(() => run.quiet()).pipe(
      concatMap(() => {
        absence.clear();
        absence.condemnFiltered(run.id);
        if (run.tally.unreadCount === 0) {
          for (const viewer of run.excludedViewers) absence.condemnViewer(viewer, 'out_of_scope', run.id);
          if (isNarrowed) absence.condemnElsewhere(run.id);
        }
        return concat(askAboutItems(deps, asking), isNarrowed ? EMPTY : askAboutUsers(deps));
      }),
    ),
    defer(() => {
      const documents = absence.countProven();
      if (documents > always && documents > maxShare * catalogue.indexed()) {
        absence.spare();
        run.tally.deletesHeld(documents);
      }
      return condemned(run);
    }),
    // Only now: what leads to a document must be known until the document is gone, in whatever order they go.
    defer(() => run.quiet()).pipe(
      concatMap(() => {
        absence.forget(run.id);
        return EMPTY;
      }),
    ),
  );
}

/** Asks Box about each top-most missing item; emits nothing. */
function askAboutItems(deps: AbsentItemsDeps, asking: Asking): Observable<never> {
  const { run } = deps;
  const { absence } = run.store;
  const read = (after: AbsentItem | null): Observable<readonly AbsentItem[]> => {
    const items = absence.topmost(run.id, after, batchSize);
    return items.length === 0 ? EMPTY : of(items);
  };
  return defer(() => read(null)).pipe(
    expand(
      (items) =>
        concat(
          from(items).pipe(mergeMap((item) => judge(deps, item, asking), asking.concurrency)),
          defer(() => read(items.at(-1) ?? null)),
        ),
      1,
    ),
    concatMap(() => EMPTY),
  );
}

/** Whose walk has listed the item's folder in this run, which need not be who saw the item then. */
function listerOf(run: Run, { parent, viewer }: KnownItem): string | null {
  const folder = parent === '0' ? undefined : run.known([parent]).get(itemKey('folder', parent));
  return folder === undefined ? viewer : folder.viewer;
}

/** Condemns the item, or leaves it where it is. Emits nothing. */
function judge(deps: AbsentItemsDeps, item: AbsentItem, asking: Asking): Observable<never> {
  const { run } = deps;
  const { absence } = run.store;
  const pending = (): Observable<never> => {
    run.tally.deletesPending(absence.documentsOf(item, run.id));
    if (run.tally.unreadCount === 0) absence.missed(item, run.id);
    return EMPTY;
  };
  // What is below a folder that is gone may have been moved to where this run could not look.
  if (run.tally.unreadCount > 0 && absence.hasBelow(item)) return pending();
  const viewer = listerOf(run, item);
  return ask(deps, item, viewer, asking).pipe(
    concatMap((verdict): Observable<Verdict> => {
      if (verdict !== 'not_found') return of(verdict);
      // A root that had items and lists none looks the same as an app that has lost its scope.
      if (item.parent === '0' && absence.rootIsEmpty(item.viewer, run.id)) {
        return asking.allowsAll ? askOthers(deps, item, viewer, asking) : of('held');
      }
      if (!absence.hasShown(viewer, run.id)) return of('unproven');
      return askOthers(deps, item, viewer, asking);
    }),
    concatMap((verdict): Observable<never> => {
      switch (verdict) {
        case 'trashed':
        case 'not_found':
        case 'filtered':
          absence.condemn(item, verdict, run.id);
          return EMPTY;
        case 'exists':
          return EMPTY;
        case 'unproven':
          return pending();
        case 'held':
          run.tally.deletesHeld(absence.documentsOf(item, run.id));
          return EMPTY;
      }
    }),
  );
}

function ask(
  { box, run }: AbsentItemsDeps,
  item: KnownItem,
  viewer: string | null,
  { gate }: Asking,
): Observable<Verdict> {
  const { absence } = run.store;
  const whetherFiltered = async (parent: string, signal: AbortSignal): Promise<Verdict> => {
    const place = await box.getFolder(parent, viewer ?? undefined, signal);
    return place !== 'gone' && absence.placeOf([...place.ancestors, parent]) === 'pruned' ? 'filtered' : 'exists';
  };
  const question = fromAbortable(async (signal): Promise<Verdict> => {
    const answer = await box.getItem(item.type, item.id, viewer ?? undefined, signal);
    if ('gone' in answer) return answer.gone;
    const parent = 'item' in answer ? answer.item.parent?.id : undefined;
    if (parent === undefined || !absence.hasPruned()) return 'exists';
    // It was moved to where the walk has looked, or to where a rule keeps it from looking.
    switch (absence.placeOf([parent])) {
      case 'walked':
        return 'exists';
      case 'pruned':
        return 'filtered';
      case 'unknown':
        return await whetherFiltered(parent, signal);
    }
  });
  return gate.admit(1).pipe(
    concatMap(() => question.pipe(finalize(() => gate.release(1)))),
    catchError((error: unknown) => (isUnreadable(error) ? of('unproven' as const) : throwError(() => error))),
  );
}

/** The item may belong to another user now: they are asked as long as the calls last; then a second run has to miss it. */
function askOthers(
  { box, run }: AbsentItemsDeps,
  item: AbsentItem,
  lister: string | null,
  asking: Asking,
): Observable<Verdict> {
  if (item.missedBefore && run.tally.unreadCount === 0) return of('not_found');
  // The token's own user may have it as well as those that it acts as.
  const others = [null, ...run.store.absence.viewers()].filter((viewer) => viewer !== lister);
  if (others.length > asking.left) return of('unproven');
  asking.left -= others.length;
  let asked = 0;
  return from(others).pipe(
    mergeMap((viewer) => {
      asked += 1;
      return ask({ box, run }, item, viewer, asking);
    }, asking.concurrency),
    takeWhile((verdict) => verdict !== 'exists' && verdict !== 'filtered', true),
    worst(),
    finalize(() => (asking.left += others.length - asked)),
  );
}

/** Gone only if all say so. */
function worst(): (source: Observable<Verdict>) => Observable<Verdict> {
  return (source) =>
    source.pipe(
      toArray(),
      map((verdicts) => {
        const there = verdicts.find((verdict) => verdict === 'exists' || verdict === 'filtered');
        if (there !== undefined) return there;
        if (verdicts.includes('unproven')) return 'unproven';
        return 'not_found';
      }),
    );
}

/** Users whose items are known, but who are no longer listed: only if Box says that there is no such user. */
function askAboutUsers({ box, run }: AbsentItemsDeps): Observable<never> {
  const { absence } = run.store;
  return defer(() => {
    if (run.tally.unreadCount > 0) return EMPTY;
    return from(absence.departed(run.id).filter((viewer) => !run.excludedViewers.has(viewer)));
  }).pipe(
    concatMap((viewer) =>
      fromAbortable((signal) => box.getUser(viewer, signal)).pipe(
        catchError((error: unknown) => (isUnreadable(error) ? of(undefined) : throwError(() => error))),
        concatMap((user) => {
          if (user === 'gone') absence.condemnViewer(viewer, 'user_gone', run.id);
          return EMPTY;
        }),
      ),
    ),
  );
}

/** The verdicts as changes, batch by batch, each after room in the ledger. */
function condemned(run: Run): Observable<Envelope<Gone>> {
  const { absence, deadLetters } = run.store;
  const size = Math.min(batchSize, run.ledger.limit);
  const read = (after: KnownItem | null): Observable<{ last: KnownItem; envelopes: readonly Envelope<Gone>[] }> => {
    const batch = absence.condemned(after, size);
    const last = batch.at(-1)?.item;
    if (last === undefined) return EMPTY;
    const documents = batch.filter(({ item }) => item.version !== null);
    // Without a document there is nothing to delete, only a letter that nobody needs any more.
    const unindexed = batch.filter(({ item }) => item.version === null);
    deadLetters.drop(unindexed.map(({ item }) => item.documentId));
    return run.ledger.reserve(documents.length).pipe(
      map(() => ({
        last,
        envelopes: documents.map(({ item, proof }) => {
          const { type, id, documentId } = item;
          const change: Gone = { kind: 'gone', type, id, documentId, proof };
          return run.gone(change, { ...item, version: null });
        }),
      })),
    );
  };
  return read(null).pipe(
    expand(({ last }) => read(last), 1),
    concatMap(({ envelopes }) => envelopes),
  );
}
