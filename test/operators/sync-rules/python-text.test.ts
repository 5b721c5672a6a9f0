import * as assert from 'uvu/assert';
import { pythonText } from '../../../src/operators/sync-rules/python-text.js';
import { suite } from '../../support/suite.js';

// Right column: what Python 3.11 printed.
const table: readonly (readonly [unknown, string])[] = [
  ['plain', 'plain'],
  ["it's", "it's"],
  [true, 'True'],
  [false, 'False'],
  [null, 'None'],
  [0, '0'],
  [-1, '-1'],
  [1500000000000, '1500000000000'],
  [0.1, '0.1'],
  [2.5e-7, '2.5e-07'],
  [0.00001, '1e-05'],
  [0.0001, '0.0001'],
  [1234567890123456.5, '1234567890123456.5'],
  [1.7976931348623157e308, '1.7976931348623157e+308'],
  [5e-324, '5e-324'],
  [[], '[]'],
  [{}, '{}'],
  [['a', 1, null, true], "['a', 1, None, True]"],
  [{ name: 'A', size: 3, sub: { x: [false] } }, "{'name': 'A', 'size': 3, 'sub': {'x': [False]}}"],
  [["it's"], `["it's"]`],
  [['"quoted"'], `['"quoted"']`],
  [[`both ' and "`], `['both \\' and "']`],
  [['back\\slash'], "['back\\\\slash']"],
  [['tab\tline\nreturn\r'], "['tab\\tline\\nreturn\\r']"],
  [['\0\x7f'], "['\\x00\\x7f']"],
  [['\u00a0\u200b\u2028'], "['\\xa0\\u200b\\u2028']"],
  [['é 中 😀'], "['é 中 😀']"],
  [['\ud83d'], "['\\ud83d']"],
  [['\u{10ffff}'], "['\\U0010ffff']"],
  // Not in JSON, but in a document that is made in code.
  [{ a: undefined, b: 1 }, "{'b': 1}"],
  [[undefined], '[None]'],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  [[new Date(0)], "['1970-01-01T00:00:00.000Z']"],
];

suite('pythonText', (test) => {
  for (const [value, expected] of table) {
    test(`writes ${expected}`, () => assert.is(pythonText(value), expected));
  }

  test('does not overflow on deep nesting', () => {
    let deep: unknown = 'x';
    for (let depth = 0; depth < 20_000; depth += 1) deep = [deep];
    assert.match(pythonText(deep), /^\[{501}\.\.\.\]{501}$/);
  });
});
