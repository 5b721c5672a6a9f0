import type { RunReport } from '../core/run-report.js';

export type RunKind = 'full' | 'incremental';
export type RunState = 'running' | 'complete' | 'incomplete' | 'failed' | 'interrupted';

export interface RunRow {
  readonly id: number;
  readonly kind: RunKind;
  readonly rewrite: boolean;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** When it was last known to be alive: its end, or what it has last written. */
  readonly seenAt: number;
  readonly state: RunState;
  /** What of the configuration decides what is walked: a run is gone on with only under the same. */
  readonly scope: string;
  readonly report: RunReport | null;
}

export interface Runs {
  start(run: { kind: RunKind; rewrite: boolean; startedAt: number; scope: string }): number;
  /** Keeps the counts of a run that goes on, and when that was. */
  progress(id: number, report: RunReport, at: number): void;
  end(id: number, end: { state: Exclude<RunState, 'running'>; endedAt: number; report: RunReport }): void;
  /** Marks a run as going on again. */
  reopen(id: number): void;
  /** Id of the run that was started last; 0 if none was. */
  newest(): number;
  last(): RunRow | undefined;
  list(limit: number): readonly RunRow[];
}
