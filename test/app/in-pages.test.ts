import * as assert from 'uvu/assert';
import { inPages } from '../../src/app/in-pages.js';
import { suite } from '../support/suite.js';

suite('inPages', (test) => {
  for (const [count, expected] of [
    [0, []],
    [2, [[0, 1]]],
    [3, [[0, 1, 2]]],
    [4, [[0, 1, 2], [3]]],
  ] as const) {
    test(`${count} values in pages of 3`, () => {
      assert.equal([...inPages(Array.from({ length: count }).keys(), 3)], expected);
    });
  }

  test('reads no further than the page that is asked for', () => {
    let read = 0;
    const values = (function* () {
      for (;;) yield (read += 1);
    })();
    for (const page of inPages(values, 5)) {
      assert.equal(page, [1, 2, 3, 4, 5]);
      break;
    }
    assert.is(read, 5);
  });
});
