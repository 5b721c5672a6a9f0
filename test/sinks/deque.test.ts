import * as assert from 'uvu/assert';
import { Deque } from '../../src/sinks/deque.js';
import { suite } from '../support/suite.js';

suite('Deque', (test) => {
  test('first in, first out, but for what is put in front', () => {
    const deque = new Deque<number>();
    for (const item of [1, 2, 3]) deque.push(item);
    deque.unshift(0);
    deque.unshift(-1);
    const items = [];
    for (let item = deque.shift(); item !== undefined; item = deque.shift()) items.push(item);
    assert.equal(items, [-1, 0, 1, 2, 3]);
  });
});
