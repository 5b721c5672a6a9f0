import { type Observable, map } from 'rxjs';
import { AdmissionQueue } from './admission-queue.js';

/**
 * The bytes gate: downloads wait here until enough bytes have been given back.
 *
 * First come, first served. Something heavier than the whole budget is admitted alone, so nothing waits for ever;
 * the most ever held is `max(limit, one oversized item)`. One `Budget` belongs to one run.
 */
export class Budget {
  readonly #queue: AdmissionQueue;

  constructor(limit: number) {
    if (!Number.isFinite(limit) || limit < 1) {
      throw new RangeError(`Cannot make a budget of ${limit} bytes: expected a number of at least 1`);
    }
    this.#queue = new AdmissionQueue(limit);
  }

  get limit(): number {
    return this.#queue.limit;
  }

  /** Bytes acquired and not given back. */
  get held(): number {
    return this.#queue.held;
  }

  /** Downloads that wait for bytes. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  /**
   * Emits `release` once `bytes` fit, then completes. Unsubscribing while it waits gives up the place; afterwards
   * the bytes are held until `release` is called (calling it again does nothing).
   */
  acquire(bytes: number): Observable<() => void> {
    return this.#queue.admit(bytes).pipe(map(() => this.#releaseOnce(bytes)));
  }

  #releaseOnce(bytes: number): () => void {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#queue.release(bytes);
    };
  }
}
