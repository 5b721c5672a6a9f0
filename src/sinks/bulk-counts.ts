import { tap } from 'rxjs';
import { AbortedError, PermanentError, TransientError } from '../core/errors.js';
import type { BulkAnswer, BulkClient } from './bulk-client.js';

/** How a bulk request ended: the status of the answer, or why there is none. */
export type BulkEnd = number | 'no-answer' | 'refused' | 'aborted';

/** Bulk requests sent, how they ended, and how Elasticsearch answered for each operation, tries again included. */
export class BulkCounts {
  requests = 0;
  readonly ends = new Map<BulkEnd, number>();
  /** By status: 429 and 5xx are sent again as long as patience lasts. */
  readonly items = new Map<number, number>();

  /** The same client, counted. */
  counted(client: BulkClient): BulkClient {
    return {
      bulk: (request) => {
        this.requests += 1;
        let isOver = false;
        return client.bulk(request).pipe(
          tap({
            next: (answer) => {
              isOver = true;
              this.#answered(answer);
            },
            error: (error: unknown) => {
              isOver = true;
              add(this.ends, endOf(error), 1);
            },
            unsubscribe: () => {
              if (!isOver) add(this.ends, 'aborted', 1);
            },
          }),
        );
      },
    };
  }

  #answered({ errors, items }: BulkAnswer): void {
    add(this.ends, 200, 1);
    if (!errors) {
      add(this.items, 200, items.length);
      return;
    }
    for (const item of items) {
      const [said] = Object.values(item);
      // One that is made anew is as good as one that was there.
      const status = said === undefined || said.status < 300 ? 200 : said.status;
      add(this.items, status, 1);
    }
  }
}

function endOf(error: unknown): BulkEnd {
  if (error instanceof AbortedError) return 'aborted';
  if (error instanceof TransientError) return error.status ?? 'no-answer';
  if (error instanceof PermanentError) return error.status ?? 'no-answer';
  return 'refused';
}

function add<K>(counts: Map<K, number>, key: K, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
