import { Observable, distinctUntilChanged, map } from 'rxjs';
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
  /** Who is told of each change. */
  readonly #watchers = new Set<() => void>();

  constructor(limit: number) {
    if (!Number.isInteger(limit) || limit < 1) {
      throw new RangeError(`Cannot make a ledger of ${limit} rows: expected a whole number of at least 1`);
    }
    this.#queue = new AdmissionQueue(limit, () => this.#changed());
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
      this.#changed();
      return () => {
        this.#idle.delete(done);
        this.#changed();
      };
    });
  }

  /**
   * How many rows those that wait, for room or for the end, wait for: all that are outstanding; 0 while nobody waits.
   * Emits at once, then each change; never completes.
   */
  awaited(): Observable<number> {
    return new Observable<number>((subscriber) => {
      const tell = () => subscriber.next(this.waiting + this.#idle.size > 0 ? this.outstanding : 0);
      this.#watchers.add(tell);
      tell();
      return () => {
        this.#watchers.delete(tell);
      };
    }).pipe(distinctUntilChanged());
  }

  /** Gives back rows that were settled, or reserved and not needed. */
  release(rows: number): void {
    if (rows > this.outstanding) {
      throw new RangeError(`Cannot release ${rows} rows: ${this.outstanding} are outstanding`);
    }
    this.#queue.release(rows);
    if (this.outstanding === 0) for (const done of [...this.#idle]) done();
  }

  #changed(): void {
    for (const tell of this.#watchers) tell();
  }
}
