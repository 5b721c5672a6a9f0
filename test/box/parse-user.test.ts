import * as assert from 'uvu/assert';
import { parseUser } from '../../src/box/parse-user.js';
import { suite } from '../support/suite.js';

suite('parseUser()', (test) => {
  const cases: readonly (readonly [unknown, unknown])[] = [
    [
      { type: 'user', id: '7', name: 'Ann', login: 'ann@example.com', status: 'active', role: 'admin' },
      { user: { id: '7', name: 'Ann', login: 'ann@example.com', status: 'active' } },
    ],
    [{ id: 7 }, { user: { id: '7', name: null, login: null, status: null } }],
    [{ name: 'Ann' }, { problem: 'field "id" of a user is missing, expected an id' }],
    [{ id: '' }, { problem: 'field "id" of a user is of type string, expected an id' }],
    [{ id: 2 ** 60 }, { problem: 'field "id" of a user is of type number, expected an id' }],
    [{ id: '7', login: 1 }, { problem: 'field "login" of a user is of type number, expected a text' }],
    [{ id: '7', status: {} }, { problem: 'field "status" of a user is of type object, expected a text' }],
    [null, { problem: 'user is no object' }],
    ['7', { problem: 'user is no object' }],
  ];
  for (const [entry, expected] of cases) {
    test(`reads ${JSON.stringify(entry)}`, () => assert.equal(parseUser(entry), expected));
  }
});
