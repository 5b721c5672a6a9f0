import * as assert from 'uvu/assert';
import type { BoxAccess } from '../../src/app/box-access.js';
import { checkBox } from '../../src/app/check-box.js';
import type { BoxApi } from '../../src/box/box-api.js';
import { CallCounts } from '../../src/box/call-counts.js';
import { AbortedError, AuthError } from '../../src/core/errors.js';
import { FakeBox, ownUser } from '../support/fake-box.js';
import { suite } from '../support/suite.js';

const { signal } = new AbortController();

function access(fake: FakeBox, isEnterprise: boolean, me?: BoxApi['me']): BoxAccess {
  const service = { id: '5', name: 'Service', login: 'service@boxdevedition.com', status: 'active' };
  const box = Object.assign(fake, { me: me ?? (() => Promise.resolve(service)) });
  return { box, counts: new CallCounts(), isEnterprise, spent: signal, close: () => {} };
}

function company(): FakeBox {
  const box = new FakeBox();
  box.user(ownUser);
  box.userLeaves(ownUser);
  box.user('11', 'inactive');
  box.user('12');
  return box;
}

suite('checkBox', (test) => {
  test('an enterprise: sign-in, root, users, and one user as that user', async () => {
    const box = company();
    const findings = await checkBox(access(box, true), signal);
    assert.equal(
      findings.map(({ what, ok, found, advice }) => [what, ok, found, advice]),
      [
        ['Box sign-in', true, 'signed in as Service (service@boxdevedition.com)', null],
        ['Box root folder', true, 'can be listed; it is empty', null],
        ['Box users', true, '1 active users', null],
        ['Box as-user', true, 'the root of user 12 can be listed', null],
      ],
    );
    assert.is(box.callsOf('folder').at(-1)?.asUser, '12');
    assert.ok(box.callsOf('folder').every(({ limit }) => limit === 1));
  });

  test('one account: no users are asked for', async () => {
    const box = company();
    box.file('0', { owner: ownUser });
    const findings = await checkBox(access(box, false), signal);
    assert.equal(
      findings.map(({ what }) => what),
      ['Box sign-in', 'Box root folder'],
    );
    assert.is(box.callsOf('users').length, 0);
  });

  test('a refused sign-in is the only finding, in its own words', async () => {
    const findings = await checkBox(
      access(company(), true, () => Promise.reject(new AuthError('Cannot sign in: look at client_id'))),
      signal,
    );
    assert.equal(findings, [
      { what: 'Box sign-in', ok: false, found: 'Cannot sign in: look at client_id', advice: null },
    ]);
  });

  test('a refused folder does not keep the rest from being tried', async () => {
    const box = company();
    box.fail(({ kind, asUser }) => kind === 'folder' && asUser === undefined, new AuthError('no scope'));
    const findings = await checkBox(access(box, true), signal);
    assert.equal(
      findings.map(({ ok }) => ok),
      [true, false, true, true],
    );
  });

  test('no active user: a warning with advice, and nobody is acted as', async () => {
    const box = company();
    box.userLeaves('12');
    const findings = await checkBox(access(box, true), signal);
    assert.is(findings.length, 3);
    assert.match(findings[2]?.advice ?? '', /manage users/);
  });

  test('an abort is no finding', async () => {
    let caught: unknown;
    await checkBox(
      access(company(), true, () => Promise.reject(new AbortedError())),
      signal,
    ).catch((error: unknown) => (caught = error));
    assert.instance(caught, AbortedError);
  });
});
