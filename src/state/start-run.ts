import type { RunKind } from './runs.js';
import { Run } from './run.js';
import { sqliteStore } from './sqlite-store.js';
import type { Store } from './store.js';

export interface StartRunOptions {
  /** What earlier runs have left, and where this one is kept. Default: one in memory, so that everything is new. */
  readonly store?: Store;
  /** For the record. Default `full`. */
  readonly kind?: RunKind;
  /** Everything is done again, whatever the catalogue says. Default `false`. */
  readonly rewrite?: boolean;
  /** Limit of entries listed and not settled. Default 5,000. */
  readonly rows?: number;
  /** Limit of bytes downloaded and not given back. Default 32 MiB. */
  readonly bytes?: number;
  /** `fingerprint` of the sync rules in force. Default: that of none. */
  readonly rules?: string;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * A new run from the beginning, for a pipeline of one's own: what is left of an earlier walk in the store is forgotten,
 * what the catalogue knows is not. The caller closes the store; `run.tally.finalReport()` has the counts at the end.
 *
 * ```ts
 * const run = startRun();
 * await lastValueFrom(folderWalk({ box, run }, { concurrency: 8 }).pipe(...), { defaultValue: undefined });
 * ```
 */
export function startRun({
  store = sqliteStore(':memory:'),
  kind = 'full',
  rewrite = false,
  rows = 5_000,
  bytes = 32 * 1024 * 1024,
  rules = '',
  now = Date.now,
}: StartRunOptions = {}): Run {
  store.frontier.clear();
  store.absence.clear();
  const id = store.runs.start({ kind, rewrite, startedAt: now(), scope: '' });
  return new Run(store, { id, kind, rewrite, rows, bytes, rules, before: null, now });
}
