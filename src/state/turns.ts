/** Whose turn it is: each that has joined comes once in a round, until it leaves. Every step takes the same time. */
export class Turns {
  readonly #joined = new Set<string>();
  #queue: string[] = [];
  #head = 0;

  /** At the end of the round; one that has joined already keeps its turn. */
  join(who: string): void {
    if (this.#joined.has(who)) return;
    this.#joined.add(who);
    this.#queue.push(who);
  }

  /** Whose turn it is now; it comes to the end of the round. */
  next(): string | undefined {
    const who = this.#queue[this.#head];
    if (who === undefined) return undefined;
    this.#head += 1;
    this.#queue.push(who);
    if (this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return who;
  }

  /** The one whose turn it was last leaves. */
  leave(): void {
    const who = this.#queue.pop();
    if (who !== undefined) this.#joined.delete(who);
  }

  clear(): void {
    this.#joined.clear();
    this.#queue = [];
    this.#head = 0;
  }
}
