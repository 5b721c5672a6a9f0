import { PermanentError } from '../core/errors.js';

/** A page that Box repeats a few times is read a few times; only then does it count as a circle. */
const patience = 3;

/**
 * Notices markers that lead in a circle, which would be followed for ever. Holds one marker: each is compared with the
 * one that was kept after 1, 2, 4, 8, ... of them, and a circle is called one when that has come back four times.
 */
export class MarkerLoop {
  #kept: string | null = null;
  #seen = 0;
  #nextKept = 1;
  #cameBack = 0;

  /** The error to end the listing of `what` with, if this marker, the next to be asked for, has been asked for before. */
  next(marker: string, what: string): PermanentError | undefined {
    if (marker === this.#kept) {
      this.#cameBack += 1;
      if (this.#cameBack <= patience) return undefined;
      return new PermanentError(
        `Cannot read ${what}: the marker "${marker}" has led back to itself several times, expected each to lead on. Try again later; if it stays so, ask the support of Box`,
      );
    }
    this.#seen += 1;
    if (this.#seen === this.#nextKept) {
      this.#kept = marker;
      this.#cameBack = 0;
      this.#nextKept *= 2;
    }
    return undefined;
  }
}
