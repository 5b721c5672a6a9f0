import type { CallCounts } from '../box/call-counts.js';
import type { SyncResult } from './sync.js';

/** The one line of JSON that `sync` prints at its end. */
export function summaryLine(
  { run, kind, state, resumed, startedAt, report }: SyncResult,
  counts: CallCounts,
  measured: {
    readonly bytesDownloaded: number;
    readonly bulkRequests: number;
    readonly seconds: number;
    readonly peakRssMiB: number;
  },
): string {
  const { unread, ...numbers } = report;
  return JSON.stringify({
    run,
    kind,
    state,
    resumed,
    startedAt: new Date(startedAt).toISOString(),
    ...numbers,
    unread,
    boxCalls: counts.calls,
    boxRepeats: counts.repeats,
    rateWaits: counts.rateWaits,
    ...measured,
  });
}
