import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { cleanText } from '../../src/extractors/clean-text.js';
import { suite } from '../support/suite.js';

const whole = { maxBytes: 1_000, reduceWhitespace: false };

suite('cleanText', (test) => {
  for (const [text, expected] of [
    ['a\0b', 'ab'],
    ['a\ufffdb', 'ab'],
    ['a\ud83db', 'ab'],
    ['\ude00', ''],
    ['😀 é', '😀 é'],
    [' a \n b ', ' a \n b '],
  ] as const) {
    test(`makes ${JSON.stringify(expected)} of ${JSON.stringify(text)}`, () => {
      assert.is(cleanText(text, whole), expected);
    });
  }

  for (const [text, expected] of [
    [' a \t\r\n\v\f b ', 'a b'],
    ['\n\n', ''],
    ['a\u00a0\u00a0b', 'a\u00a0\u00a0b'],
    ['a \0 b', 'a b'],
  ] as const) {
    test(`reduces ${JSON.stringify(text)} to ${JSON.stringify(expected)}`, () => {
      assert.is(cleanText(text, { ...whole, reduceWhitespace: true }), expected);
    });
  }

  for (const [text, maxBytes, expected] of [
    ['abc', 3, 'abc'],
    ['abcd', 3, 'abc'],
    ['éé', 4, 'éé'],
    ['éé', 3, 'é'],
    ['a😀', 4, 'a'],
    ['a😀', 5, 'a😀'],
    ['a', 0, ''],
  ] as const) {
    test(`cuts ${text} at ${maxBytes} bytes`, () => {
      assert.is(cleanText(text, { maxBytes, reduceWhitespace: false }), expected);
    });
  }

  test('keeps the limit, cuts only at the end and always gives well-formed text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(40), (text, maxBytes) => {
        const cut = cleanText(text, { maxBytes, reduceWhitespace: false });
        const uncut = cleanText(text, { maxBytes: 10_000, reduceWhitespace: false });
        return Buffer.byteLength(cut) <= maxBytes && uncut.startsWith(cut) && Buffer.from(cut).toString() === cut;
      }),
    );
  });
});
