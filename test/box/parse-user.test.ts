import * as assert from 'uvu/assert';
import { parseUser } from '../../src/box/parse-user.js';
import { suite } from '../support/suite.js';

suite('parseUser()', (test) => {
  const expected =
    'expected an id: text of 1 to 512 bytes without control characters, or a whole number below 2^53, in ASCII';
  const cases: readonly (readonly [unknown, unknown])[] = [
    [
      { type: 'user', id: '7', name: 'Ann', login: 'ann@example.com', status: 'active', role: 'admin' },
      { user: { id: '7', name: 'Ann', login: 'ann@example.com', status: 'active' } },
    ],
    [{ id: 7 }, { user: { id: '7', name: null, login: null, status: null } }],
    [{ name: 'Ann' }, { problem: `field "id" of a user is missing, ${expected}` }],
    [{ id: '' }, { problem: `field "id" of a user is text "", ${expected}` }],
    [{ id: 2 ** 60 }, { problem: `field "id" of a user is number 1152921504606847000, ${expected}` }],
    // It becomes the value of a header.
    [{ id: '7\r\nas-user: 8' }, { problem: `field "id" of a user is text "7\\r\\nas-user: 8", ${expected}` }],
    [{ id: 'ü' }, { problem: `field "id" of a user is text "ü", ${expected}` }],
    [
      { id: '7', login: 1, name: 'half \ud83d', status: {} },
      { user: { id: '7', name: 'half \ufffd', login: null, status: null } },
    ],
    [{ id: '7', name: 'n'.repeat(2_000) }, { user: { id: '7', name: null, login: null, status: null } }],
    [null, { problem: 'user is null, expected an object' }],
    ['7', { problem: 'user is text "7", expected an object' }],
  ];
  for (const [entry, result] of cases) {
    test(`reads ${JSON.stringify(entry).slice(0, 60)}`, () => assert.equal(parseUser(entry), result));
  }
});
