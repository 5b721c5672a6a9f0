import * as assert from 'uvu/assert';
import { Ledger } from '../../src/core/ledger.js';
import { suite } from '../support/suite.js';

suite('Ledger', (test) => {
  test('reserve() emits at once while there is room', () => {
    const ledger = new Ledger(10);
    const seen: number[] = [];
    ledger.reserve(6).subscribe((rows) => seen.push(rows));
    assert.equal(seen, [6]);
    assert.is(ledger.outstanding, 6);
  });

  test('reserve() never asks for more than the limit', () => {
    const ledger = new Ledger(10);
    const seen: number[] = [];
    ledger.reserve(1000).subscribe((rows) => seen.push(rows));
    assert.equal(seen, [10]);
  });

  test('reserve() waits for release, first come, first served', () => {
    const ledger = new Ledger(10);
    const seen: string[] = [];
    ledger.reserve(8).subscribe(() => seen.push('a'));
    ledger.reserve(5).subscribe(() => seen.push('b'));
    ledger.reserve(1).subscribe(() => seen.push('c'));
    assert.equal(seen, ['a']);
    assert.is(ledger.waiting, 2);
    ledger.release(3);
    assert.equal(seen, ['a', 'b']);
    ledger.release(1);
    assert.equal(seen, ['a', 'b', 'c']);
    assert.is(ledger.outstanding, 10);
  });

  test('unsubscribing while waiting gives up the place and lets the next in', () => {
    const ledger = new Ledger(10);
    const seen: string[] = [];
    ledger.reserve(8).subscribe(() => seen.push('a'));
    const second = ledger.reserve(5).subscribe(() => seen.push('b'));
    ledger.reserve(2).subscribe(() => seen.push('c'));
    second.unsubscribe();
    assert.equal(seen, ['a', 'c']);
    assert.is(ledger.outstanding, 10);
  });

  test('release() of more than is outstanding throws', () => {
    const ledger = new Ledger(10);
    ledger.reserve(2).subscribe();
    assert.throws(() => ledger.release(3), /Cannot release 3 rows: 2 are outstanding/);
  });

  test('a limit that is no whole number is refused', () => {
    assert.throws(() => new Ledger(0), /expected a whole number/);
    assert.throws(() => new Ledger(1.5), /expected a whole number/);
  });
});
