import * as assert from 'uvu/assert';
import { printable } from '../../src/core/printable.js';
import { suite } from '../support/suite.js';

suite('printable', (test) => {
  const cases: readonly [what: string, text: string, expected: string][] = [
    ['plain text', 'Größe 船 🚢', 'Größe 船 🚢'],
    ['escape sequences', '\u001b[2Jgone', '\\u001b[2Jgone'],
    ['their one-character form', '\u009b2J', '\\u009b2J'],
    ['line breaks', 'a\r\nb\tc', 'a\\r\\nb\\tc'],
    ['breaks of Unicode', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
    ['turned direction', 'a\u202egpj.exe\u2066', 'a\\u202egpj.exe\\u2066'],
    ['delete', '\u007f', '\\u007f'],
  ];
  for (const [what, text, expected] of cases) test(what, () => assert.is(printable(text), expected));

  test('JSON stays JSON of the same value', () => {
    const value = { name: '\u001b[1m\u009b\u202e"\n' };
    assert.equal(JSON.parse(printable(JSON.stringify(value))), value);
  });
});
