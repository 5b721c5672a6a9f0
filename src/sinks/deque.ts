import { Fifo } from '../core/fifo.js';

/** First in, first out, but for what is put in front; each at a constant cost. */
export class Deque<T> {
  readonly #front: T[] = [];
  readonly #rest = new Fifo<T>();

  push(item: T): void {
    this.#rest.push(item);
  }

  unshift(item: T): void {
    this.#front.push(item);
  }

  shift(): T | undefined {
    return this.#front.length > 0 ? this.#front.pop() : this.#rest.shift();
  }
}
