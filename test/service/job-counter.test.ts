import * as assert from 'uvu/assert';
import { JobCounter } from '../../src/service/job-counter.js';
import { suite } from '../support/suite.js';

const nothing = { indexed: 0, deleted: 0, volume: 0 };

suite('JobCounter', (test) => {
  test('counts what its run does', () => {
    const counter = new JobCounter(nothing);
    assert.equal(counter.now(), nothing);
    const report = { written: 0, deleted: 0 };
    counter.follow(() => report, false);
    Object.assign(report, { written: 5, deleted: 1 });
    counter.accepted(10);
    counter.accepted(20);
    assert.equal(counter.now(), { indexed: 5, deleted: 1, volume: 30 });
  });

  test('leaves out what an earlier job has done in the same run', () => {
    const counter = new JobCounter(nothing);
    const report = { written: 100, deleted: 10 };
    counter.follow(() => report, false);
    assert.equal(counter.now(), nothing);
    report.written = 130;
    assert.is(counter.now().indexed, 30);
  });

  test('goes on with what the same job had done before it was stopped', () => {
    const counter = new JobCounter({ indexed: 90, deleted: 8, volume: 7 });
    assert.equal(counter.now(), { indexed: 90, deleted: 8, volume: 7 });
    const report = { written: 100, deleted: 10 };
    counter.follow(() => report, true);
    assert.equal(counter.now(), { indexed: 100, deleted: 10, volume: 7 }, 'the state knows better');
    report.written = 101;
    assert.is(counter.now().indexed, 101);
  });

  test('keeps its counts where the run had to be begun anew', () => {
    const counter = new JobCounter({ indexed: 90, deleted: 8, volume: 7 });
    const report = { written: 0, deleted: 0 };
    counter.follow(() => report, true);
    report.written = 4;
    assert.equal(counter.now(), { indexed: 94, deleted: 8, volume: 7 });
  });
});
