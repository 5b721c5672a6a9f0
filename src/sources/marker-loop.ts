import { PermanentError } from '../core/errors.js';

/** A page that Box repeats a few times is read a few times; only then does it count as a circle. */
const patience = 3;
/** Empty pages in a row: Box gives some where many items are hidden from the user. */
const mostEmpty = 1_000;

/**
 * Notices markers that lead in a circle, or ever on over empty pages, which would be followed for ever. Holds one marker: each is compared with the
 * one that was kept after 1, 2, 4, 8, ... of them, and a circle is called one when that has come back four times.
 */
export class MarkerLoop {
  #kept: string | null = null;
  #seen = 0;
  #nextKept = 1;
  #cameBack = 0;
  #emptyInARow = 0;

  /** The error to end the listing of `what` with, if this marker, the next to be asked for, leads nowhere; `entries`: how many its page had. */
  next(marker: string, what: string, entries: number): PermanentError | undefined {
    this.#emptyInARow = entries === 0 ? this.#emptyInARow + 1 : 0;
    if (this.#emptyInARow > mostEmpty) {
      return new PermanentError(
        `Cannot read ${what}: ${this.#emptyInARow} pages in a row were empty, each with another marker, expected entries or an end. Try again later; if it stays so, ask the support of Box`,
      );
    }
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
