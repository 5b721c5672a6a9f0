import { Observable, map } from 'rxjs';
import { AdmissionQueue } from './admission-queue.js';

/**
 * The rows gate: counts entries that were listed and are not settled yet, and makes paging wait for room.
 *
 * Outstanding rows never exceed `limit`. Waiters are served in the order they came. One `Ledger` belongs to one run.
 */
export class Ledger {
  readonly #queue: AdmissionQueue;
  /** Who waits for the last row to be given back. */
  readonly #idle = new Set<() => void>();
  readonly #onChange: () => void;

  /** `onChange` is told after each change of what is outstanding or of who waits. */
  constructor(limit: number, onChange: () => void = () => {}) {
    if (!Number.isInteger(limit) || limit < 1) {
      throw new RangeError(`Cannot make a ledger of ${limit} rows: expected a whole number of at least 1`);
    }
    this.#onChange = onChange;
    this.#queue = new AdmissionQueue(limit, onChange);
  }

  get limit(): number {
    return this.#queue.limit;
  }

  /** Rows reserved or listed, and not settled. */
  get outstanding(): number {
    return this.#queue.held;
  }

  /** Listing calls that wait for room. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  /** Who waits until nothing is outstanding. */
  get waitingForEnd(): number {
    return this.#idle.size;
  }

  /**
   * Reserves `rows` (at most the limit), then emits how many were reserved and completes. Unsubscribing while it
   * waits gives up the place in the queue; afterwards the rows are the subscriber's to `release`.
   */
  reserve(rows: number): Observable<number> {
    const wanted = Math.min(rows, this.limit);
    return this.#queue.admit(wanted).pipe(map(() => wanted));
  }

  /** Emits once nothing is outstanding, then completes. */
  empty(): Observable<void> {
    return new Observable((subscriber) => {
      const done = () => {
        subscriber.next();
        subscriber.complete();
      };
      if (this.outstanding === 0) {
        done();
        return undefined;
      }
      this.#idle.add(done);
      this.#onChange();
      return () => {
        if (this.#idle.delete(done)) this.#onChange();
      };
    });
  }

  /** Gives back rows that were settled, or reserved and not needed. */
  release(rows: number): void {
    if (!(rows >= 0 && rows <= this.outstanding)) {
      throw new RangeError(`Cannot release ${rows} rows: ${this.outstanding} are outstanding`);
    }
    this.#queue.release(rows);
    if (this.outstanding === 0) for (const done of [...this.#idle]) done();
  }
}
