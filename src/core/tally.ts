import { assertNever } from './assert-never.js';
import type { Outcome } from './outcome.js';
import type { RunReport, Unread } from './run-report.js';
import { shortened, shortenedPath } from './shortened.js';

/** How many of the things that could not be read are kept with their reason; more are only counted. */
const unreadKept = 1_000;

const zero = {
  listed: 0,
  written: 0,
  withoutContent: 0,
  unchanged: 0,
  filtered: 0,
  rejected: 0,
  deleted: 0,
  deletesHeld: 0,
  deletesPending: 0,
};

/** Counts what a run lists and how it ends, each on its own, so that the report can assert that nothing is missing. */
export class Tally {
  #counts: typeof zero;
  #withoutContentReason: string | null;
  readonly #unread: Unread[] = [];
  readonly #unreadCounts = { folder: 0, user: 0, users: 0 };

  /** `before`: the counts of the same run up to where it was stopped. */
  constructor(before: RunReport | null = null) {
    this.#counts = { ...zero };
    this.#withoutContentReason = before?.withoutContentReason ?? null;
    if (before === null) return;
    const { written, withoutContent, unchanged, filtered, rejected, deleted } = before;
    // What was listed and had not ended is listed again; what could not be read or deleted is tried again.
    const listed = written + unchanged + filtered + rejected;
    this.#counts = { ...zero, listed, written, withoutContent, unchanged, filtered, rejected, deleted };
  }

  /** The source emitted an item for the first time in this run. */
  listed(): void {
    this.#counts.listed += 1;
  }

  /** A listed item has ended. */
  ended(outcome: Outcome): void {
    const counts = this.#counts;
    switch (outcome.kind) {
      case 'written':
      case 'unchanged':
        counts[outcome.kind] += 1;
        if (outcome.withoutContent === undefined) return;
        counts.withoutContent += 1;
        this.#withoutContentReason ??= shortened(outcome.withoutContent);
        return;
      case 'filtered':
      case 'rejected':
      case 'deleted':
        counts[outcome.kind] += 1;
        return;
      default:
        assertNever(outcome);
    }
  }

  deletesHeld(documents: number): void {
    this.#counts.deletesHeld += documents;
  }

  deletesPending(documents: number): void {
    this.#counts.deletesPending += documents;
  }

  unread({ type, id, path, reason }: Unread): void {
    this.#unreadCounts[type] += 1;
    if (this.#unread.length >= unreadKept) return;
    this.#unread.push({ type, id, path: shortenedPath(path), reason: shortened(reason) });
  }

  get unreadCount(): number {
    const { folder, user, users } = this.#unreadCounts;
    return folder + user + users;
  }

  unreadOf(type: Unread['type']): number {
    return this.#unreadCounts[type];
  }

  /** The counts so far. */
  report(): RunReport {
    return { ...this.#counts, withoutContentReason: this.#withoutContentReason, unread: [...this.#unread] };
  }

  /** The counts of a run that was broken off: what had not ended is not counted as listed, since it is listed again. */
  brokenOffReport(): RunReport {
    const { written, unchanged, filtered, rejected } = this.#counts;
    return { ...this.report(), listed: written + unchanged + filtered + rejected };
  }

  /** The counts at the end: `listed = written + unchanged + filtered + rejected`, or an error that shows both sides. */
  finalReport(): RunReport {
    const { listed, written, unchanged, filtered, rejected } = this.#counts;
    const ended = written + unchanged + filtered + rejected;
    if (listed !== ended) {
      throw new Error(
        `Cannot close the run: ${listed} items were listed and ${ended} have ended (written ${written}, unchanged ${unchanged}, filtered ${filtered}, rejected ${rejected}), expected both to be equal`,
      );
    }
    return this.report();
  }
}
