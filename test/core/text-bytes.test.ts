import * as assert from 'uvu/assert';
import { textBytes } from '../../src/core/text-bytes.js';
import { suite } from '../support/suite.js';

suite('textBytes()', (test) => {
  test('one byte for each character of Latin-1, two for each UTF-16 unit as soon as one needs it', () => {
    assert.equal(['', 'abc', 'é\0ÿ', 'Ā', 'abc…', '😀'].map(textBytes), [0, 3, 3, 2, 8, 4]);
  });
});
