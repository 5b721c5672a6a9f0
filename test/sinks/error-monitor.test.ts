import * as assert from 'uvu/assert';
import { ErrorMonitor, type ErrorMonitorOptions, defaultErrorMonitor } from '../../src/sinks/error-monitor.js';
import { suite } from '../support/suite.js';

/** `-` a success, `x` an error; returns how many were noted before it had enough. */
function noted(outcomes: string, options: Partial<ErrorMonitorOptions> = {}): number | 'never' {
  const monitor = new ErrorMonitor({ ...defaultErrorMonitor, ...options });
  for (const [position, outcome] of outcomes.split('').entries()) {
    if (outcome === '-') monitor.succeeded();
    else if (monitor.failed('no') !== undefined) return position + 1;
  }
  return 'never';
}

suite('ErrorMonitor', (test) => {
  const cases: readonly [string, string, Partial<ErrorMonitorOptions>, number | 'never'][] = [
    ['ten in a row are borne', `${'x'.repeat(10)}-`.repeat(1), {}, 'never'],
    ['eleven are not', 'x'.repeat(11), {}, 11],
    ['a success between them starts the row anew', `${'x'.repeat(7)}-${'x'.repeat(7)}`, {}, 'never'],
    ['15 of the last 100 are borne', 'x-'.repeat(15), {}, 'never'],
    ['16 of the last 100 are not', 'x-'.repeat(16), {}, 31],
    ['what has left the window counts no more', `${'x-'.repeat(15)}${'-'.repeat(70)}${'x-'.repeat(15)}`, {}, 'never'],
    ['1,000 in all are borne, the next is not', `x${'-'.repeat(9)}`.repeat(1_001), {}, 10_001],
    ['thresholds can be set', 'xx', { maxConsecutive: 1 }, 2],
    ['a rate of 1 is never exceeded', 'x'.repeat(500), { maxConsecutive: 1_000, maxRate: 1 }, 'never'],
    ['a total of 0 bears none', '---x', { maxTotal: 0 }, 4],
  ];
  for (const [title, outcomes, options, expected] of cases) {
    test(title, () => assert.is(noted(outcomes, options), expected));
  }

  test('says which threshold, and the last five errors', () => {
    const monitor = new ErrorMonitor({ ...defaultErrorMonitor, maxConsecutive: 6 });
    const [last] = Array.from({ length: 7 }, (_, position) => monitor.failed(`error ${position}`)).slice(-1);
    assert.is(
      last,
      '7 operations in a row were refused, expected at most 6. The last errors:\n- error 2\n- error 3\n- error 4\n- error 5\n- error 6',
    );
  });
});
