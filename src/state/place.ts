/**
 * Where a folder is: below another one, or (`above` is `null`) at a place that is told. Folders share the places above
 * them, so that a deep tree costs each of them its own name; path and ancestors are put together when they are needed.
 */
export class Place {
  readonly seq: number;
  readonly id: string;
  #above: Place | null;
  /** Its own name; at the top the whole path. */
  #name: string;
  /** Of the one at the top: ids of the folders above it; of others none. */
  #ancestors: readonly string[];

  private constructor(seq: number, id: string, above: Place | null, name: string, ancestors: readonly string[]) {
    this.seq = seq;
    this.id = id;
    this.#above = above;
    this.#name = name;
    this.#ancestors = ancestors;
  }

  static top(seq: number, id: string, path: string, ancestors: readonly string[]): Place {
    return new Place(seq, id, null, path, ancestors);
  }

  static below(seq: number, id: string, above: Place, name: string): Place {
    return new Place(seq, id, above, name, []);
  }

  /** `/A/B`; empty for a root. */
  get path(): string {
    return this.#line()
      .map((place) => place.#name)
      .join('/');
  }

  /** Ids of the folders above it, from the top down. */
  get ancestors(): readonly string[] {
    const line = this.#line();
    const above = line.slice(0, -1).map((place) => place.id);
    return [...line.flatMap((place) => place.#ancestors), ...above];
  }

  /** Whether this place is `seq`, or below it. */
  isWithin(seq: number): boolean {
    return this.#line().some((place) => place.seq === seq);
  }

  /** The folder was found somewhere else, or under another name: so was all below it. */
  moveBelow(above: Place, name: string): void {
    this.#above = above;
    this.#name = name;
    this.#ancestors = [];
  }

  moveToTop(path: string, ancestors: readonly string[]): void {
    this.#above = null;
    this.#name = path;
    this.#ancestors = ancestors;
  }

  /** From the top down to this one. */
  #line(): readonly Place[] {
    const line: Place[] = [this];
    for (let above = this.#above; above !== null; above = above.#above) line.push(above);
    return line.reverse();
  }
}
