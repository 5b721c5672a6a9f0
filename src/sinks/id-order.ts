import { Fifo } from '../core/fifo.js';

/**
 * Keeps the order per document: at most one operation of an id is under way, later ones wait for its end in the order
 * they came. (Two in one request would not do: the first may be refused for the moment and the second not.)
 * Holds the ids under way and what waits behind them.
 */
export class IdOrder<T> {
  readonly #waiting = new Map<string, Fifo<T> | undefined>();

  /** True if `value` may go on; else it waits and `leave` hands it out. */
  enter(id: string, value: T): boolean {
    if (!this.#waiting.has(id)) {
      this.#waiting.set(id, undefined);
      return true;
    }
    const queue = this.#waiting.get(id) ?? new Fifo<T>();
    queue.push(value);
    this.#waiting.set(id, queue);
    return false;
  }

  /** The one under way has ended: the next of this id, which is now under way. */
  leave(id: string): T | undefined {
    const next = this.#waiting.get(id)?.shift();
    if (next === undefined) this.#waiting.delete(id);
    return next;
  }
}
