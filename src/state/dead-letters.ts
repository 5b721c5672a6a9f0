/** A document that was rejected: kept with its reason until it is written or gone. */
export interface DeadLetter {
  /** Of what has no document, since it has no id or no known type, a text that no document has for an id. */
  readonly documentId: string;
  readonly type: string;
  readonly id: string;
  /** Where it was seen; the end of it, behind `...`, if it is very long. */
  readonly path: string;
  /** What was tried: `parse`, `map`, `index`, `update`, `delete`. */
  readonly operation: string;
  readonly reason: string;
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly lastTried: number;
}

export interface DeadLetters {
  /** Adds letters, or counts another attempt of those that are there. */
  add(letters: readonly Omit<DeadLetter, 'attempts'>[]): void;
  /** Drops the letters of documents that were written or are gone. */
  drop(documentIds: readonly string[]): void;
  /**
   * Drops the letters of items that the catalogue does not know, and that were last tried before `since`: a run that has
   * listed everything since then has not met them again.
   */
  forgetGone(since: number): void;
  list(limit: number): readonly DeadLetter[];
  count(): number;
}
