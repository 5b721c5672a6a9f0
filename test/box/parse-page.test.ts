import * as assert from 'uvu/assert';
import { foundValue } from '../../src/box/found-value.js';
import { parsePage } from '../../src/box/parse-page.js';
import { TransientError } from '../../src/core/errors.js';
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
    [null, 'Cannot read folder 1: the answer is null, expected an object'],
    ['text', 'Cannot read folder 1: the answer is text "text", expected an object'],
    [[], 'Cannot read folder 1: the answer is a list, expected an object'],
    [{ entries: null }, 'Cannot read folder 1: field "entries" is null, expected a list'],
    [{ entries: {} }, 'Cannot read folder 1: field "entries" is an object, expected a list'],
    ...[7, {}, ['m'], 'm'.repeat(20_000), '\ud83d'].map(
      (marker) =>
        [
          { entries: [], next_marker: marker },
          `Cannot read folder 1: field "next_marker" is ${foundValue(marker)}, expected a text of at most 16384 characters`,
        ] as const,
    ),
  ];
  for (const [body, message] of faults) {
    test(`refuses ${JSON.stringify(body).slice(0, 60)}`, () => {
      assert.throws(
        () => parsePage(body, 'folder 1'),
        (error: unknown) => error instanceof TransientError && error.message === message,
      );
    });
  }
});
