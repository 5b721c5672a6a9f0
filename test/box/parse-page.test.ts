import * as assert from 'uvu/assert';
import { parsePage } from '../../src/box/parse-page.js';
import { PermanentError } from '../../src/core/errors.js';
import { suite } from '../support/suite.js';

suite('parsePage()', (test) => {
  const ends: readonly unknown[] = [
    { entries: [1] },
    { entries: [1], next_marker: null },
    { entries: [1], next_marker: '' },
  ];
  for (const body of ends) {
    test(`the list ends with ${JSON.stringify(body)}`, () => {
      assert.equal(parsePage(body, 'x'), { entries: [1], nextMarker: null });
    });
  }

  test('an empty page may go on', () => {
    assert.equal(parsePage({ entries: [], next_marker: 'm' }, 'x'), { entries: [], nextMarker: 'm' });
  });

  test('order, in whatever shape, is not looked at', () => {
    for (const order of [[{ by: 'type' }], { by: 'type' }, 7]) {
      assert.is(parsePage({ entries: [], order, limit: 'x' }, 'x').nextMarker, null);
    }
  });

  const faults: readonly (readonly [unknown, string])[] = [
    [{}, 'Cannot read folder 1: field "entries" is missing, expected a list'],
    [null, 'Cannot read folder 1: field "entries" is missing, expected a list'],
    ['text', 'Cannot read folder 1: field "entries" is missing, expected a list'],
    [{ entries: {} }, 'Cannot read folder 1: field "entries" is no list, expected a list'],
    [{ entries: [], next_marker: 7 }, 'Cannot read folder 1: field "next_marker" is a number, expected a text'],
  ];
  for (const [body, message] of faults) {
    test(`refuses ${JSON.stringify(body)}`, () => {
      assert.throws(
        () => parsePage(body, 'folder 1'),
        (error: unknown) => error instanceof PermanentError && error.message === message,
      );
    });
  }
});
