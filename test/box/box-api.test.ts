import * as assert from 'uvu/assert';
import { type OpenContent, boxApi } from '../../src/box/box-api.js';
import type { HttpRequest } from '../../src/box/http-client.js';
import { itemFields } from '../../src/box/item-fields.js';
import { AuthError, PermanentError, TransientError } from '../../src/core/errors.js';
import { type FakeAnswer, fakeHttp, never, rejection, reply } from '../support/fake-http.js';
import { suite } from '../support/suite.js';

function setUp(answers: readonly FakeAnswer[] | ((request: HttpRequest) => FakeAnswer)) {
  const { http, requests } = fakeHttp(answers);
  /** Path and query of a request. */
  const asked = (index = 0) => {
    const url = new URL(requests[index]?.url ?? '', 'http://box');
    return { path: url.pathname, query: Object.fromEntries(url.searchParams) };
  };
  return { api: boxApi(http), requests, asked };
}

async function contentOf({ bytes }: OpenContent): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const moved = reply(302, '', { location: 'https://dl.boxcloud.com/d/1/x/download' });

suite('listFolder()', (test) => {
  test('asks with a marker, all fields and the limit, as the user', async () => {
    const { api, requests, asked } = setUp([reply(200, { entries: [], next_marker: '' })]);
    await api.listFolder('0', { marker: null, asUser: '7' }, never);
    await api.listFolder('12', { marker: 'a+b/c=&d', limit: 50 }, never);
    const fields = itemFields.join(',');
    assert.equal(asked(), { path: '/2.0/folders/0/items', query: { fields, usemarker: 'true', limit: '1000' } });
    assert.equal(asked(1).query, { fields, usemarker: 'true', limit: '50', marker: 'a+b/c=&d' });
    assert.equal(
      requests.map(({ method, route, asUser }) => [method, route, asUser]),
      [
        ['GET', 'folders', '7'],
        ['GET', 'folders', undefined],
      ],
    );
  });

  test('parses the entries, problems among them, and the marker', async () => {
    const entries = [
      { type: 'folder', id: '1' },
      { type: 'new_thing', id: '2' },
    ];
    const { api } = setUp([reply(200, { entries, next_marker: 'm2', order: { by: 'id' } })]);
    const page = await api.listFolder('0', { marker: null }, never);
    assert.is(page.nextMarker, 'm2');
    const [first, second] = page.entries;
    assert.ok(first !== undefined && 'item' in first && first.item.type === 'folder');
    assert.ok(second !== undefined && 'problem' in second && second.type === 'new_thing');
  });

  test('what is in the trash is left out, and an unknown status is no trash', async () => {
    const entries = ['active', 'trashed', 'deleted', 'odd', null].map((status, index) => ({
      ...{ type: 'file', id: String(index), item_status: status },
    }));
    const { api } = setUp([reply(200, { entries })]);
    const page = await api.listFolder('0', { marker: null }, never);
    assert.equal(
      page.entries.map((entry) => ('item' in entry ? entry.item.id : '')),
      ['0', '3', '4'],
    );
    for (const [status, gone] of [
      ['trashed', true],
      ['deleted', true],
      ['odd', false],
    ] as const) {
      const answer = await setUp([reply(200, { type: 'file', id: '1', item_status: status })]).api.getItem(
        ...(['file', '1', undefined, never] as const),
      );
      assert.is('gone' in answer, gone, status);
    }
  });

  test('more entries than were asked for are cut, and said', async () => {
    const entries = Array.from({ length: 7 }, (_, id) => ({ type: 'file', id: String(id) }));
    const { api } = setUp([reply(200, { entries })]);
    const page = await api.listFolder('5', { marker: null, limit: 5 }, never);
    assert.is(page.entries.length, 5);
    assert.match(
      page.excess?.message ?? '',
      /^Cannot read folder 5 to its end: the answer has 7 entries, expected the 5/,
    );
  });

  test('an answer of another shape, or about something else, is broken: it is checked inside the retries', async () => {
    const wrong = reply(200, { type: 'file', id: '2' });
    const { api, requests } = setUp([wrong]);
    const about = await rejection(api.getItem('file', '1', undefined, never));
    assert.instance(about, TransientError);
    assert.match(about.message, 'the answer is about id 2');
    assert.instance(await rejection(api.getItem('folder', '2', undefined, never)), TransientError);
    for (const call of [
      api.listFolder('1', { marker: null }, never),
      api.listUsers({ marker: null }, never),
      api.getFolder('1', undefined, never),
      api.getUser('1', never),
    ]) {
      assert.instance(await rejection(call), TransientError);
    }
    for (const { check } of requests) assert.type(check, 'function');
    for (const id of ['', '.', '..', 'a\0', '\ud83d']) {
      assert.match((await rejection(api.listFolder(id, { marker: null }, never))).message, 'this is no id');
    }
  });

  test('ids are percent-encoded', async () => {
    const { api, requests } = setUp([reply(200, { entries: [] })]);
    await api.listFolder('1/../2?x', { marker: null }, never);
    assert.ok(requests[0]?.url.startsWith('/2.0/folders/1%2F..%2F2%3Fx/items?'));
  });

  test('refusals are errors that name the folder', async () => {
    const { api } = setUp([reply(404, { code: 'not_found', message: 'Not Found' })]);
    const error = await rejection(api.listFolder('12', { marker: null }, never));
    assert.instance(error, PermanentError);
    assert.match(error.message, 'Cannot GET "/2.0/folders/12/items": Box answered 404 not_found "Not Found"');
  });

  test('a page without entries is an error that names the folder and the field', async () => {
    const { api } = setUp([reply(200, {})]);
    const error = await rejection(api.listFolder('12', { marker: null }, never));
    assert.is(error.message, 'Cannot read folder 12: field "entries" is missing, expected a list');
  });
});

suite('listUsers(), me(), getUser()', (test) => {
  test('listUsers() asks for managed users with markers', async () => {
    const entries = [{ id: '7', login: 'a@b.c', status: 'active' }, { login: 'x' }];
    const { api, asked } = setUp([reply(200, { entries, next_marker: 'm' })]);
    const page = await api.listUsers({ marker: 'a' }, never);
    assert.equal(page, {
      users: [{ id: '7', name: null, login: 'a@b.c', status: 'active' }],
      problems: [
        'field "id" of a user is missing, expected an id: text of 1 to 512 bytes without control characters, or a whole number below 2^53, in ASCII',
      ],
      nextMarker: 'm',
    });
    assert.equal(asked(), {
      path: '/2.0/users',
      query: { fields: 'id,name,login,status', user_type: 'managed', usemarker: 'true', limit: '1000', marker: 'a' },
    });
  });

  test('me() says whom the token belongs to', async () => {
    const { api, asked } = setUp([reply(200, { id: '1', name: 'Service', login: 'AutomationUser@x' })]);
    assert.is((await api.me(never)).id, '1');
    assert.is(asked().path, '/2.0/users/me');
  });

  test('a 401 without a reason that comes through is a matter of the sign-in', async () => {
    const { api } = setUp([reply(401, '')]);
    assert.instance(await rejection(api.me(never)), AuthError);
  });

  test('getUser() tells a user that is gone from one that cannot be asked', async () => {
    const { api, requests } = setUp([
      reply(200, { id: '7', status: 'inactive' }),
      reply(404, { code: 'not_found' }),
      reply(404, '<html>'),
    ]);
    assert.equal(await api.getUser('7', never), { id: '7', name: null, login: null, status: 'inactive' });
    assert.is(await api.getUser('7', never), 'gone');
    assert.instance(await rejection(api.getUser('7', never)), PermanentError);
    assert.equal(new Set(requests.map(({ route }) => route)), new Set(['proofs']));
  });
});

suite('getItem()', (test) => {
  for (const [type, path] of [
    ['file', '/2.0/files/5'],
    ['folder', '/2.0/folders/5'],
    ['web_link', '/2.0/web_links/5'],
  ] as const) {
    test(`asks ${path} as the user`, async () => {
      const { api, requests, asked } = setUp([reply(200, { type, id: '5', item_status: 'active' })]);
      const answer = await api.getItem(type, '5', '7', never);
      assert.ok('item' in answer && answer.item.id === '5');
      assert.is(asked().path, path);
      assert.equal([requests[0]?.route, requests[0]?.asUser], ['proofs', '7']);
    });
  }

  const answers: readonly (readonly [string, FakeAnswer, unknown])[] = [
    ['404 not_found', reply(404, { code: 'not_found' }), { gone: 'not_found' }],
    ['404 trashed', reply(404, { code: 'trashed' }), { gone: 'trashed' }],
    ['an item that is trashed', reply(200, { type: 'file', id: '5', item_status: 'trashed' }), { gone: 'trashed' }],
    ['an item that is deleted', reply(200, { type: 'file', id: '5', item_status: 'deleted' }), { gone: 'trashed' }],
  ];
  for (const [what, answer, expected] of answers) {
    test(`${what} proves that it is gone`, async () => {
      const { api } = setUp([answer]);
      assert.equal(await api.getItem('file', '5', undefined, never), expected);
    });
  }

  const noProof: readonly (readonly [string, FakeAnswer])[] = [
    ['404 without a body', reply(404)],
    ['404 with HTML', reply(404, '<html>not_found</html>')],
    ['404 with another code', reply(404, { code: 'instance_not_found' })],
    ['403', reply(403, { code: 'access_denied_insufficient_permissions' })],
    ['405', reply(405, { code: 'method_not_allowed' })],
    ['410', reply(410, '')],
  ];
  for (const [what, answer] of noProof) {
    test(`${what} proves nothing`, async () => {
      const { api } = setUp([answer]);
      assert.instance(await rejection(api.getItem('file', '5', undefined, never)), PermanentError);
    });
  }
});

suite('openContent()', (test) => {
  test('follows the redirect without token and as-user', async () => {
    const { api, requests } = setUp([moved, reply(200, 'hello', { 'content-length': '5' })]);
    const opened = await api.openContent('5', { asUser: '7' }, never);
    assert.is(opened.length, 5);
    assert.is(await contentOf(opened), 'hello');
    assert.equal(requests, [
      {
        method: 'GET',
        url: '/2.0/files/5/content',
        headers: { 'box-notifications': 'off' },
        asUser: '7',
        route: 'content',
      },
      { method: 'GET', url: 'https://dl.boxcloud.com/d/1/x/download', route: 'download' },
    ]);
  });

  test('takes content that comes without a redirect, and a length that is not said', async () => {
    const { api } = setUp([reply(200, 'hello')]);
    const opened = await api.openContent('5', {}, never);
    assert.is(opened.length, null);
    assert.is(await contentOf(opened), 'hello');
  });

  test('the length of packed content is not the length of the content', async () => {
    const { api } = setUp([reply(200, 'x', { 'content-length': '1', 'content-encoding': 'gzip' })]);
    assert.is((await api.openContent('5', {}, never)).length, null);
  });

  test('an empty file is content of length 0', async () => {
    const { api } = setUp([moved, reply(200, '', { 'content-length': '0' })]);
    const opened = await api.openContent('5', {}, never);
    assert.is(opened.length, 0);
    assert.is(await contentOf(opened), '');
  });

  for (const status of [401, 403, 404, 410]) {
    test(`a download URL that answers ${status} is replaced by a new one`, async () => {
      const { api, requests } = setUp([moved, reply(status, '<html>'), moved, reply(200, 'hello')]);
      assert.is(await contentOf(await api.openContent('5', {}, never)), 'hello');
      assert.equal(
        requests.map(({ route, repeat }) => [route, repeat]),
        [
          ['content', undefined],
          ['download', undefined],
          ['content', 'url-expired'],
          ['download', undefined],
        ],
      );
    });
  }

  test('URLs that never work are given up', async () => {
    const { api, requests } = setUp(({ route }) => (route === 'content' ? moved : reply(404)));
    const error = await rejection(api.openContent('5', {}, never));
    assert.instance(error, TransientError);
    assert.match(error.message, 'the download URL no longer works');
    assert.is(requests.length, 6);
  });

  const refusals: readonly (readonly [string, FakeAnswer[], new () => Error, string])[] = [
    ['a previewer', [reply(403, { code: 'access_denied_insufficient_permissions' })], PermanentError as never, '403'],
    ['a file in the trash', [reply(404, { code: 'trashed' })], PermanentError as never, '404 trashed'],
    ['a refused download', [moved, reply(416)], PermanentError as never, '416'],
    ['204', [reply(204)], PermanentError as never, '204'],
    ['a redirect to nowhere', [reply(302)], PermanentError as never, '302'],
    ['content that is not ready', [reply(202)], TransientError as never, 'not ready'],
  ];
  for (const [what, answers, type, words] of refusals) {
    test(`${what} is an error`, async () => {
      const { api } = setUp(answers);
      const error = await rejection(api.openContent('5', {}, never));
      assert.instance(error, type);
      assert.match(error.message, words);
    });
  }

  test('failures of the network come through', async () => {
    const failure = new TransientError('Cut');
    const { api } = setUp([moved, failure]);
    assert.is(await rejection(api.openContent('5', {}, never)), failure);
  });
});
