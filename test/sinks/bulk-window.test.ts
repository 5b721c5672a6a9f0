import * as assert from 'uvu/assert';
import { BulkWindow } from '../../src/sinks/bulk-window.js';
import { suite } from '../support/suite.js';

suite('BulkWindow', (test) => {
  const answers = (window: BulkWindow, count: number, latencyMs = 10) => {
    for (let answer = 0; answer < count; answer += 1) window.succeeded(latencyMs);
  };

  test('starts at two and rises by one for each round of good answers, up to the limit', () => {
    const window = new BulkWindow(4);
    const limits = Array.from({ length: 8 }, () => {
      window.succeeded(10);
      return window.limit;
    });
    assert.equal(limits, [2, 3, 3, 3, 4, 4, 4, 4]);
    assert.is(new BulkWindow(1).limit, 1);
  });

  test('halves when the cluster is busy, once per round, never below one', () => {
    const window = new BulkWindow(8);
    answers(window, 100);
    assert.is(window.limit, 8);
    window.busy(3);
    assert.is(window.limit, 4);
    window.busy(2);
    window.busy(1);
    window.busy(0);
    assert.is(window.limit, 4, 'those three were sent before');
    window.busy(0);
    window.busy(0);
    window.busy(0);
    assert.is(window.limit, 1);
  });

  test('takes one off when an answer is much slower than usual', () => {
    const window = new BulkWindow(4);
    answers(window, 20, 900);
    window.succeeded(1_900);
    assert.is(window.limit, 4, 'below two seconds it is noise');
    window.succeeded(9_000);
    assert.is(window.limit, 3);
  });

  test('a cluster that is always slow is used all the same', () => {
    const window = new BulkWindow(4);
    answers(window, 20, 5_000);
    assert.is(window.limit, 4);
  });

  test('leaves one in an outage', () => {
    const window = new BulkWindow(4);
    answers(window, 20);
    window.outage();
    assert.is(window.limit, 1);
  });

  test('a limit that is no whole number is refused', () => {
    assert.throws(() => new BulkWindow(0), /expected a whole number of at least 1/);
  });
});
