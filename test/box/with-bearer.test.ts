import * as assert from 'uvu/assert';
import type { BoxRoute, HttpRequest } from '../../src/box/http-client.js';
import type { TokenSource } from '../../src/box/token-source.js';
import { withBearer } from '../../src/box/with-bearer.js';
import { fakeHttp, never, reply } from '../support/fake-http.js';
import { suite } from '../support/suite.js';

function fakeTokens() {
  const asked: string[] = [];
  const tokens: TokenSource = {
    token: () => {
      asked.push('token');
      return Promise.resolve('T1');
    },
    renew: (stale) => {
      asked.push(`renew ${stale}`);
      return Promise.resolve('T2');
    },
    settled: () => Promise.resolve(true),
  };
  return { tokens, asked };
}

const get = (route: BoxRoute, asUser?: string): HttpRequest => ({ method: 'GET', url: '/x', route, asUser });

suite('withBearer()', (test) => {
  test('signs with the token and as-user, and keeps the other headers', async () => {
    const { http, requests } = fakeHttp([reply(200)]);
    await withBearer(http, fakeTokens().tokens)({ ...get('folders', '7'), headers: { accept: 'x' } }, never);
    assert.equal(requests[0]?.headers, { accept: 'x', authorization: 'Bearer T1', 'as-user': '7' });
  });

  test('without an acting user there is no as-user', async () => {
    const { http, requests } = fakeHttp([reply(200)]);
    await withBearer(http, fakeTokens().tokens)(get('folders'), never);
    assert.equal(requests[0]?.headers, { authorization: 'Bearer T1' });
  });

  for (const route of ['download', 'token'] as const) {
    test(`signs nothing of route ${route}, and takes its 401 as it is`, async () => {
      const { http, requests } = fakeHttp([reply(401)]);
      const { tokens, asked } = fakeTokens();
      const response = await withBearer(http, tokens)(get(route, '7'), never);
      assert.is(response.status, 401);
      assert.is(requests[0]?.headers, undefined);
      assert.equal(asked, []);
    });
  }

  for (const body of ['', '{}']) {
    test(`a 401 with the body "${body}" renews the token and repeats once`, async () => {
      const { http, requests } = fakeHttp([reply(401, body), reply(200, 'fine')]);
      const { tokens, asked } = fakeTokens();
      const response = await withBearer(http, tokens)(get('folders', '7'), never);
      assert.is(await response.text(), 'fine');
      assert.equal(asked, ['token', 'renew T1']);
      assert.equal(requests[1]?.headers, { authorization: 'Bearer T2', 'as-user': '7' });
      assert.equal(
        requests.map(({ repeat }) => repeat),
        [undefined, 'token-renewed'],
      );
    });
  }

  test('a second 401 is returned', async () => {
    const { http, requests } = fakeHttp([reply(401)]);
    const { tokens, asked } = fakeTokens();
    assert.is((await withBearer(http, tokens)(get('folders'), never)).status, 401);
    assert.is(requests.length, 2);
    assert.equal(asked, ['token', 'renew T1']);
  });

  const reasons = [
    reply(401, { code: 'unauthorized', message: 'No' }),
    reply(401, 'Unauthorized - User has been deactivated'),
    reply(403, ''),
    reply(403, { code: 'forbidden' }),
  ];
  for (const [index, answer] of reasons.entries()) {
    test(`a ${answer.status} with a reason does not renew (${index})`, async () => {
      const { http, requests } = fakeHttp([answer]);
      const { tokens, asked } = fakeTokens();
      const response = await withBearer(http, tokens)(get('folders'), never);
      assert.is(await response.text(), await answer.text());
      assert.is(requests.length, 1);
      assert.equal(asked, ['token']);
    });
  }
});
