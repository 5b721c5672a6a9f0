import * as assert from 'uvu/assert';
import { IdOrder } from '../../src/sinks/id-order.js';
import { suite } from '../support/suite.js';

suite('IdOrder', (test) => {
  test('lets one of each id through, and hands the others out in order', () => {
    const order = new IdOrder<string>();
    assert.equal(
      [order.enter('1', 'a'), order.enter('1', 'b'), order.enter('2', 'x'), order.enter('1', 'c')],
      [true, false, true, false],
    );
    assert.is(order.leave('1'), 'b');
    assert.is(order.enter('1', 'd'), false);
    assert.equal([order.leave('1'), order.leave('1'), order.leave('1')], ['c', 'd', undefined]);
    assert.is(order.enter('1', 'e'), true, 'nothing is left of the id');
    assert.is(order.leave('2'), undefined);
  });
});
