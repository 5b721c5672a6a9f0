import type { CallCounts } from '../box/call-counts.js';
import type { Clock } from '../core/clock.js';
import type { Run } from '../state/run.js';

export interface ProgressDeps {
  readonly run: Run;
  readonly counts: CallCounts;
  readonly clock: Clock;
  readonly requests: () => number;
}

/** How far a run has come, as one line. The rate of calls is that since the last line. */
export function progressOf({ run, counts, clock, requests }: ProgressDeps): () => string {
  const startedAt = clock.now();
  let lastAt = startedAt;
  let lastCalls = 0;
  return () => {
    const report = run.tally.report();
    const now = clock.now();
    const calls = Object.values(counts.calls).reduce((sum, count) => sum + count, 0);
    const seconds = Math.max((now - lastAt) / 1_000, 0.001);
    const perSecond = (calls - lastCalls) / seconds;
    lastAt = now;
    lastCalls = calls;
    const waiting = run.frontier.waiting();
    const elapsed = (now - startedAt) / 1_000;
    const folders = Math.max(counts.calls.folders, 1);
    // Folders are listed at a steady rate; those that are not known yet cannot be counted, so it is a lower bound.
    const left = waiting === 0 ? '' : `, at least ${duration((elapsed / folders) * waiting)} left`;
    const waits =
      counts.rateWaits.ms > 0 ? `, ${(counts.rateWaits.ms / 1_000).toFixed(0)} s waited for Box's rate` : '';
    return (
      `${report.listed} listed, ${report.written} written, ${report.unchanged} unchanged` +
      (report.filtered > 0 ? `, ${report.filtered} filtered` : '') +
      (report.rejected > 0 ? `, ${report.rejected} rejected` : '') +
      (report.deleted > 0 ? `, ${report.deleted} deleted` : '') +
      `; ${run.ledger.outstanding} under way, ${requests()} bulk requests, ${waiting} folders waiting` +
      `; ${perSecond.toFixed(0)} Box calls/s${waits}${left}`
    );
  };
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5_400) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3_600).toFixed(1)} h`;
}
