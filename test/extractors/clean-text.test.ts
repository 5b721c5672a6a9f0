import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { CleanText } from '../../src/extractors/clean-text.js';
import { cleaned } from '../support/cleaned.js';
import { suite } from '../support/suite.js';

const whole = { maxBytes: 1_000, reduceWhitespace: false };

suite('CleanText', (test) => {
  for (const [text, expected] of [
    ['a\0b', 'ab'],
    ['a\ufffdb', 'ab'],
    ['\ufeffa\ufeffb', 'ab'],
    ['a\ud83db', 'ab'],
    ['\ude00', ''],
    ['😀 é', '😀 é'],
    [' a \n b ', ' a \n b '],
  ] as const) {
    test(`makes ${JSON.stringify(expected)} of ${JSON.stringify(text)}`, () => {
      assert.is(cleaned(text, whole), expected);
    });
  }

  for (const [text, expected] of [
    [' a \t\r\n\v\f b ', 'a b'],
    ['\n\n', ''],
    ['a\u00a0\u00a0b', 'a\u00a0\u00a0b'],
    ['a \0 b', 'a b'],
  ] as const) {
    test(`reduces ${JSON.stringify(text)} to ${JSON.stringify(expected)}`, () => {
      assert.is(cleaned(text, { ...whole, reduceWhitespace: true }), expected);
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
      assert.is(cleaned(text, { maxBytes, reduceWhitespace: false }), expected);
    });
  }

  test('keeps the limit, cuts only at the end and always gives well-formed text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(40), (text, maxBytes) => {
        const cut = cleaned(text, { maxBytes, reduceWhitespace: false });
        const uncut = cleaned(text, { maxBytes: 10_000, reduceWhitespace: false });
        return Buffer.byteLength(cut) <= maxBytes && uncut.startsWith(cut) && Buffer.from(cut).toString() === cut;
      }),
    );
  });

  test('parts, wherever they are cut, give the same as the whole', () => {
    const pieces = fc.constantFrom('a', ' ', '\n', '\0', '\ufffd', '\ud83d', '\ude00', '😀', 'é', '"', '\\', '\u0001');
    const texts = fc.array(fc.array(pieces, { maxLength: 4 }).map((part) => part.join('')));
    fc.assert(
      fc.property(texts, fc.nat(20), fc.boolean(), (parts, maxBytes, reduceWhitespace) => {
        const text = new CleanText({ maxBytes, reduceWhitespace });
        for (const part of parts) text.add(part);
        assert.is(JSON.parse(text.toJson()), cleaned(parts.join(''), { maxBytes, reduceWhitespace }));
      }),
    );
  });

  test('says what it holds: JSON, with two bytes a character where a part is not Latin-1', () => {
    const text = new CleanText({ maxBytes: 100, reduceWhitespace: false });
    text.add('é\n');
    assert.is(text.heldBytes, 3);
    text.add('\u0001ы');
    assert.is(text.heldBytes, 3 + 14);
    text.clear();
    assert.equal([text.heldBytes, text.toJson()], [0, '""']);
  });
});
