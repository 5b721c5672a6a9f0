import * as assert from 'uvu/assert';
import { explainResult } from '../../src/app/explain-result.js';
import { makeLog } from '../../src/app/log.js';
import type { SyncResult } from '../../src/app/sync.js';
import type { RunReport } from '../../src/core/run-report.js';
import { emptyReport } from '../support/empty-report.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { suite } from '../support/suite.js';

function said(
  report: Partial<RunReport>,
  state: SyncResult['state'] = 'incomplete',
  stopped: string | null = null,
  resumed = false,
): string[] {
  const lines: string[] = [];
  const log = makeLog({ level: 'info', readable: true, version: '0' }, { write: (line) => void lines.push(line) });
  const result = {
    run: 7,
    kind: 'full',
    state,
    report: { ...emptyReport, ...report },
    resumed,
    startedAt: Date.UTC(2026, 10, 1),
    stopped,
  } as const;
  explainResult(result, log, loadTestConfig().config);
  return lines.map((line) => line.slice(9).trimEnd());
}

suite('explainResult', (test) => {
  test('a complete run is one line', () => {
    const lines = said({ listed: 3, written: 2, unchanged: 1 }, 'complete');
    assert.equal(lines, [
      'INFO  Run 7 is complete: 3 listed, 2 written, 1 unchanged, 0 filtered, 0 rejected, 0 deleted',
    ]);
  });

  const cases: readonly [what: string, report: Partial<RunReport>, advice: RegExp][] = [
    ['rejected', { rejected: 2 }, /WARN {2}2 documents were rejected; "dead-letters list"/],
    [
      'without text',
      { withoutContent: 3, withoutContentReason: 'Box said 403' },
      /WARN {2}3 files are indexed without their text; the next run .* The first: Box said 403/,
    ],
    [
      'deletes held',
      { deletesHeld: 9 },
      /WARN {2}9 documents .*deletes\.max_share \(0\.2\).*scope.*App Access Level.*authorisation.*user.*--allow-deletes/,
    ],
    ['deletes pending', { deletesPending: 4 }, /INFO {2}4 documents seem to have gone/],
  ];
  for (const [what, report, advice] of cases) {
    test(`${what}: says how many and what follows`, () => {
      const lines = said(report);
      assert.is(lines.length, 2);
      assert.match(lines[0]!, advice);
    });
  }

  test('names twenty of what could not be read, and counts the rest', () => {
    const unread = Array.from({ length: 25 }, (_, n) => ({
      type: 'folder' as const,
      id: String(n),
      path: `/\u001b[2J${n}`,
      reason: 'Box said 403',
    }));
    const lines = said({ unread });
    assert.is(lines.filter((line) => line.includes('Box said 403')).length, 20);
    assert.match(lines[20]!, /WARN {2}5 more could not be read; see "status"/);
    assert.not.match(lines.join(''), /\u001b/);
  });

  test('an interrupted run says why, and that it will go on', () => {
    assert.match(
      said({}, 'interrupted', 'the calls are used up')[0]!,
      /stopped, since the calls are used up.*resumes it, unless .*run\.resume_within \(3600 s\)/,
    );
  });

  test('a resumed run says since when it has listed, when it has ended', () => {
    const [line = '', ...rest] = said({}, 'complete', null, true);
    assert.match(line, /^INFO {2}Run 7 was resumed: .* since 2026-11-01T00:00:00\.000Z, was not listed again/);
    assert.is(rest.length, 1);
    assert.is(said({}, 'interrupted', null, true).length, 1);
  });
});
