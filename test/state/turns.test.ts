import * as assert from 'uvu/assert';
import { Turns } from '../../src/state/turns.js';
import { suite } from '../support/suite.js';

suite('Turns', (test) => {
  test('each comes once in a round, and one that has joined already keeps its turn', () => {
    const turns = new Turns();
    for (const who of ['a', 'b', 'a', 'c']) turns.join(who);
    assert.equal(
      Array.from({ length: 5 }, () => turns.next()),
      ['a', 'b', 'c', 'a', 'b'],
    );
    turns.join('d');
    assert.equal(
      Array.from({ length: 4 }, () => turns.next()),
      ['c', 'a', 'b', 'd'],
    );
  });

  test('who has left comes again when it joins again, at the end', () => {
    const turns = new Turns();
    for (const who of ['a', 'b']) turns.join(who);
    turns.next();
    turns.leave();
    assert.equal([turns.next(), turns.next()], ['b', 'b']);
    turns.join('a');
    assert.equal([turns.next(), turns.next(), turns.next()], ['b', 'a', 'b']);
    turns.clear();
    assert.is(turns.next(), undefined);
    turns.join('a');
    assert.is(turns.next(), 'a');
  });

  test('a million turns of 100,000 take no longer each than those of ten', () => {
    const turns = new Turns();
    for (let who = 0; who < 100_000; who += 1) turns.join(String(who));
    for (let turn = 0; turn < 1_000_000; turn += 1) assert.is(turns.next(), String(turn % 100_000));
  });
});
