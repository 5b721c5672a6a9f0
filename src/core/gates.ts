import { Observable, Subscription, distinctUntilChanged } from 'rxjs';
import { AdmissionQueue } from './admission-queue.js';
import { Budget } from './budget.js';
import type { Envelope } from './envelope.js';
import { Ledger } from './ledger.js';
import { observerOf } from './observer-of.js';

export interface GateLimits {
  /** Entries listed and not settled. */
  readonly rows: number;
  /** Bytes of content, from its download until its document is settled. */
  readonly bytes: number;
  /** Bytes of listings: half for the pages that are read, half for the documents that are made of them. */
  readonly listingBytes: number;
}

/**
 * What bounds the memory of a run. Whatever is held for an item is weighed by one of these, from before it is there until
 * the item is settled:
 *
 * - `ledger`: rows, reserved before a listing call;
 * - `pages`: bytes of the answers that are read, until the last entry has passed on;
 * - `documents`: bytes of what was listed (parsed entry, path, JSON), taken when an envelope enters the pipeline;
 * - `content`: bytes of downloads, of the answers of extractors, and of the text that goes into a document.
 *
 * Each lets one thing pass that is heavier than all of it, alone, so nothing waits for ever.
 */
export class Gates {
  readonly ledger: Ledger;
  readonly pages: Budget;
  readonly documents: AdmissionQueue;
  readonly content: Budget;
  /** Envelopes that are listed and wait to enter the pipeline. */
  #outside = 0;
  /** Who is told of each change. */
  readonly #watchers = new Set<() => void>();

  constructor({ rows, bytes, listingBytes }: GateLimits) {
    const changed = () => {
      this.#watchers.forEach((tell) => tell());
    };
    this.ledger = new Ledger(rows, changed);
    this.pages = new Budget(Math.ceil(listingBytes / 2), changed);
    this.documents = new AdmissionQueue(Math.ceil(listingBytes / 2), changed);
    this.content = new Budget(bytes, changed);
  }

  /**
   * Lets envelopes into the pipeline in their order, as there is room for what they weigh: emits as many at a time as
   * fit. What has not been emitted when it is unsubscribed was never listed. Holds the envelopes that wait.
   */
  admit<T>(envelopes: readonly Envelope<T>[]): Observable<readonly Envelope<T>[]> {
    return new Observable((subscriber) => {
      let next = 0;
      let outside = 0;
      let waiting = Subscription.EMPTY;
      const nowOutside = (count: number) => {
        this.#outside += count - outside;
        outside = count;
      };
      const emit = (from: number) => {
        const some = from === 0 && next === envelopes.length ? envelopes : envelopes.slice(from, next);
        for (const envelope of some) envelope.begin(true);
        subscriber.next(some);
      };
      const go = () => {
        while (!subscriber.closed && next < envelopes.length) {
          const from = next;
          for (let one = envelopes[next]; one !== undefined; one = envelopes[next]) {
            if (!this.documents.tryAdmit(one.weight)) break;
            next += 1;
          }
          nowOutside(envelopes.length - next);
          if (next === from) {
            wait();
            return;
          }
          emit(from);
        }
        subscriber.complete();
      };
      const wait = () => {
        waiting = this.documents.admit(envelopes[next]?.weight ?? 0).subscribe(
          observerOf<unknown>(subscriber, {
            next: () => {
              next += 1;
              nowOutside(envelopes.length - next);
              emit(next - 1);
              go();
            },
            complete: () => {},
          }),
        );
      };
      go();
      return () => {
        nowOutside(0);
        waiting.unsubscribe();
      };
    });
  }

  /**
   * How many items those that wait (for room, or for the end) wait for: all that are in the pipeline and do not wait
   * themselves; 0 while nobody waits. Emits at once, then each change; never completes.
   */
  awaited(): Observable<number> {
    return new Observable<number>((subscriber) => {
      const tell = () => subscriber.next(this.#awaited());
      this.#watchers.add(tell);
      tell();
      return () => {
        this.#watchers.delete(tell);
      };
    }).pipe(distinctUntilChanged());
  }

  #awaited(): number {
    const { ledger, pages, documents, content } = this;
    const someoneWaits =
      ledger.waiting + ledger.waitingForEnd + pages.waiting + documents.waiting + content.waiting > 0;
    return someoneWaits ? Math.max(0, ledger.outstanding - this.#outside - content.waiting) : 0;
  }
}
