import { Observable } from 'rxjs';

/**
 * The rows gate: counts entries that were listed and are not settled yet, and makes paging wait for room.
 *
 * Outstanding rows never exceed `limit`. Waiters are served in the order they came. One `Ledger` belongs to one run.
 */
export class Ledger {
  readonly limit: number;
  #outstanding = 0;
  /** Who waits for the last row to be given back. */
  readonly #idle = new Set<() => void>();
  /** Readers that wait for room, oldest first. */
  readonly #waiting: { rows: number; admit: () => void }[] = [];

  constructor(limit: number) {
    if (!Number.isInteger(limit) || limit < 1) {
      throw new RangeError(`Cannot make a ledger of ${limit} rows: expected a whole number of at least 1`);
    }
    this.limit = limit;
  }

  /** Rows reserved or listed, and not settled. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** Listing calls that wait for room. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Reserves `rows` (at most the limit), then emits how many were reserved and completes. Unsubscribing while it
   * waits gives up the place in the queue; afterwards the rows are the subscriber's to `release`.
   */
  reserve(rows: number): Observable<number> {
    const wanted = Math.min(rows, this.limit);
    return new Observable((subscriber) => {
      const waiter = {
        rows: wanted,
        admit: () => {
          subscriber.next(wanted);
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

  /** Emits once nothing is outstanding, then completes. */
  empty(): Observable<void> {
    return new Observable((subscriber) => {
      const done = () => {
        subscriber.next();
        subscriber.complete();
      };
      if (this.#outstanding === 0) {
        done();
        return undefined;
      }
      this.#idle.add(done);
      return () => {
        this.#idle.delete(done);
      };
    });
  }

  /** Gives back rows that were settled, or reserved and not needed. */
  release(rows: number): void {
    if (rows > this.#outstanding) {
      throw new RangeError(`Cannot release ${rows} rows: ${this.#outstanding} are outstanding`);
    }
    this.#outstanding -= rows;
    this.#admit();
    if (this.#outstanding === 0) for (const done of [...this.#idle]) done();
  }

  #admit(): void {
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined || this.#outstanding + next.rows > this.limit) return;
      this.#waiting.shift();
      this.#outstanding += next.rows;
      next.admit();
    }
  }
}
