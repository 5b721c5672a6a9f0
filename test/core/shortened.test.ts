import * as assert from 'uvu/assert';
import { longestPath, longestReason, shortened, shortenedPath } from '../../src/core/shortened.js';
import { suite } from '../support/suite.js';

suite('shortened()', (test) => {
  test('what fits stays as it is', () => {
    for (const text of ['', 'abc', '12345', '1234😀'.slice(0, 5)]) assert.is(shortened(text, 5), text);
    assert.is(shortenedPath('/a/b', 4), '/a/b');
  });

  test('of a reason the beginning is kept, of a path the end', () => {
    assert.is(shortened('123456', 5), '12345...');
    assert.is(shortenedPath('/12345', 5), '...12345');
    assert.is(shortened('x'.repeat(1_000_000)).length, longestReason + 3);
    assert.is(shortenedPath('/x'.repeat(1_000_000)).length, longestPath + 3);
  });

  test('no character is cut in two, wherever the cut falls', () => {
    const text = 'a😀b😀😀c😀';
    for (let most = 1; most < text.length; most += 1) {
      for (const cut of [shortened(text, most), shortenedPath(text, most)]) {
        assert.ok(cut.isWellFormed() && cut.length <= most + 3, `${most}: ${JSON.stringify(cut)}`);
      }
    }
  });
});
