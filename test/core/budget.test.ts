import * as assert from 'uvu/assert';
import { Budget } from '../../src/core/budget.js';
import { suite } from '../support/suite.js';

/** Acquires and remembers by name who got in, with what gives it back. */
function users(budget: Budget) {
  const admitted: string[] = [];
  const release = new Map<string, () => void>();
  const acquire = (name: string, bytes: number) =>
    budget.acquire(bytes).subscribe((back) => {
      admitted.push(name);
      release.set(name, back);
    });
  return { admitted, release, acquire };
}

suite('Budget', (test) => {
  test('admits while there is room, then in the order they came', () => {
    const budget = new Budget(10);
    const { admitted, release, acquire } = users(budget);
    acquire('a', 6);
    acquire('b', 5);
    acquire('c', 1);
    assert.equal(admitted, ['a']);
    assert.is(budget.waiting, 2);
    release.get('a')?.();
    assert.equal(admitted, ['a', 'b', 'c']);
    assert.is(budget.held, 6);
  });

  test('what is heavier than all of it is admitted alone', () => {
    const budget = new Budget(10);
    const { admitted, release, acquire } = users(budget);
    acquire('small', 1);
    acquire('huge', 50);
    acquire('next', 1);
    assert.equal(admitted, ['small']);
    release.get('small')?.();
    assert.equal(admitted, ['small', 'huge']);
    assert.is(budget.held, 50);
    release.get('huge')?.();
    assert.equal(admitted, ['small', 'huge', 'next']);
  });

  test('giving back twice counts once', () => {
    const budget = new Budget(10);
    const { release, acquire } = users(budget);
    acquire('a', 4);
    acquire('b', 4);
    release.get('a')?.();
    release.get('a')?.();
    assert.is(budget.held, 4);
  });

  test('unsubscribing while it waits gives up the place and lets the next in', () => {
    const budget = new Budget(10);
    const { admitted, acquire } = users(budget);
    acquire('a', 8);
    const waiting = acquire('b', 5);
    acquire('c', 2);
    waiting.unsubscribe();
    assert.equal(admitted, ['a', 'c']);
    assert.is(budget.held, 10);
    assert.is(budget.waiting, 0);
  });

  test('unsubscribing after admission keeps the bytes until they are given back', () => {
    const budget = new Budget(10);
    const { release, acquire } = users(budget);
    acquire('a', 8).unsubscribe();
    assert.is(budget.held, 8);
    release.get('a')?.();
    assert.is(budget.held, 0);
  });

  test('an empty file needs no room', () => {
    const budget = new Budget(10);
    const { admitted, acquire } = users(budget);
    acquire('full', 10);
    acquire('empty', 0);
    assert.equal(admitted, ['full', 'empty']);
  });

  test('refuses a limit that is none', () => {
    for (const limit of [0, -1, NaN, Infinity]) assert.throws(() => new Budget(limit), /expected a number/);
  });
});
