import type { Observable, OperatorFunction } from 'rxjs';
import type { Envelope } from '../core/envelope.js';
import type { Settled } from '../core/settled.js';
import type { BulkCounts } from '../sinks/bulk-counts.js';
import type { Operation } from '../sinks/operation.js';
import type { IndexedPage } from '../state/census.js';

/** Where documents go, with what a run needs to know of it beside the sink. */
export interface Target {
  /** For messages. */
  readonly name: string;
  readonly sink: OperatorFunction<readonly Envelope<Operation>[], Settled>;
  /** Makes the index if it is missing and refuses one that does not fit. To be called once, before all else. */
  prepare(signal: AbortSignal): Promise<PreparedTarget>;
  /** What `prepare` would find, without changing anything. */
  look(signal: AbortSignal): Promise<PreparedTarget>;
  /** How many documents the index has, all that was written included. */
  count(signal: AbortSignal): Promise<number>;
  /** All documents, in pages; `null` where they cannot be read back. */
  readonly documents: ((isEnterprise: boolean) => Observable<IndexedPage>) | null;
  /** Requests sent so far. */
  readonly requests: () => number;
  /** How bulk requests have ended so far; `null` where none are sent. */
  readonly bulk: BulkCounts | null;
  close(): Promise<void>;
}

export interface PreparedTarget {
  /** Tells this index from one of the same name made later. */
  readonly uuid: string;
  /** It was missing. */
  readonly created: boolean;
}
