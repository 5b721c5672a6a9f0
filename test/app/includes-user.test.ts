import * as assert from 'uvu/assert';
import { includesUser } from '../../src/app/includes-user.js';
import { suite } from '../support/suite.js';

const ann = { id: '11', name: 'Ann', login: 'Ann@Example.com', status: 'active' };
const bob = { id: '12', name: 'Bob', login: null, status: 'active' };

suite('includesUser', (test) => {
  const cases: readonly [what: string, include: string[], exclude: string[], users: string[]][] = [
    ['nothing named: everybody', [], [], ['11', '12']],
    ['by login, in any case and with blanks around', [' ann@EXAMPLE.com '], [], ['11']],
    ['by id', ['12'], [], ['12']],
    ['without those excluded', [], ['ann@example.com'], ['12']],
    ['excluded counts more than included', ['11', '12'], ['12'], ['11']],
    ['a name of nobody', ['nobody'], [], []],
  ];
  for (const [what, include, exclude, users] of cases) {
    test(what, () =>
      assert.equal(
        [ann, bob].filter(includesUser({ include, exclude })).map(({ id }) => id),
        users,
      ),
    );
  }

  test('an empty name does not match a user without a login', () => {
    assert.is(includesUser({ include: [], exclude: [''] })(bob), true);
  });
});
