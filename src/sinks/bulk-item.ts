import type { Envelope } from '../core/envelope.js';
import type { Operation } from './operation.js';

/** An operation on its way through the bulk sink. */
export interface BulkItem {
  readonly envelope: Envelope<Operation>;
  /** Replaced where another has to be written in its place. */
  operation: Operation;
  /** Answers that asked to try again. */
  tries: number;
  /** When the first of them came. */
  refusedAt: number;
}

/** Items that make one request, with the request's own failures. */
export interface BulkGroup {
  readonly items: readonly BulkItem[];
  tries: number;
  /** When the first of them came, of this group or of the one that it is a half of; `null`: none has. */
  failedAt: number | null;
  /** Outages that were over in between. */
  outages: number;
  /** Failures behind which something else has passed. */
  strikes: number;
  /** It is a part of a group that failed while something else passed: its failure is no outage. */
  readonly isSuspect: boolean;
}

export function bulkGroup(items: readonly BulkItem[], suspect?: BulkGroup): BulkGroup {
  return {
    items,
    tries: 0,
    failedAt: suspect?.failedAt ?? null,
    outages: 0,
    strikes: 0,
    isSuspect: suspect !== undefined,
  };
}
