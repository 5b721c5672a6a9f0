import { Observable } from 'rxjs';

/**
 * What the two gates of a run have in common: something with a weight is admitted as long as the weights held stay
 * within `limit`, first come, first served. What is heavier than the limit is admitted alone, so nothing waits for ever.
 */
export class AdmissionQueue {
  readonly limit: number;
  #held = 0;
  /** Who waits for room, oldest first. */
  readonly #waiting: { weight: number; admit: () => void }[] = [];
  readonly #onChange: () => void;

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
    return this.#waiting.length;
  }

  /**
   * Emits once `weight` fits, then completes. Unsubscribing while it waits gives up the place; afterwards the weight is
   * the subscriber's to `release`.
   */
  admit(weight: number): Observable<void> {
    return new Observable((subscriber) => {
      const waiter = {
        weight,
        admit: () => {
          subscriber.next();
          subscriber.complete();
        },
      };
      this.#waiting.push(waiter);
      this.#admit();
      this.#onChange();
      return () => {
        const position = this.#waiting.indexOf(waiter);
        if (position === -1) return;
        this.#waiting.splice(position, 1);
        this.#admit();
        this.#onChange();
      };
    });
  }

  release(weight: number): void {
    this.#held -= weight;
    this.#admit();
    this.#onChange();
  }

  #admit(): void {
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined || (this.#held > 0 && this.#held + next.weight > this.limit)) return;
      this.#waiting.shift();
      this.#held += next.weight;
      next.admit();
    }
  }
}
