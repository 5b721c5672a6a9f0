import * as assert from 'uvu/assert';
import { pythonPattern } from '../../../src/operators/sync-rules/python-pattern.js';
import { suite } from '../../support/suite.js';

// [pattern, texts that Python's re.match accepts, texts that it does not]
const table: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['abc', ['abc', 'abcdef'], ['xabc', 'ABC', '']],
  ['a|b', ['a', 'bx'], ['xa']],
  ['^a', ['ab'], ['ba']],
  ['a$', ['a', 'a\n'], ['ab', 'a\nb', 'a\n\n']],
  ['a\\Z', ['a'], ['a\n', 'ab']],
  ['(?m)a$', ['a', 'a\nb'], ['ab', 'x\na']],
  ['a.b', ['axb', 'a😀b'], ['a\nb']],
  ['(?s)a.b', ['a\nb'], []],
  ['(?i)É', ['é', 'É'], ['e']],
  ['\\w+\\.pdf$', ['Übersicht.pdf', '报告_1.pdf'], ['a b.pdf', '-.pdf']],
  ['\\W', [' ', '-', '😀'], ['é', '_', '中']],
  ['[\\W_]+x', ['_-x', '😀x'], ['éx']],
  ['[^\\W\\d]', ['é', '_'], ['٣', '-']],
  ['\\d+$', ['12', '٣'], ['x', '²']],
  ['[\\D]', ['x'], ['٣']],
  ['\\s', ['\u00a0', '\x1c', '\v', '\u2028'], ['x', '\u200b']],
  ['[\\s\\S]*end', ['a\n\u00a0end'], ['a']],
  ['[\\S]', ['x', '\u200b'], ['\u00a0', ' ']],
  ['a{,2}b', ['b', 'aab'], ['aaab']],
  ['[]a]+$', [']a'], ['b']],
  ['[^]a]', ['b'], [']']],
  ['[[:a]+$', ['[:a'], ['b']],
  ['\\u00e9\\x41', ['éA'], ['eA']],
  ['\\U0001F600', ['😀'], []],
  ['\\é', ['é'], ['e']],
  ['\\.tmp', ['.tmp'], ['xtmp']],
  ['(?P<year>\\d{4})', ['2024'], ['24']],
  ['[\\b]', ['\b'], ['b']],
];

const refused = [
  '(',
  'a)(b',
  '*',
  '[a',
  '\\',
  '(?=a)',
  '(?!a)',
  '(?<=a)b',
  '(?<!a)b',
  '(a)\\1',
  '(?P=x)',
  '(?>a)',
  'a++',
  'a{1001}',
  '(?x) a',
  '(a{1000}){1000}',
];

suite('pythonPattern', (test) => {
  for (const [pattern, accepted, declined] of table) {
    test(`${pattern} matches as in Python`, () => {
      const matches = pythonPattern(pattern);
      for (const text of accepted) assert.ok(matches(text), `${pattern} should match ${JSON.stringify(text)}`);
      for (const text of declined) assert.not(matches(text), `${pattern} should not match ${JSON.stringify(text)}`);
    });
  }

  for (const pattern of refused) {
    test(`${pattern} is refused`, () => assert.throws(() => pythonPattern(pattern), /error parsing regexp/));
  }

  test('runs a pattern that lets a backtracking engine hang', () => {
    const text = `${'a'.repeat(50_000)}b`;
    assert.not(pythonPattern('(a+)+$')(text));
    assert.not(pythonPattern('(a|aa)+$')(text));
    assert.ok(pythonPattern('(a+)+b$')(text));
  });
});
