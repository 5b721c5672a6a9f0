import * as assert from 'uvu/assert';
import { substitute } from '../../src/config/substitute.js';
import { suite } from '../support/suite.js';

const env = { A: 'one', B_2: 'two', EMPTY: '', DOLLAR: '$A', 'dotted.name': 'three' };

const cases: readonly (readonly [text: string, expected: string, missing?: readonly string[]])[] = [
  ['plain', 'plain'],
  ['$A', 'one'],
  ['${A}', 'one'],
  ['x-$A-${B_2}.$B_2', 'x-one-two.two'],
  ['${NONE|fallback}', 'fallback'],
  ['${NONE|}', ''],
  ['${NONE|a|b: c}', 'a|b: c'],
  ['${A|fallback}', 'one'],
  ['${EMPTY|fallback}', ''],
  ['${dotted.name}', 'three'],
  ['$dotted.name', '$dotted.name', ['dotted']],
  ['$$A', '$A'],
  ['$$$A', '$one'],
  ['a$$', 'a$'],
  ['a$', 'a$'],
  ['$ A $1 $- $"', '$ A $1 $- $"'],
  ['${', '${'],
  ['${}', '${}'],
  ['${a b}', '${a b}'],
  ['${1A}', '${1A}'],
  ['$DOLLAR', '$A'],
  ['${NONE}/$NONE2', '${NONE}/$NONE2', ['NONE', 'NONE2']],
  ['$toString ${__proto__}', '$toString ${__proto__}', ['toString', '__proto__']],
];

suite('substitute()', (test) => {
  for (const [text, expected, missing = []] of cases) {
    test(`makes ${JSON.stringify(expected)} of ${JSON.stringify(text)}`, () => {
      assert.equal(substitute(text, env), { text: expected, missing });
    });
  }
});
