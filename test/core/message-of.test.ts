import * as assert from 'uvu/assert';
import { messageOf } from '../../src/core/message-of.js';
import { suite } from '../support/suite.js';

suite('messageOf()', (test) => {
  for (const [thrown, message] of [
    [new TypeError('no text'), 'no text'],
    ['a text', 'a text'],
    [undefined, 'undefined'],
    [null, 'null'],
    [42, '42'],
  ] as const) {
    test(`${String(thrown)} says "${message}"`, () => assert.is(messageOf(thrown), message));
  }
});
