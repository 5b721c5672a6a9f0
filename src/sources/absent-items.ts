import { EMPTY, type Observable, catchError, concat, defer, from, of, throwError } from 'rxjs';
import type { BoxApi } from '../box/box-api.js';
import type { Envelope } from '../core/envelope.js';
import { inOrder } from '../core/flatten.js';
import { fromAbortable } from '../core/from-abortable.js';
import { pump } from '../core/pump.js';
import type { AbsentItem, GoneFolder, Proof } from '../state/absence.js';
import type { Run } from '../state/run.js';
import { type Answer, AbsenceQuestions } from './absence-questions.js';
import type { Gone } from './change.js';
import { condemnedDocuments } from './condemned-documents.js';
import { isUnreadable } from './list-folder.js';

export interface AbsentItemsDeps {
  readonly box: Pick<BoxApi, 'getItem' | 'getFolder' | 'getUser' | 'me'>;
  readonly run: Run;
}

export interface AbsentItemsOptions {
  /**
   * Largest share of the indexed documents that may be deleted without being asked for; 1: no limit. What Box itself has
   * in the trash does not count, nor does what a rule excludes.
   */
  readonly maxShare: number;
  /** Up to this many are deleted whatever their share. */
  readonly always?: number;
  /** Calls a run may spend on asking the other users about an item that its own no longer has. */
  readonly proofCalls: number;
  /**
   * Calls a run may spend on what is below a folder that is gone, one for each item, where something could not be read.
   * Default 5,000.
   */
  readonly belowCalls?: number;
  /** For how long something must have been missed before it counts as missed by two runs, though they could not read all. Default 20 h. */
  readonly undecidedMs?: number;
  /** Questions asked of Box at once. Default 4. */
  readonly concurrency?: number;
  /** Only some folders are walked: what is elsewhere has left the scope. */
  readonly isNarrowed?: boolean;
}

const batchSize = 200;
const hourMs = 3_600_000;

/** An item to be judged. */
interface Task {
  readonly item: AbsentItem;
  /** As whom Box is asked. */
  readonly viewer: string | null;
  /** What Box has said already. */
  readonly said?: 'trashed' | 'not_found';
  /** Whoever has it, it is not among what this user's walk has shown: what Box has shown to anybody tells that it can be believed. */
  readonly isOfNobody?: boolean;
  /** The run has seen what is below it, before it went. */
  readonly isWhole?: boolean;
  /** It is below a folder that is gone: what that folder's verdict was. */
  readonly above?: { readonly isSure: boolean; readonly isCertain: boolean };
}

/** A folder that is gone, and how far what is below it has been looked at. */
interface Descent {
  readonly folder: AbsentItem;
  readonly isSure: boolean;
  readonly isWhole: boolean;
  after: AbsentItem | null;
  batch: AbsentItem[];
}

/**
 * What has gone from Box: the documents that may be deleted, each with its proof. To be subscribed to behind a walk:
 * it first waits until all that the walk listed is settled.
 *
 * A candidate is an item that the catalogue knows and this run did not see, although it listed the item's folder to
 * the end; or a folder that went while the run was on its way to it. Box is asked about the top-most of them, as the user
 * who saw the folder: only what is in the trash, or what Box does not know (and, in an enterprise, no other user has), is
 * gone, and all below it. What sync rules exclude needs no proof; so it is with what Box says to be below a folder that
 * they exclude, or outside of what the configuration asks for.
 *
 * What could not be read holds back only what it could be hiding: what is below it, and what may have moved to it. So
 * Box is then asked about each item below a folder that is gone, too. Where Box's word cannot be had (the calls are used
 * up, a user cannot be asked), the item waits until the next run that reads everything, or one `undecidedMs` later,
 * misses it as well.
 *
 * More than `maxShare`: those are held, and reported, in whose walk the most have gone, until the rest is no more than
 * that. What a root that lists nothing is missing is held as well, unless `maxShare` is 1 or Box has it in the trash.
 *
 * Calls: one for each top-most missing item (two, where it exists and may be outside), `proofCalls` and `belowCalls`
 * more at most; `concurrency` at once. Holds one batch for each level of a folder that is gone.
 */
export function absentItems(
  deps: AbsentItemsDeps,
  {
    maxShare,
    always = 100,
    proofCalls,
    belowCalls = 5_000,
    undecidedMs = 20 * hourMs,
    concurrency = 4,
    isNarrowed = false,
  }: AbsentItemsOptions,
): Observable<Envelope<Gone>> {
  const { run } = deps;
  const { absence } = run.store;
  return concat(
    defer(() => run.quiet()).pipe(
      inOrder(() => {
        absence.clear();
        absence.condemnFiltered(run.id);
        const judgement = new Judgement(deps, {
          maxShare,
          proofCalls,
          belowCalls,
          undecidedMs,
          concurrency,
          isNarrowed,
        });
        return judgement.pass();
      }),
    ),
    defer(() => {
      absence.disown();
      holdBack(run, maxShare, always);
      return condemnedDocuments(run);
    }),
    // Only now: what leads to a document must be known until the document is gone, in whatever order they go.
    defer(() => run.quiet()).pipe(
      inOrder(() => {
        absence.forget(run.id);
        return EMPTY;
      }),
    ),
  );
}

/** One user who has much to lose must not keep the documents of all others: the largest losses are held first. */
function holdBack(run: Run, maxShare: number, always: number): void {
  const { absence, catalogue } = run.store;
  const losses = [...absence.countProven()].sort(([, one], [, other]) => other - one);
  const allowed = Math.max(always, maxShare * catalogue.indexed());
  let rest = losses.reduce((sum, [, documents]) => sum + documents, 0);
  const held: (string | null)[] = [];
  for (const [viewer, documents] of losses) {
    if (rest <= allowed) break;
    held.push(viewer);
    rest -= documents;
    run.tally.deletesHeld(documents);
  }
  if (held.length > 0) absence.spare(held);
}

type JudgementOptions = Required<Omit<AbsentItemsOptions, 'always'>>;

/** Passes the verdicts of one run. */
class Judgement {
  readonly #box: AbsentItemsDeps['box'];
  readonly #run: Run;
  readonly #options: JudgementOptions;
  readonly #questions: AbsenceQuestions;
  /** Everything was read: what was not seen is nowhere that the walk goes. */
  readonly #isComplete: boolean;
  /** What was first missed by then has been missed for long enough. */
  readonly #missedUpTo: number;
  #belowCallsLeft: number;
  /** Folders that are gone, whose items are looked at one by one: the innermost last. */
  readonly #descents: Descent[] = [];

  constructor({ box, run }: AbsentItemsDeps, options: JudgementOptions) {
    this.#box = box;
    this.#run = run;
    this.#options = options;
    const { proofCalls, concurrency, isNarrowed } = options;
    const isAgreed = (item: AbsentItem) => this.#isAgreed(item);
    const isOverdue = (item: AbsentItem) => this.#isOverdue(item);
    this.#questions = new AbsenceQuestions({ box, run }, { proofCalls, concurrency, isNarrowed, isAgreed, isOverdue });
    this.#isComplete = run.tally.unreadCount === 0;
    this.#missedUpTo = run.now() - options.undecidedMs;
    this.#belowCallsLeft = options.belowCalls;
  }

  /** Emits nothing. */
  pass(): Observable<never> {
    const { absence, id } = { absence: this.#run.store.absence, id: this.#run.id };
    const fromListing = (item: AbsentItem): Task => ({ item, viewer: this.#questions.listerOf(item) });
    return concat(
      defer(() => {
        this.#leaveScope();
        return this.#askAboutOrphans('out_of_scope');
      }),
      this.#judgeAll(
        (after: GoneFolder | null) => absence.goneFolders(after?.seq ?? 0, batchSize),
        ({ item, viewer, answer }) => ({ item, viewer, said: answer, isWhole: true }),
      ),
      this.#judgeAll((after: AbsentItem | null) => absence.topmost(id, after, batchSize), fromListing),
      this.#judgeAll(
        (after: AbsentItem | null) =>
          absence.unknownFolders(id, [...this.#run.unfoundFolders], after?.id ?? '', batchSize),
        (item) => this.#taskAsSeen(item),
      ),
      this.#options.isNarrowed ? EMPTY : concat(this.#askAboutUsers(), this.#askAboutOrphans('user_gone')),
    );
  }

  /** What somebody else was shown below a folder that goes with the one user who had it: nothing leads there any more. */
  #askAboutOrphans(proof: Proof): Observable<never> {
    const { absence, id } = { absence: this.#run.store.absence, id: this.#run.id };
    return this.#judgeAll(
      (after: AbsentItem | null) => absence.orphans(id, proof, after, batchSize),
      (item) => this.#taskAsSeen(item),
    );
  }

  /** To be asked as who was shown it, if that user's root is walked. */
  #taskAsSeen(item: AbsentItem): Task {
    const { viewer } = item;
    return this.#questions.isWalked(viewer) ? { item, viewer } : { item, viewer: null, isOfNobody: true };
  }

  /** What the configuration does not ask for any more. Something that was not read may hide that it has moved there. */
  #leaveScope(): void {
    const { absence } = this.#run.store;
    const { excludedViewers, unfoundFolders, id: run, tally } = this.#run;
    const missedUpTo = this.#isComplete ? null : this.#missedUpTo;
    const now = this.#run.now();
    for (const viewer of excludedViewers) {
      absence.condemnViewer(viewer, { proof: 'out_of_scope', run, isSure: false }, missedUpTo);
      if (!this.#isComplete) tally.deletesPending(absence.missedViewer(viewer, run, now));
    }
    if (!this.#options.isNarrowed) return;
    const unfound = [...unfoundFolders];
    absence.condemnElsewhere(run, unfound, missedUpTo);
    if (!this.#isComplete) tally.deletesPending(absence.missedElsewhere(run, unfound, now));
  }

  /** Judges all that `read` has, batch by batch, and below each folder that is gone what has to be looked at there. */
  #judgeAll<T>(read: (after: T | null) => readonly T[], taskOf: (found: T) => Task): Observable<never> {
    return defer(() => {
      let batch: T[] = [];
      let last: T | null = null;
      let isRead = false;
      const next = (): Task | undefined => {
        const below = this.#nextBelow();
        if (below !== undefined) return below;
        if (batch.length === 0 && !isRead) {
          batch = [...read(last)];
          last = batch.at(-1) ?? last;
          isRead = batch.length === 0;
        }
        const found = batch.shift();
        return found === undefined ? undefined : taskOf(found);
      };
      return pump(next, (task) => this.#judge(task), this.#options.concurrency);
    });
  }

  #nextBelow(): Task | undefined {
    const { absence } = this.#run.store;
    for (let descent = this.#descents.at(-1); descent !== undefined; descent = this.#descents.at(-1)) {
      const { folder, isSure, isWhole } = descent;
      if (descent.batch.length === 0) {
        descent.batch = [...absence.children(folder.id, this.#run.id, descent.after, batchSize)];
        descent.after = descent.batch.at(-1) ?? descent.after;
      }
      const item = descent.batch.shift();
      if (item === undefined) {
        this.#descents.splice(this.#descents.indexOf(descent), 1);
        continue;
      }
      const wasSeen = item.lastSeen === this.#run.id;
      // It moved out before the folder went.
      if (wasSeen && !isWhole) continue;
      return { item, viewer: this.#questions.listerOf(item), isWhole, above: { isSure, isCertain: wasSeen } };
    }
    return undefined;
  }

  /** Condemns the item, or leaves it where it is. */
  #judge(task: Task): Observable<never> {
    return this.#answerTo(task).pipe(
      inOrder((answer): Observable<never> => {
        const { item } = task;
        switch (answer) {
          case 'trashed':
          case 'filtered':
            this.#condemn(task, answer, true);
            break;
          case 'not_found':
          case 'out_of_scope':
            this.#condemn(task, answer, false);
            break;
          case 'parent_gone':
            this.#condemn(task, answer, task.above?.isSure === true);
            break;
          case 'exists':
            break;
          case 'unproven':
            this.#wait(task);
            break;
          case 'held':
            this.#run.tally.deletesHeld(this.#run.store.absence.documentsOf(item, this.#run.id));
            break;
        }
        return EMPTY;
      }),
    );
  }

  #answerTo(task: Task): Observable<Answer | 'parent_gone' | 'held'> {
    const { item, viewer, said, above } = task;
    if (above !== undefined) {
      if (above.isCertain || this.#isAgreed(item)) return of('parent_gone');
      if (this.#belowCallsLeft === 0) return of('unproven');
      this.#belowCallsLeft -= 1;
    }
    const answer = said === undefined ? this.#questions.ask(item, viewer) : of(said);
    return answer.pipe(
      inOrder((first): Observable<Answer | 'held'> => {
        if (first !== 'not_found') return of(first);
        if (task.isOfNobody === true) return this.#askOwnerAndOthers(item, viewer);
        // A root that had items and lists none looks the same as an app that has lost its scope.
        if (item.parent === '0' && this.#run.store.absence.rootIsEmpty(viewer, this.#run.id)) {
          return this.#options.maxShare >= 1 ? this.#questions.askOthers(item, viewer) : of('held');
        }
        if (!this.#questions.hasShown(viewer)) return of('unproven');
        return this.#questions.askOthers(item, viewer);
      }),
    );
  }

  /** Its owner is there and is not walked, perhaps only since the list of users was short: Box is asked as that user first. */
  #askOwnerAndOthers(item: AbsentItem, lister: string | null): Observable<Answer> {
    const others = () =>
      this.#questions.hasShownAny() ? this.#questions.askOthers(item, lister) : of('unproven' as const);
    if (item.viewer === null) return others();
    return this.#questions
      .askOwner(item, item.viewer)
      .pipe(inOrder((answer) => (answer === 'refused' || answer === 'not_found' ? others() : of(answer))));
  }

  /** With what is below it; but if something was not read, that may have moved there before the folder went. */
  #condemn({ item, isWhole = false, above }: Task, proof: Proof, isSure: boolean): void {
    const { absence } = this.#run.store;
    const verdict = { proof, run: this.#run.id, isSure };
    if (!this.#isComplete && absence.hasBelow(item)) {
      absence.condemnItem(item, verdict);
      if (above === undefined) this.#missed(item);
      this.#descents.push({ folder: item, isSure, isWhole, after: null, batch: [] });
    } else if (isWhole) absence.condemnWhole(item, verdict);
    else absence.condemn(item, verdict);
  }

  /** Neither there nor proven gone: the next run may know more. */
  #wait({ item, above }: Task): void {
    this.#run.tally.deletesPending(this.#run.store.absence.documentsOf(item, this.#run.id));
    // All that is below a folder that is gone is noted with it.
    if (above === undefined) this.#missed(item);
  }

  #missed(item: AbsentItem): void {
    const { store, id } = this.#run;
    store.absence.missed(item, id, { at: this.#run.now(), isComplete: this.#isComplete });
  }

  /** Two looks agree: two that saw everything, or two that are so far apart that waiting for more would wait for ever. */
  #isAgreed(item: AbsentItem): boolean {
    return (item.missedBefore && this.#isComplete) || this.#isOverdue(item);
  }

  #isOverdue({ missedSince }: AbsentItem): boolean {
    return missedSince !== null && missedSince <= this.#missedUpTo;
  }

  /** Users whose items are known, but who are no longer listed: Box has to say what became of them. */
  #askAboutUsers(): Observable<never> {
    const { absence } = this.#run.store;
    return defer(() => {
      // Where the list is not whole, anybody may be missing from it.
      if (this.#run.tally.unreadOf('users') > 0) return EMPTY;
      return from(absence.departed(this.#run.id).filter((viewer) => !this.#run.excludedViewers.has(viewer)));
    }).pipe(
      inOrder((viewer) =>
        fromAbortable((signal) => this.#box.getUser(viewer, signal)).pipe(
          catchError((error: unknown) => (isUnreadable(error) ? of(undefined) : throwError(() => error))),
          inOrder((user) => {
            if (user === 'gone') this.#userIsGone(viewer);
            if (user === undefined)
              this.#run.tally.deletesPending(absence.missedViewer(viewer, this.#run.id, this.#run.now()));
            // Deactivated: the items stay, and cannot be asked for.
            if (user === undefined || user === 'gone' || user.status === 'inactive') return EMPTY;
            return this.#askAboutRoot(viewer);
          }),
        ),
      ),
    );
  }

  /** What was theirs may be somebody else's by now, and in what was not read. */
  #userIsGone(viewer: string): void {
    const { absence } = this.#run.store;
    const { id: run, tally } = this.#run;
    absence.condemnViewer(
      viewer,
      { proof: 'user_gone', run, isSure: false },
      this.#isComplete ? null : this.#missedUpTo,
    );
    if (!this.#isComplete) tally.deletesPending(absence.missedViewer(viewer, run, this.#run.now()));
  }

  /**
   * Somebody who is there, but not among those who are walked: the token's own user, or one of another enterprise who
   * has shared it. So it looks where the state was read back from documents that do not say who has seen them.
   */
  #askAboutRoot(owner: string): Observable<never> {
    const { absence } = this.#run.store;
    return fromAbortable((signal) => this.#box.me(signal)).pipe(
      inOrder((me) =>
        this.#judgeAll(
          (after: AbsentItem | null) => absence.inRoot(owner, this.#run.id, after, batchSize),
          (item) => ({ item, viewer: null, isOfNobody: me.id !== owner }),
        ),
      ),
      catchError((error: unknown) => (isUnreadable(error) ? EMPTY : throwError(() => error))),
    );
  }
}
