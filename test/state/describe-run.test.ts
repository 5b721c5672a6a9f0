import * as assert from 'uvu/assert';
import { describeRun } from '../../src/state/describe-run.js';
import { startRun } from '../../src/state/start-run.js';
import { boxFile } from '../support/found.js';
import { suite } from '../support/suite.js';

suite('describeRun()', (test) => {
  const found = (run: ReturnType<typeof startRun>, id: string) => {
    run.ledger.reserve(1).subscribe();
    const place = { path: `/A/${id}\n.txt`, parent: '7', ancestors: ['0', '7'], seenAs: null, known: undefined };
    return run.found({ item: boxFile({ id }), documentId: id, ...place }, run.detachedPage());
  };

  test('says how many items each stage has, which is the oldest, and how full the gates are', () => {
    const run = startRun({ rows: 10, bytes: 2_000 });
    const envelopes = ['1', '2', '3'].map((id) => found(run, id));
    run.gates.admit(envelopes).subscribe();
    for (const envelope of envelopes.slice(0, 2)) envelope.reached('extractContent');
    envelopes[2]?.reached('sink');
    run.gates.content.acquire(1_500).subscribe();
    run.gates.content.acquire(1_500).subscribe();
    run.frontier.add([{ id: '7', viewer: null, path: '/7', ancestors: ['0'] }]);
    const said = describeRun(run);
    assert.match(said, '3 items are in the pipeline ("extractContent": 2, "sink": 1)');
    assert.match(said, 'the oldest is file 1 "/A/1\\n.txt" in the stage "extractContent"');
    assert.match(said, 'rows 3 of 10, 0 wait');
    assert.match(said, 'bytes of content 1500 of 2000, 1 wait');
    assert.match(said, '1 folders are not listed to their end');
  });

  test('what has ended is not there any more', () => {
    const run = startRun();
    const envelope = found(run, '1');
    run.gates.admit([envelope]).subscribe();
    envelope.settle({ kind: 'unchanged', version: { signature: 's', content: null } });
    assert.match(describeRun(run), /^No item is in the pipeline; rows 0 of 5000/);
    assert.equal([run.gates.documents.held, run.ledger.outstanding], [0, 0]);
  });
});
