/** A document that was rejected: kept with its reason until it is written or gone. */
export interface DeadLetter {
  readonly documentId: string;
  readonly type: string;
  readonly id: string;
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
  list(limit: number): readonly DeadLetter[];
  count(): number;
}
