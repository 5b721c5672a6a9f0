import { PermanentError } from '../core/errors.js';

/**
 * Notices markers that lead in a circle, which would be followed for ever. Holds one marker: each is compared with the
 * one that was kept after 1, 2, 4, 8, ... of them, so a circle is noticed after at most three times its length.
 */
export class MarkerLoop {
  #kept: string | null = null;
  #seen = 0;
  #nextKept = 1;

  /** The error to end the listing of `what` with, if this marker, the next to be asked for, has been asked for before. */
  next(marker: string, what: string): PermanentError | undefined {
    if (marker === this.#kept) {
      return new PermanentError(
        `Cannot read ${what}: the marker "${marker}" has led back to itself, expected each to lead on. Try again later; if it stays so, ask the support of Box`,
      );
    }
    this.#seen += 1;
    if (this.#seen === this.#nextKept) {
      this.#kept = marker;
      this.#nextKept *= 2;
    }
    return undefined;
  }
}
