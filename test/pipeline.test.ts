import { NEVER, Observable, lastValueFrom, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import type { Envelope } from '../src/core/envelope.js';
import { noText } from '../src/extractors/no-text.js';
import { boxDocument } from '../src/operators/box-document.js';
import { syncRules } from '../src/operators/sync-rules/sync-rules.js';
import { pipeline } from '../src/pipeline.js';
import { weighOperation } from '../src/sinks/weigh-operation.js';
import type { Change } from '../src/sources/change.js';
import { folderWalk } from '../src/sources/folder-walk.js';
import { startRun } from '../src/state/start-run.js';
import { FakeBox, ownUser } from './support/fake-box.js';
import { FakeIndex } from './support/fake-index.js';
import { suite } from './support/suite.js';

function composed(source?: Observable<Envelope<Change>>) {
  const box = new FakeBox();
  box.user(ownUser);
  const index = new FakeIndex();
  const run = startRun();
  const outcomes = pipeline(
    { run, source: source ?? folderWalk({ box, run }, { concurrency: 2 }), sink: index.sink, box, extractor: noText },
    {
      document: { map: boxDocument },
      changes: { hash: (text) => text, wantedContent: () => null, rules: '' },
      rules: { rules: syncRules([]) },
      content: { maxBytes: 0, concurrency: 1 },
      batch: { maxItems: 10, maxBytes: 1_000_000, maxWaitMs: 5, weigh: weighOperation },
    },
  );
  return { box, index, run, outcomes };
}

suite('pipeline', (test) => {
  test('does nothing until it is subscribed to; then everything arrives, once, and the counts are equal', async () => {
    const { box, index, run, outcomes } = composed();
    box.files('0', 12, { owner: ownUser });
    await new Promise(setImmediate);
    assert.is(box.calls.length, 0);
    const all = await lastValueFrom(outcomes.pipe(toArray()));
    assert.is(all.length, 12);
    assert.is(index.documents.size, 12);
    assert.is(run.tally.finalReport().written, 12);
    assert.is(run.ledger.outstanding, 0);
    run.store.close();
  });

  test('unsubscribing reaches the source', () => {
    let stopped = 0;
    const source = new Observable<Envelope<Change>>((subscriber) => {
      subscriber.add(() => (stopped += 1));
      subscriber.add(NEVER.subscribe());
    });
    const { run, outcomes } = composed(source);
    outcomes.subscribe().unsubscribe();
    assert.is(stopped, 1);
    run.store.close();
  });
});
