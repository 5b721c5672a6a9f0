import { type Observable, catchError, defer, finalize, from, map, of, takeWhile, throwError, toArray } from 'rxjs';
import type { BoxApi } from '../box/box-api.js';
import { AdmissionQueue } from '../core/admission-queue.js';
import { TransientError } from '../core/errors.js';
import { flatten, inOrder } from '../core/flatten.js';
import { fromAbortable } from '../core/from-abortable.js';
import type { AbsentItem } from '../state/absence.js';
import { type ItemKey, type KnownItem, itemKey } from '../state/catalogue.js';
import type { Run } from '../state/run.js';
import { isUnreadable } from './list-folder.js';

export interface AbsenceQuestionsDeps {
  readonly box: Pick<BoxApi, 'getItem' | 'getFolder'>;
  readonly run: Run;
}

export interface AbsenceQuestionsOptions {
  /** Calls that may be spent on asking the other users about an item that its own no longer has. */
  readonly proofCalls: number;
  readonly concurrency: number;
  /** Only some folders are walked: what is elsewhere has left the scope. */
  readonly isNarrowed: boolean;
  /** Whether what is missing has been missed for long enough to be believed without asking everybody. */
  readonly isAgreed: (item: AbsentItem) => boolean;
  /** Whether it has been missed for so long that a question to which Box gives no answer need not be asked again for ever. */
  readonly isOverdue: (item: AbsentItem) => boolean;
}

/**
 * What Box says of an item that was missed:
 *
 * - `trashed`, `not_found`: it is gone.
 * - `exists`: it is somewhere else in what is configured.
 * - `filtered`, `out_of_scope`: it is where a rule, or the configuration, keeps the walk from looking.
 * - `unproven`: Box does not say.
 */
export type Answer = 'trashed' | 'not_found' | 'exists' | 'filtered' | 'out_of_scope' | 'unproven';

/** Asks Box about items that a run has missed: at most `concurrency` questions at once, whoever asks them. */
export class AbsenceQuestions {
  readonly #box: AbsenceQuestionsDeps['box'];
  readonly #run: Run;
  readonly #isNarrowed: boolean;
  readonly #isAgreed: AbsenceQuestionsOptions['isAgreed'];
  readonly #isOverdue: AbsenceQuestionsOptions['isOverdue'];
  readonly #concurrency: number;
  /** Keeps all questions together within `concurrency`. */
  readonly #gate: AdmissionQueue;
  #proofCallsLeft: number;
  /** Nothing is seen any more while questions are asked: what was found out once holds. */
  #walked: readonly string[] | undefined;
  readonly #hasShown = new Map<string | null, boolean>();

  constructor(
    { box, run }: AbsenceQuestionsDeps,
    { proofCalls, concurrency, isNarrowed, isAgreed, isOverdue }: AbsenceQuestionsOptions,
  ) {
    this.#box = box;
    this.#run = run;
    this.#isNarrowed = isNarrowed;
    this.#isAgreed = isAgreed;
    this.#isOverdue = isOverdue;
    this.#concurrency = concurrency;
    this.#gate = new AdmissionQueue(concurrency);
    this.#proofCallsLeft = proofCalls;
  }

  /** Whose walk has listed the item's folder in this run, which need not be who saw the item then. */
  listerOf({ parent, viewer }: KnownItem): string | null {
    const lister = parent === '0' ? undefined : this.#run.store.absence.listerOf(parent);
    return lister === undefined ? viewer : lister;
  }

  /** Whether this user's root is walked. */
  isWalked(viewer: string | null): boolean {
    return viewer === null || this.#viewers().includes(viewer);
  }

  /** Whether Box has shown anybody anything in this run. */
  hasShownAny(): boolean {
    return [null, ...this.#viewers()].some((viewer) => this.hasShown(viewer));
  }

  /** Whether Box has shown this user anything in this run: an app that has lost its rights is shown nothing. */
  hasShown(viewer: string | null): boolean {
    const known = this.#hasShown.get(viewer);
    if (known !== undefined) return known;
    const shown = this.#run.store.absence.hasShown(viewer, this.#run.id);
    this.#hasShown.set(viewer, shown);
    return shown;
  }

  /** One call (two, where it has to be found out where the item is now) as this user. */
  ask(item: AbsentItem, viewer: string | null): Observable<Answer> {
    return this.#asked(item, viewer, () => this.#unanswered(item));
  }

  /** The same of its owner, who is there but is not walked; `refused`: Box does not let the app act as that user. */
  askOwner(item: AbsentItem, owner: string): Observable<Answer | 'refused'> {
    // What fails for the moment says nothing about rights.
    return this.#asked(item, owner, (error) =>
      error instanceof TransientError ? this.#unanswered(item) : ('refused' as const),
    );
  }

  /** Its folder was listed without it again and again: if Box fails at this one question for ever, that has to do. */
  #unanswered(item: AbsentItem): Answer {
    return this.#isOverdue(item) ? 'not_found' : 'unproven';
  }

  #asked<T>(item: AbsentItem, viewer: string | null, unreadable: (error: Error) => T): Observable<Answer | T> {
    const question = fromAbortable((signal) => this.#answer(item, viewer, signal));
    return this.#gate.admit(1).pipe(
      inOrder(() => question.pipe(finalize(() => this.#gate.release(1)))),
      catchError((error: unknown) => (isUnreadable(error) ? of(unreadable(error)) : throwError(() => error))),
    );
  }

  /**
   * The item may belong to another user now: all but `lister` are asked as long as the calls last; else it has to be
   * missed for longer.
   */
  askOthers(item: AbsentItem, lister: string | null): Observable<Answer> {
    if (this.#isAgreed(item)) return of('not_found');
    // The token's own user may have it as well as those that it acts as.
    const others = [null, ...this.#viewers()].filter((viewer) => viewer !== lister);
    if (others.length > this.#proofCallsLeft) return of('unproven');
    this.#proofCallsLeft -= others.length;
    let asked = 0;
    return from(others).pipe(
      flatten(
        (viewer) =>
          defer(() => {
            asked += 1;
            return this.ask(item, viewer);
          }),
        this.#concurrency,
      ),
      takeWhile((answer) => !isThere(answer), true),
      toArray(),
      map(agreement),
      finalize(() => (this.#proofCallsLeft += others.length - asked)),
    );
  }

  #viewers(): readonly string[] {
    this.#walked ??= this.#run.store.absence.viewers();
    return this.#walked;
  }

  async #answer(item: AbsentItem, viewer: string | null, signal: AbortSignal): Promise<Answer> {
    const asUser = viewer ?? undefined;
    const answer = await this.#box.getItem(item.type, item.id, asUser, signal);
    if ('gone' in answer) {
      const other = this.#otherReading(item);
      if (other === undefined) return answer.gone;
      const otherAnswer = await this.#box.getItem(other.type, other.id, asUser, signal);
      return 'gone' in otherAnswer ? answer.gone : 'exists';
    }
    if (!('item' in answer)) return 'exists';
    const { parent, owned_by: owner } = answer.item;
    const mayBeOutside = this.#isNarrowed || (owner !== null && this.#run.excludedViewers.has(owner.id));
    if (!mayBeOutside && !this.#run.store.absence.hasPruned()) return 'exists';
    return this.#place(item, parent?.id, mayBeOutside, asUser, signal);
  }

  /** It was moved to where the walk has looked, or to where a rule or the configuration keeps it from looking. */
  async #place(
    item: AbsentItem,
    parent: string | undefined,
    mayBeOutside: boolean,
    asUser: string | undefined,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { absence } = this.#run.store;
    // Box does not show this user where it is.
    const hidden = () => (!mayBeOutside ? 'exists' : this.#isAgreed(item) ? 'out_of_scope' : 'unproven');
    if (parent === undefined) return hidden();
    let folders: readonly string[] = [parent];
    let place = absence.placeOf(folders);
    if (place === 'unknown' && parent !== '0') {
      const found = await this.#box.getFolder(parent, asUser, signal);
      if (found === 'gone') return hidden();
      folders = [...found.ancestors, parent];
      place = absence.placeOf(folders);
    }
    if (place === 'pruned') return 'filtered';
    if (place === 'walked' || !mayBeOutside) return 'exists';
    return folders.some((id) => this.#run.unfoundFolders.has(id)) ? 'unproven' : 'out_of_scope';
  }

  /**
   * What else its document could be of: an older version wrote folder `7` as `folder_7` where `7` was another item's, and
   * a state that was read back takes it for folder `folder_7`.
   */
  #otherReading({ type, id, documentId }: KnownItem): ItemKey | undefined {
    const prefix = `${type}_`;
    if (documentId !== id || !id.startsWith(prefix)) return undefined;
    const other: ItemKey = { type, id: id.slice(prefix.length) };
    // That one has a document of its own.
    if (other.id === '' || this.#run.known([other.id]).get(itemKey(other.type, other.id)) !== undefined)
      return undefined;
    return other;
  }
}

function isThere(answer: Answer): boolean {
  return answer === 'exists' || answer === 'filtered' || answer === 'out_of_scope';
}

/** Gone only if all say so; and whoever has it says where it is. */
function agreement(answers: readonly Answer[]): Answer {
  const there = answers.find(isThere);
  if (there !== undefined) return there;
  if (answers.includes('unproven')) return 'unproven';
  return answers.includes('trashed') ? 'trashed' : 'not_found';
}
