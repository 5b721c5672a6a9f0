import { Observable } from 'rxjs';

interface Waiter {
  readonly weight: number;
  readonly admit: () => void;
}

/**
 * What the gates of a run have in common: something with a weight is admitted as long as the weights held stay within
 * `limit`, first come, first served. What is heavier than the limit is admitted alone, so nothing waits for ever.
 *
 * Weights are rounded up to whole numbers, in both directions: what rounding errors leave would keep out for ever what fits
 * only alone.
 *
 * Whoever is admitted may release, and be admitted again, from within: one loop admits, so that a million of them need no
 * more stack than one.
 */
export class AdmissionQueue {
  readonly limit: number;
  #held = 0;
  /** Who waits for room, oldest first. */
  readonly #waiting = new Set<Waiter>();
  readonly #onChange: () => void;
  #admitting = false;

  /** `onChange` is told after each change of what is held or of who waits. */
  constructor(limit: number, onChange: () => void = () => {}) {
    this.limit = limit;
    this.#onChange = onChange;
  }

  /** Weights admitted and not released. */
  get held(): number {
    return this.#held;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Admits `weight` if it fits now and nobody waits before it; whether it did. */
  tryAdmit(weight: number): boolean {
    const whole = Math.ceil(weight);
    if (this.#waiting.size > 0 || !this.#fits(whole)) return false;
    this.#held += whole;
    this.#onChange();
    return true;
  }

  /**
   * Emits once `weight` fits, then completes. Unsubscribing while it waits gives up the place; afterwards the weight is
   * the subscriber's to `release`.
   */
  admit(weight: number): Observable<void> {
    return new Observable((subscriber) => {
      const waiter: Waiter = {
        weight: Math.ceil(weight),
        admit: () => {
          subscriber.next();
          subscriber.complete();
        },
      };
      this.#waiting.add(waiter);
      this.#admit();
      return () => {
        if (this.#waiting.delete(waiter)) this.#admit();
      };
    });
  }

  release(weight: number): void {
    this.#held -= Math.ceil(weight);
    this.#admit();
  }

  #fits(weight: number): boolean {
    return this.#held <= 0 || this.#held + weight <= this.limit;
  }

  #admit(): void {
    if (!this.#admitting) {
      this.#admitting = true;
      try {
        // Asked first: this runs for each item, and an iterator of an empty set costs more than the question.
        while (this.#waiting.size > 0) {
          const [next] = this.#waiting;
          if (next === undefined || !this.#fits(next.weight)) break;
          this.#waiting.delete(next);
          this.#held += next.weight;
          next.admit();
        }
      } finally {
        this.#admitting = false;
      }
    }
    this.#onChange();
  }
}
