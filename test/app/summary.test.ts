import * as assert from 'uvu/assert';
import { summaryLine } from '../../src/app/summary.js';
import { CallCounts } from '../../src/box/call-counts.js';
import { emptyReport } from '../support/empty-report.js';
import { suite } from '../support/suite.js';

suite('summaryLine', (test) => {
  test('one line of JSON: the run, every count, calls to Box, and what was measured', () => {
    const counts = new CallCounts();
    counts.calls.folders = 3;
    counts.repeats['rate-limited'] = 1;
    counts.waited(250);
    const unread = [{ type: 'folder', id: '7', path: '/A\nB', reason: 'refused' }] as const;
    const line = summaryLine(
      {
        run: 4,
        kind: 'full',
        state: 'incomplete',
        report: { ...emptyReport, listed: 5, written: 4, rejected: 1, unread },
        resumed: true,
        startedAt: Date.UTC(2026, 10, 1),
        stopped: null,
      },
      counts,
      { bytesDownloaded: 10, bulkRequests: 2, seconds: 1.5, peakRssMiB: 99 },
    );
    assert.not.match(line, /\n/);
    assert.equal(JSON.parse(line), {
      run: 4,
      kind: 'full',
      state: 'incomplete',
      resumed: true,
      startedAt: '2026-11-01T00:00:00.000Z',
      ...emptyReport,
      listed: 5,
      written: 4,
      rejected: 1,
      unread,
      boxCalls: { ...counts.calls, folders: 3 },
      boxRepeats: { ...counts.repeats, 'rate-limited': 1 },
      rateWaits: { calls: 1, ms: 250 },
      bytesDownloaded: 10,
      bulkRequests: 2,
      seconds: 1.5,
      peakRssMiB: 99,
    });
  });
});
