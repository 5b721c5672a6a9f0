import { Observable } from 'rxjs';

/**
 * The bytes gate: downloads wait here until enough bytes have been given back.
 *
 * First come, first served. Something heavier than the whole budget is admitted alone, so nothing waits for ever;
 * the most ever held is `max(limit, one oversized item)`. One `Budget` belongs to one run.
 */
export class Budget {
  readonly limit: number;
  #held = 0;
  readonly #waiting: { bytes: number; admit: () => void }[] = [];

  constructor(limit: number) {
    if (!Number.isFinite(limit) || limit < 1) {
      throw new RangeError(`Cannot make a budget of ${limit} bytes: expected a number of at least 1`);
    }
    this.limit = limit;
  }

  /** Bytes acquired and not given back. */
  get held(): number {
    return this.#held;
  }

  /** Downloads that wait for bytes. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Emits `release` once `bytes` fit, then completes. Unsubscribing while it waits gives up the place; afterwards
   * the bytes are held until `release` is called (calling it again does nothing).
   */
  acquire(bytes: number): Observable<() => void> {
    return new Observable((subscriber) => {
      const waiter = {
        bytes,
        admit: () => {
          subscriber.next(this.#releaseOnce(bytes));
          subscriber.complete();
        },
      };
      this.#waiting.push(waiter);
      this.#admit();
      return () => {
        const position = this.#waiting.indexOf(waiter);
        if (position === -1) return;
        this.#waiting.splice(position, 1);
        this.#admit();
      };
    });
  }

  #releaseOnce(bytes: number): () => void {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#held -= bytes;
      this.#admit();
    };
  }

  #admit(): void {
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined || (this.#held > 0 && this.#held + next.bytes > this.limit)) return;
      this.#waiting.shift();
      this.#held += next.bytes;
      next.admit();
    }
  }
}
