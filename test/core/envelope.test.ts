import * as assert from 'uvu/assert';
import { Envelope } from '../../src/core/envelope.js';
import type { Outcome } from '../../src/core/outcome.js';
import { suite } from '../support/suite.js';

suite('Envelope', (test) => {
  test('settle() tells the outcome, also from further along', () => {
    const outcomes: Outcome[] = [];
    const first = Envelope.of(1, (outcome) => outcomes.push(outcome));
    const second = first.with('two');
    assert.is(second.value, 'two');
    assert.is(first.value, 1);
    second.settle({ kind: 'deleted' });
    assert.equal(outcomes, [{ kind: 'deleted' }]);
  });

  test('settling twice throws and names both outcomes, whichever envelope it is', () => {
    let settled = 0;
    const first = Envelope.of(1, () => (settled += 1));
    const second = first.with(2);
    first.settle({ kind: 'deleted' });
    assert.throws(
      () => second.settle({ kind: 'rejected', reason: 'x' }),
      /Cannot settle an item as "rejected": it is already settled as "deleted"/,
    );
    assert.is(settled, 1);
  });

  test('it counts as settled even if what it tells throws', () => {
    const envelope = Envelope.of(1, () => {
      throw new Error('disk');
    });
    assert.throws(() => envelope.settle({ kind: 'deleted' }), /disk/);
    assert.throws(() => envelope.settle({ kind: 'deleted' }), /already settled/);
  });
});
