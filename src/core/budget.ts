import { Observable } from 'rxjs';
import { AbortedError } from './errors.js';

interface Waiter {
  readonly bytes: number;
  readonly admit: (hold: Hold) => void;
}

interface Growth {
  readonly hold: Hold;
  readonly by: number;
  readonly granted: () => void;
}

/** What a hold tells the budget that it is of. */
interface Account {
  grow(growth: Growth): () => void;
  give(bytes: number): void;
}

/**
 * A bytes gate: whoever is about to hold something acquires its weight first, and waits until enough has been given back.
 *
 * First come, first served. Something heavier than the whole budget is admitted alone, so nothing waits for ever. A hold
 * may grow while it is used (a text turns out longer than its file). Those that grow go before those that begin, since
 * only they can end; where they would wait for one another, one of them is let beyond the limit. So the most ever held
 * is the limit and one hold. One `Budget` belongs to one run.
 */
export class Budget {
  readonly limit: number;
  #held = 0;
  #peak = 0;
  readonly #waiting = new Set<Waiter>();
  readonly #growing = new Set<Growth>();
  /** The one hold that was let beyond the limit, as long as more than the limit is held. */
  #beyond: Hold | undefined;
  /** One loop admits: whoever is admitted may give back, and acquire, from within. */
  #admitting = false;
  readonly #onChange: () => void;
  readonly #account: Account;

  /** `onChange` is told after each change of what is held or of who waits. */
  constructor(limit: number, onChange: () => void = () => {}) {
    if (!Number.isFinite(limit) || limit < 1) {
      throw new RangeError(`Cannot make a budget of ${limit} bytes: expected a number of at least 1`);
    }
    this.limit = limit;
    this.#onChange = onChange;
    this.#account = {
      grow: (growth) => {
        this.#growing.add(growth);
        this.#admit();
        return () => {
          if (this.#growing.delete(growth)) this.#admit();
        };
      },
      give: (bytes) => {
        this.#held -= bytes;
        if (this.#held <= this.limit) this.#beyond = undefined;
        this.#admit();
      },
    };
  }

  /** Bytes acquired and not given back. */
  get held(): number {
    return this.#held;
  }

  /** The most that was ever held. */
  get peak(): number {
    return this.#peak;
  }

  /** Who waits for bytes, to begin or to grow. */
  get waiting(): number {
    return this.#waiting.size + this.#growing.size;
  }

  /**
   * Emits a hold on `bytes` once they fit, then completes. Unsubscribing while it waits gives up the place; afterwards
   * the bytes are held until they are released.
   */
  acquire(bytes: number): Observable<Hold> {
    return new Observable((subscriber) => {
      const waiter: Waiter = {
        // Whole numbers: what rounding errors leave would keep out for ever what fits only alone.
        bytes: Math.ceil(bytes),
        admit: (hold) => {
          subscriber.next(hold);
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

  #admit(): void {
    if (!this.#admitting) {
      this.#admitting = true;
      try {
        while (this.waiting > 0 && (this.#letGrow() || this.#letBegin()));
      } finally {
        this.#admitting = false;
      }
    }
    this.#onChange();
  }

  #letGrow(): boolean {
    const next = this.#nextToGrow();
    if (next === undefined) return false;
    const { hold, by, granted } = next;
    if (this.#held + by > this.limit) {
      if (this.#beyond !== undefined && this.#beyond !== hold) return false;
      this.#beyond = hold;
    }
    this.#growing.delete(next);
    this.#take(by);
    granted();
    return true;
  }

  /** The one that is beyond the limit already goes first: what it holds is needed by all others. */
  #nextToGrow(): Growth | undefined {
    if (this.#beyond !== undefined) {
      for (const growth of this.#growing) if (growth.hold === this.#beyond) return growth;
    }
    const [first] = this.#growing;
    return first;
  }

  #letBegin(): boolean {
    const [next] = this.#waiting;
    if (next === undefined || this.#growing.size > 0) return false;
    if (this.#held > 0 && this.#held + next.bytes > this.limit) return false;
    this.#waiting.delete(next);
    const hold = new Hold(next.bytes, this.#account);
    this.#take(next.bytes);
    if (this.#held > this.limit) this.#beyond = hold;
    next.admit(hold);
    return true;
  }

  #take(bytes: number): void {
    this.#held += bytes;
    if (this.#held > this.#peak) this.#peak = this.#held;
  }
}

/** Bytes that belong to one thing, from its first byte until it is released. */
export class Hold {
  #bytes: number;
  #released = false;
  readonly #account: Account;

  constructor(bytes: number, account: Account) {
    this.#bytes = bytes;
    this.#account = account;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves once this hold has `bytes` in all; at once if it has as many. Rejects with `AbortedError` on an abort. */
  grow(bytes: number, signal: AbortSignal): Promise<void> {
    const by = Math.ceil(bytes) - this.#bytes;
    if (by <= 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      if (signal.aborted || this.#released) {
        reject(new AbortedError());
        return;
      }
      const abort = () => {
        giveUp();
        reject(new AbortedError());
      };
      signal.addEventListener('abort', abort, { once: true });
      const giveUp = this.#account.grow({
        hold: this,
        by,
        granted: () => {
          this.#bytes += by;
          signal.removeEventListener('abort', abort);
          // It was released while it waited to grow: nobody would give these back.
          if (this.#released) this.#account.give(by);
          resolve();
        },
      });
    });
  }

  /** Gives back what is above `bytes`. */
  shrink(bytes: number): void {
    const whole = Math.ceil(bytes);
    if (this.#released || whole >= this.#bytes) return;
    const back = this.#bytes - whole;
    this.#bytes = whole;
    this.#account.give(back);
  }

  /** Gives all of it back; a second time does nothing. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#account.give(this.#bytes);
  }
}
