import * as assert from 'uvu/assert';
import { boxApi } from '../../src/box/box-api.js';
import type { HttpRequest } from '../../src/box/http-client.js';
import { AbortedError, AuthError, PermanentError } from '../../src/core/errors.js';
import { type FakeAnswer, fakeHttp, never, rejection, reply } from '../support/fake-http.js';
import { suite } from '../support/suite.js';
import { settled } from '../support/virtual-clock.js';

const noScope = reply(403, { type: 'error', status: 403, code: 'insufficient_scope' });
const refused = reply(401, { type: 'error', status: 401, code: 'unauthorized', message: 'No' });
const empty = reply(200, { entries: [] });
const users = (...ids: string[]) => reply(200, { entries: ids.map((id) => ({ id, status: 'active' })) });

/** What is asked for: `list 0 as 7`, `me`, `users`, `content 5`. */
function label({ url, asUser }: HttpRequest): string {
  const [path = ''] = url.replace('/2.0/', '').split('?');
  const [first, id = '', what] = path.split('/');
  const as = asUser === undefined ? '' : ` as ${asUser}`;
  if (first === 'users') return id === '' ? 'users' : `user ${id}`;
  if (what === 'content') return `content ${id}${as}`;
  return `${what === 'items' ? 'list' : (first ?? '')} ${id}${as}`;
}

function setUp(answer: (what: string) => FakeAnswer) {
  const { http, requests } = fakeHttp((request) => answer(label(request)));
  return { api: boxApi(http), asked: () => requests.map(label) };
}

const list = (api: ReturnType<typeof boxApi>, id: string, asUser?: string) =>
  api.listFolder(id, { marker: null, asUser }, never);

suite('a refusal of one, or of all', (test) => {
  test('want of a scope for one user costs this user, when another could be read before', async () => {
    const { api, asked } = setUp((what) => (what.endsWith('as 8') ? noScope : empty));
    await list(api, '0', '7');
    const error = await rejection(list(api, '0', '8'));
    assert.instance(error, PermanentError);
    assert.match(error.message, /403 insufficient_scope; the same call works for others/);
    assert.equal(asked(), ['list 0 as 7', 'list 0 as 8']);
  });

  test('the first of all users that is asked is refused: another is tried, once for many refusals at once', async () => {
    const { api, asked } = setUp((what) => {
      if (what === 'users') return users('8', '9', '7');
      return what.endsWith('as 7') ? empty : noScope;
    });
    const errors = await Promise.all(['8', '9', '8', '9'].map((id) => rejection(list(api, '0', id))));
    for (const error of errors) assert.instance(error, PermanentError);
    assert.equal(asked().slice(4), ['users', 'list 0 as 9', 'list 0 as 7']);
  });

  test('whoever is called off leaves the trial to those who wait for it as well', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const { http } = fakeHttp((request) => {
      const what = label(request);
      return what === 'users' ? users('7', '8', '9') : what.endsWith('as 9') ? empty : noScope;
    });
    const api = boxApi(async (request, signal) => {
      if (label(request) === 'users') await held;
      return http(request, signal);
    });
    const first = new AbortController();
    const one = rejection(api.listFolder('0', { marker: null, asUser: '7' }, first.signal));
    const other = rejection(list(api, '0', '8'));
    await settled();
    first.abort();
    assert.instance(await one, AbortedError);
    release();
    assert.instance(await other, PermanentError);
  });

  test('no user can be read: the app has not the right, and a person has to act', async () => {
    const { api, asked } = setUp((what) => (what === 'users' ? users('7', '8', '9') : noScope));
    const error = await rejection(list(api, '0', '8'));
    assert.instance(error, AuthError);
    assert.match(error.message, /"Make API calls using the as-user header"/);
    assert.equal(asked(), ['list 0 as 8', 'users', 'list 0 as 7', 'list 0 as 9']);
  });

  test('that others can be read as oneself does not give the right to act as them', async () => {
    const { api } = setUp((what) => (what === 'list 0' ? empty : what === 'users' ? users('7') : noScope));
    await list(api, '0');
    assert.instance(await rejection(list(api, '0', '7')), AuthError);
  });

  test('one folder of the own account that is refused is that folder; the own root is all of it', async () => {
    const { api, asked } = setUp((what) => (what === 'list 5' ? noScope : empty));
    assert.instance(await rejection(list(api, '5')), PermanentError);
    assert.equal(asked(), ['list 5', 'list 0']);
    const other = setUp(() => noScope);
    assert.instance(await rejection(list(other.api, '0')), AuthError);
    assert.instance(await rejection(list(setUp(() => noScope).api, '5')), AuthError);
  });

  test('an item that is asked for, and a folder, are of the same right as a listing', async () => {
    const { api, asked } = setUp((what) => (what.startsWith('list') ? empty : noScope));
    await list(api, '0');
    assert.instance(await rejection(api.getItem('file', '3', undefined, never)), PermanentError);
    assert.instance(await rejection(api.getFolder('4', undefined, never)), PermanentError);
    assert.is(asked().length, 3);
  });

  test('content that is refused costs the text, also the first', async () => {
    const { api, asked } = setUp(() => noScope);
    const error = await rejection(api.openContent('5', {}, never));
    assert.instance(error, PermanentError);
    assert.match(error.message, /the scope to write all files and folders/);
    assert.equal(asked(), ['content 5']);
  });

  test('the list of users is the app itself, until a page of it has been read', async () => {
    assert.instance(await rejection(setUp(() => noScope).api.listUsers({ marker: null }, never)), AuthError);
    let page = 0;
    const { api } = setUp(() => ((page += 1) === 1 ? users('7') : noScope));
    await api.listUsers({ marker: null }, never);
    assert.instance(await rejection(api.listUsers({ marker: 'm' }, never)), PermanentError);
  });

  for (const asUser of [undefined, '7']) {
    test(`401 ${asUser === undefined ? 'of the own account' : 'as a user'}: the sign-in only if users/me is refused as well`, async () => {
      const one = setUp((what) => (what === 'user me' ? reply(200, { id: '1' }) : refused));
      const error = await rejection(list(one.api, '5', asUser));
      assert.instance(error, PermanentError);
      assert.match(error.message, /401 unauthorized "No"; .*look in the admin console/);
      assert.is(one.asked().length, 2);
      assert.instance(await rejection(list(setUp(() => refused).api, '5', asUser)), AuthError);
    });
  }

  test('a token whose own user was deactivated is the sign-in', async () => {
    const deactivated = reply(401, 'Unauthorized - User has been deactivated');
    assert.instance(await rejection(list(setUp(() => deactivated).api, '0')), AuthError);
    const { api, asked } = setUp(() => deactivated);
    assert.instance(await rejection(list(api, '0', '7')), PermanentError);
    assert.is(asked().length, 1);
  });
});
