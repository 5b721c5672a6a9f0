import * as assert from 'uvu/assert';
import { parseJob } from '../../src/service/job-document.js';
import { abandonedAt, isAbandoned, nextJob } from '../../src/service/job-ownership.js';
import { suite } from '../support/suite.js';

const now = Date.parse('2026-03-01T12:00:00Z');
const job = (id: string, status: string, silentMs = 0, worker = 'here') =>
  parseJob(
    id,
    { status, last_seen: new Date(now - silentMs).toISOString(), worker_hostname: worker, connector: { id: 'c' } },
    { seqNo: 1, primaryTerm: 1 },
  );

suite('isAbandoned', (test) => {
  for (const [status, silentMs, worker, expected] of [
    ['in_progress', 19_999, 'here', false],
    ['in_progress', 20_000, 'here', true],
    ['canceling', 20_000, 'here', true],
    ['in_progress', 59_999, 'there', false],
    ['in_progress', 60_000, 'there', true],
    ['pending', 3_600_000, 'here', false],
    ['suspended', 3_600_000, 'here', false],
  ] as const) {
    test(`${status}, silent for ${silentMs} ms, from ${worker}: ${expected}`, () => {
      assert.is(isAbandoned(job('j', status, silentMs, worker), 'here', now), expected);
    });
  }

  test('counts a job without any sign of life', () => {
    const silent = parseJob('j', { status: 'in_progress' }, { seqNo: 1, primaryTerm: 1 });
    assert.ok(isAbandoned(silent, 'here', now));
  });

  test('says when it will be', () => {
    assert.is(abandonedAt(job('j', 'in_progress', 5_000), 'here'), now + 15_000);
    assert.is(abandonedAt(job('j', 'pending'), 'here'), null);
  });
});

suite('nextJob', (test) => {
  const next = (...jobs: readonly ReturnType<typeof job>[]) => nextJob(jobs, 'here', now)?.id;

  test('is the oldest that waits', () => assert.is(next(job('1', 'pending'), job('2', 'pending')), '1'));
  test('is a suspended one before new ones', () => assert.is(next(job('1', 'pending'), job('2', 'suspended')), '2'));
  test('is an abandoned one before all', () =>
    assert.is(next(job('1', 'suspended'), job('2', 'in_progress', 60_000)), '2'));
  test('is none while one is worked on, here or elsewhere', () => {
    assert.is(next(job('1', 'pending'), job('2', 'in_progress', 1_000)), undefined);
    assert.is(next(job('1', 'pending'), job('2', 'canceling', 30_000, 'there')), undefined);
  });
  test('does not begin again what was to be cancelled', () => {
    assert.is(next(job('1', 'canceling', 60_000)), undefined);
    assert.is(next(job('1', 'canceling', 60_000), job('2', 'pending')), '2');
  });
  test('is none of none', () => assert.is(next(), undefined));
});
