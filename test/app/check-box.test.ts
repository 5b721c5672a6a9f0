import * as assert from 'uvu/assert';
import type { BoxAccess } from '../../src/app/box-access.js';
import { checkBox } from '../../src/app/check-box.js';
import type { BoxApi } from '../../src/box/box-api.js';
import { CallCounts } from '../../src/box/call-counts.js';
import { systemClock } from '../../src/core/clock.js';
import { AbortedError, AuthError } from '../../src/core/errors.js';
import { openBox } from '../../src/box/open-box.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import { FakeBox, ownUser } from '../support/fake-box.js';
import { MemoryTokenStore } from '../support/memory-token-store.js';
import { suite } from '../support/suite.js';

const { signal } = new AbortController();
const off = { downloads: false };
const retry = { random: () => 0, clock: systemClock };

function access(fake: FakeBox, isEnterprise: boolean, me?: BoxApi['me']): BoxAccess {
  const service = { id: '5', name: 'Service', login: 'service@boxdevedition.com', status: 'active' };
  const box = Object.assign(fake, { me: me ?? (() => Promise.resolve(service)) });
  return { box, counts: new CallCounts(), isEnterprise, spent: signal, retry, close: () => Promise.resolve() };
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
    const findings = await checkBox(access(box, true), off, signal);
    assert.equal(
      findings.map(({ what, ok, found, advice }) => [what, ok, found, advice]),
      [
        ['Box sign-in', true, 'signed in as Service (service@boxdevedition.com)', null],
        ['Box root folder', true, "the app's own can be listed; it is empty", null],
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
    const findings = await checkBox(access(box, false), off, signal);
    assert.equal(
      findings.map(({ what }) => what),
      ['Box sign-in', 'Box root folder'],
    );
    assert.is(box.callsOf('users').length, 0);
  });

  test('a refused sign-in is the only finding, in its own words', async () => {
    const findings = await checkBox(
      access(company(), true, () => Promise.reject(new AuthError('Cannot sign in: look at client_id'))),
      off,
      signal,
    );
    assert.equal(findings, [
      { what: 'Box sign-in', ok: false, found: 'Cannot sign in: look at client_id', advice: null },
    ]);
  });

  test('a refused folder does not keep the rest from being tried', async () => {
    const box = company();
    box.fail(({ kind, asUser }) => kind === 'folder' && asUser === undefined, new AuthError('no scope'));
    const findings = await checkBox(access(box, true), off, signal);
    assert.equal(
      findings.map(({ ok }) => ok),
      [true, false, true, true],
    );
  });

  test('no active user: a warning with advice, and nobody is acted as', async () => {
    const box = company();
    box.userLeaves('12');
    const findings = await checkBox(access(box, true), off, signal);
    assert.is(findings.length, 3);
    assert.match(findings[2]?.advice ?? '', /manage users/);
  });

  test('an abort is no finding', async () => {
    let caught: unknown;
    await checkBox(
      access(company(), true, () => Promise.reject(new AbortedError())),
      off,
      signal,
    ).catch((error: unknown) => (caught = error));
    assert.instance(caught, AbortedError);
  });

  test('tries a file of the acting user, and only begins its download', async () => {
    const box = company();
    box.file('0', { owner: ownUser, sharedWith: ['12'] });
    const folder = box.folder('0', { owner: '12' });
    const own = box.file(folder, { owner: '12' });
    const findings = await checkBox(access(box, true), { downloads: true }, signal);
    assert.equal(findings.at(-1), {
      what: 'Box download',
      ok: true,
      found: `the content of file ${own} can be read`,
      advice: null,
    });
    assert.equal(
      box.callsOf('content').map(({ id, asUser }) => [id, asUser]),
      [[own, '12']],
    );
  });

  test('says so where there is no file to try', async () => {
    const findings = await checkBox(access(company(), true), { downloads: true }, signal);
    assert.match(findings.at(-1)?.found ?? '', /^not tried: no file/);
  });

  test('an app that may only read gets no content: said with what to do', async () => {
    const simulator = await startSimulator({
      tree: { users: 1, filesInRoot: 1 },
      settings: { app: { scopes: ['root_readonly', 'manage_managed_users'] } },
    });
    const { clientId, clientSecret, enterpriseId } = simulator.credentials;
    const { box, counts, close } = openBox({
      tokens: new MemoryTokenStore(),
      baseUrl: simulator.url,
      signIn: {
        kind: 'client-credentials',
        clientId,
        clientSecret,
        subject: { type: 'enterprise', id: enterpriseId },
      },
    });
    try {
      const asked = { box, counts, isEnterprise: true, spent: signal, retry, close };
      const findings = await checkBox(asked, { downloads: true }, signal);
      assert.equal(
        findings.map(({ what, ok }) => [what, ok]),
        [
          ['Box sign-in', true],
          ['Box root folder', true],
          ['Box users', true],
          ['Box as-user', true],
          ['Box download', false],
        ],
      );
      assert.match(findings.at(-1)?.found ?? '', /lacks the scope to write all files and folders/);
    } finally {
      await close();
      await simulator.close();
    }
  });
});
