import * as assert from 'uvu/assert';
import { AuthError } from '../../src/core/errors.js';
import type { RunReport } from '../../src/core/run-report.js';
import { endOfRun, failureText } from '../../src/service/job-end.js';
import { lostSightAdvice } from '../../src/box/lost-sight-advice.js';
import { suite } from '../support/suite.js';

const report: RunReport = {
  listed: 9,
  written: 9,
  withoutContent: 1,
  withoutContentReason: 'cut',
  unchanged: 0,
  filtered: 0,
  rejected: 0,
  deleted: 0,
  deletesHeld: 0,
  deletesPending: 3,
  unread: [],
};

suite('endOfRun', (test) => {
  test('a complete run completes its job', () => {
    const end = endOfRun({ state: 'complete', report, stopped: null }, 'nothing');
    assert.equal(end, { status: 'completed', error: null });
    assert.equal(endOfRun({ state: 'complete', report, stopped: null }, 'cancel').status, 'completed', 'too late');
  });

  test('an incomplete one is an error that says what is missing', () => {
    const unread = [
      { type: 'folder', id: '7', path: '/A\nB', reason: 'refused' },
      { type: 'user', id: '8', path: '/', reason: 'other' },
    ] as const;
    const end = endOfRun(
      { state: 'incomplete', report: { ...report, unread, rejected: 2, deletesHeld: 5 }, stopped: null },
      'nothing',
    );
    assert.equal(end, {
      status: 'error',
      error: `Incomplete: 2 could not be read, so nothing below them was deleted (first: folder 7 "/A\\nB": refused); 2 documents were rejected; 5 documents have gone from Box, or from what is configured, and are held back, since that is more than deletes.max_share allows, or an account that had items lists none. ${lostSightAdvice}`,
    });
  });

  test('an interrupted one is what somebody asked for, else an error with the reason', () => {
    const interrupted = { state: 'interrupted', report, stopped: 'Box does not answer: 503' } as const;
    assert.equal(endOfRun(interrupted, 'cancel'), { status: 'canceled', error: null });
    assert.equal(endOfRun(interrupted, 'suspend'), { status: 'suspended', error: null });
    assert.equal(endOfRun(interrupted, 'nothing'), {
      status: 'error',
      error: 'Incomplete: stopped before its end, since Box does not answer: 503. The next sync resumes it',
    });
  });

  test('a failure is said with its kind, in one line of bounded length, without control characters', () => {
    assert.is(failureText(new AuthError('Cannot\n\u001b[2Jsign in\u2028.')), 'AuthError: Cannot [2Jsign in .');
    assert.is(failureText(new Error('')), 'Error');
    assert.is(failureText('text'), 'text');
    assert.is(failureText(new Error('x'.repeat(5_000))).length, 2_000);
  });
});
