/** Something that could not be read: what is below it is not known, so nothing of it is deleted. */
export interface Unread {
  readonly type: 'folder' | 'user' | 'users';
  readonly id: string;
  readonly path: string;
  readonly reason: string;
}

/**
 * The counts of one run. `listed = written + unchanged + filtered + rejected` when the run has ended; `deleted` stands
 * beside it. `written` includes partial updates and documents without content.
 */
export interface RunReport {
  readonly listed: number;
  readonly written: number;
  readonly withoutContent: number;
  /** Why the first of them has no text; `null` if all have theirs. */
  readonly withoutContentReason: string | null;
  readonly unchanged: number;
  readonly filtered: number;
  readonly rejected: number;
  readonly deleted: number;
  readonly deletesHeld: number;
  readonly deletesPending: number;
  readonly unread: readonly Unread[];
}
