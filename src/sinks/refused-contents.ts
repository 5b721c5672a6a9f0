/** Contents refused one after the other, above which it is not about the files. */
const mostInARow = 10;

/**
 * Tells files that an ingest pipeline cannot read from a pipeline that reads none. A refused version of a content is
 * done with, so that it is not fetched in each run; but not where contents are refused one after the other and none is
 * accepted: those come again when the pipeline has been mended. Holds one number.
 */
export class RefusedContents {
  #inARow = 0;

  accepted(): void {
    this.#inARow = 0;
  }

  /** Notes a refusal; `isFinal`: by what was said of it. Returns whether the version is done with. */
  refused(isFinal: boolean): boolean {
    this.#inARow += 1;
    return isFinal && this.#inARow <= mostInARow;
  }
}
