/** Whose text was tried in vain: a file, and which content of it. */
export interface TriedContent {
  readonly id: string;
  /** The file's version and the settings of the extraction, as the catalogue has it. */
  readonly content: string;
}

/**
 * How often the text of a file could not be had because of the file itself, or was not taken by the index, so that it is
 * not tried for ever.
 */
export interface ContentTries {
  /** Tries of this very content. */
  count(tried: TriedContent): number;
  /** Counts another try, or the first of a new content; returns how many there are. */
  failed(tried: TriedContent): number;
  /** Forgets files. */
  drop(ids: readonly string[]): void;
  /** Files that are done with, without text: those of them that the catalogue has as done. */
  givenUp(): number;
  /** Forgets all, and that the catalogue has any of them as done: the next run tries them. Returns how many were done. */
  again(): number;
  /** Forgets files that the catalogue does not know any more. */
  forgetGone(): void;
}
