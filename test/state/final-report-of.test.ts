import * as assert from 'uvu/assert';
import { StageError } from '../../src/core/errors.js';
import { finalReportOf } from '../../src/state/final-report-of.js';
import { startRun } from '../../src/state/start-run.js';
import { boxFile } from '../support/found.js';
import { suite } from '../support/suite.js';

suite('finalReportOf()', (test) => {
  test('an item that a stage has swallowed is an error that says which, and where it was last', () => {
    const run = startRun();
    run.ledger.reserve(1).subscribe();
    const place = { path: '/a.txt', parent: '0', ancestors: ['0'], seenAs: null, known: undefined };
    const envelope = run.found({ item: boxFile({ id: '1' }), documentId: '1', ...place }, run.detachedPage());
    run.gates.admit([envelope]).subscribe();
    envelope.reached('mine');
    try {
      finalReportOf(run);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, StageError);
      assert.match((error as Error).message, /1 items were listed and 0 have ended.*"\/a.txt" in the stage "mine"/s);
    }
    envelope.settle({ kind: 'unchanged', version: { signature: 's', content: null } });
    assert.is(finalReportOf(run).unchanged, 1);
  });
});
