import type { Subscription } from 'rxjs';
import * as assert from 'uvu/assert';
import { Envelope } from '../../src/core/envelope.js';
import { Gates } from '../../src/core/gates.js';
import { suite } from '../support/suite.js';

suite(
  'Gates',
  (test) => {
    const limits = { rows: 10, bytes: 100, listingBytes: 200 };
    /** Envelopes that note when they are let in; settling one gives its weight back, as a run does. */
    const setUp = (weights: readonly number[]) => {
      const gates = new Gates(limits);
      const begun: number[] = [];
      const envelopes = weights.map((weight, index) =>
        Envelope.of(index, () => gates.documents.release(weight), { weight, begin: () => begun.push(index) }),
      );
      return { gates, begun, envelopes };
    };
    const unchanged = { kind: 'unchanged', version: { signature: 's', content: null } } as const;

    test('what fits is let in at once, in one piece; the rest as room comes, in order', () => {
      const { gates, begun, envelopes } = setUp([40, 40, 40, 30, 200, 1]);
      const emitted: number[][] = [];
      let done = false;
      gates.admit(envelopes).subscribe({
        next: (some) => emitted.push(some.map(({ value }) => value)),
        complete: () => (done = true),
      });
      assert.equal([emitted, gates.documents.held], [[[0, 1]], 80]);
      envelopes[0]?.settle(unchanged);
      assert.equal([emitted, gates.documents.held], [[[0, 1], [2]], 80]);
      envelopes[1]?.settle(unchanged);
      assert.equal(emitted, [[0, 1], [2], [3]]);
      envelopes[2]?.settle(unchanged);
      assert.equal([emitted.length, done], [3, false], 'the heavy one goes alone');
      envelopes[3]?.settle(unchanged);
      assert.equal([emitted.at(-1), gates.documents.held], [[4], 200]);
      envelopes[4]?.settle(unchanged);
      assert.equal([emitted.at(-1), done, begun], [[5], true, [0, 1, 2, 3, 4, 5]]);
    });

    test('weights that are no whole numbers leave nothing behind, so that what is heavier than all of it still gets in', () => {
      const { gates, envelopes } = setUp([...new Array<number>(300).fill(0.1), 1_000.7]);
      let done = false;
      gates.admit(envelopes).subscribe({
        next: (some) => {
          for (const envelope of some) envelope.settle(unchanged);
        },
        complete: () => (done = true),
      });
      assert.equal([done, gates.documents.held], [true, 0]);
    });

    test('unsubscribed, it lets nobody in any more and leaves the queue', () => {
      const { gates, begun, envelopes } = setUp([100, 100, 100]);
      const subscription = gates.admit(envelopes).subscribe();
      assert.is(gates.documents.waiting, 1);
      subscription.unsubscribe();
      envelopes[0]?.settle(unchanged);
      assert.equal([begun, gates.documents.waiting, gates.documents.held], [[0], 0, 0]);
    });

    test('a million that are settled as they are let in', () => {
      const { gates, begun, envelopes } = setUp(new Array<number>(1_000_000).fill(150));
      let done = false;
      gates.admit(envelopes).subscribe({
        next: (some) => {
          for (const envelope of some) envelope.settle(unchanged);
        },
        complete: () => (done = true),
      });
      assert.equal([begun.length, done, gates.documents.held], [1_000_000, true, 0]);
    });

    test('awaited() is what is in the pipeline and does not wait itself, while somebody waits', () => {
      const { gates, envelopes } = setUp([60, 60, 60, 60]);
      const seen: number[] = [];
      const subscriptions: Subscription[] = [gates.awaited().subscribe((count) => seen.push(count))];
      assert.equal(seen, [0]);
      gates.ledger.reserve(4).subscribe();
      subscriptions.push(gates.admit(envelopes).subscribe());
      assert.equal(seen.at(-1), 1, 'one is in; three wait for the gate for documents');
      envelopes[0]?.settle(unchanged);
      gates.ledger.release(1);
      assert.is(seen.at(-1), 1);
      for (const one of subscriptions) one.unsubscribe();
      const held = gates.content.acquire(90).subscribe();
      const waiting = gates.content.acquire(90).subscribe();
      gates
        .awaited()
        .subscribe((count) => seen.push(count))
        .unsubscribe();
      assert.is(seen.at(-1), 2, 'three rows, of which one waits for the bytes of another');
      waiting.unsubscribe();
      held.unsubscribe();
    });
  },
  { timeoutMs: 30_000 },
);
