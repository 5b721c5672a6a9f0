import { PermanentError } from '../core/errors.js';

/** A page that Box repeats a few times is read a few times; only then does it count as a circle. */
const patience = 3;
/** Empty pages in a row: Box gives some where many items are hidden from the user. */
const mostEmpty = 1_000;

/**
 * Notices markers that lead in a circle, or ever on over pages that are empty or the same, which would be followed for
 * ever. Holds one marker and what one page was.
 */
export class MarkerLoop {
  readonly #markers = new Circle();
  readonly #pages = new Circle();
  #emptyInARow = 0;

  /**
   * The error to end the listing of `what` with, if this marker, the next to be asked for, leads nowhere. `page`: a text that
   * two pages share only if they list the same; `''`: its page listed nothing.
   */
  next(marker: string, what: string, page: string): PermanentError | undefined {
    this.#emptyInARow = page === '' ? this.#emptyInARow + 1 : 0;
    if (this.#emptyInARow > mostEmpty) {
      return new PermanentError(
        `Cannot read ${what}: ${this.#emptyInARow} pages in a row were empty, each with another marker, expected entries or an end. Try again later; if it stays so, ask the support of Box`,
      );
    }
    if (this.#markers.isClosedBy(marker)) {
      return new PermanentError(
        `Cannot read ${what}: the marker "${marker}" has led back to itself several times, expected each to lead on. Try again later; if it stays so, ask the support of Box`,
      );
    }
    if (page !== '' && this.#pages.isClosedBy(page)) {
      return new PermanentError(
        `Cannot read ${what}: the same page has come several times, each time with another marker, expected each to lead on. Try again later; if it stays so, ask the support of Box`,
      );
    }
    return undefined;
  }
}

/** Each text is compared with the one that was kept after 1, 2, 4, 8, ... of them; a circle is one that has come back four times. */
class Circle {
  #kept: string | undefined;
  #seen = 0;
  #nextKept = 1;
  #cameBack = 0;

  isClosedBy(text: string): boolean {
    if (text === this.#kept) {
      this.#cameBack += 1;
      return this.#cameBack > patience;
    }
    this.#seen += 1;
    if (this.#seen === this.#nextKept) {
      this.#kept = text;
      this.#cameBack = 0;
      this.#nextKept *= 2;
    }
    return false;
  }
}
