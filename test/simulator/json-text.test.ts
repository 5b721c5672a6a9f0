import * as assert from 'uvu/assert';
import { jsonText } from '../../src/simulator/json-text.js';
import { suite } from '../support/suite.js';

suite('jsonText()', (test) => {
  const values = [
    'a/b',
    'caf\u00e9',
    '\u{1f6a2}',
    'line\u2028end',
    'quote " \\ \n \t',
    '\u007f',
    { 'k/\u00fc': ['\u202e', null, 1] },
  ];
  for (const value of values) {
    test(`writes ASCII that reads back the same: ${JSON.stringify(value)}`, () => {
      const text = jsonText(value);
      assert.match(text, /^[ -~]*$/);
      assert.not.match(text, /(?<!\\)\//);
      assert.equal(JSON.parse(text), value);
    });
  }
});
