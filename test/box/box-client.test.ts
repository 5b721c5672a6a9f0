import * as assert from 'uvu/assert';
import { boxApi } from '../../src/box/box-api.js';
import { boxClient } from '../../src/box/box-client.js';
import type { HttpRequest } from '../../src/box/http-client.js';
import type { SignIn } from '../../src/box/sign-in.js';
import { type FakeAnswer, fakeHttp, never, reply } from '../support/fake-http.js';
import { HastyClock } from '../support/hasty-clock.js';
import { MemoryTokenStore } from '../support/memory-token-store.js';
import { suite } from '../support/suite.js';

const signIn: SignIn = { kind: 'refresh-token', clientId: 'client', clientSecret: 's', refreshToken: 'R0' };

/** Box that answers tokens by itself, and everything else from the list. */
function setUp(answers: readonly FakeAnswer[]) {
  const clock = new HastyClock();
  const store = new MemoryTokenStore();
  const left = [...answers];
  let tokens = 0;
  const { http, requests } = fakeHttp((request: HttpRequest) => {
    if (request.route !== 'token') return left.shift() ?? reply(500);
    tokens += 1;
    return reply(200, { access_token: `A${tokens}`, refresh_token: `R${tokens}`, expires_in: 3_600 });
  });
  const client = boxClient(
    { transport: http, store, clock, random: () => 0.5 },
    { baseUrl: 'http://box.example/', signIn, callsPerMinute: 1_000 },
  );
  return { client, api: boxApi(client.http), requests, store };
}

suite('boxClient()', (test) => {
  test('signs in first, sends everything to the base URL, and counts each call once', async () => {
    const { client, api, requests, store } = setUp([reply(200, { entries: [] })]);
    await api.listFolder('0', { marker: null, asUser: '7' }, never);
    assert.equal(
      requests.map(({ url, headers }) => [url.split('?')[0], headers?.['authorization'], headers?.['as-user']]),
      [
        ['http://box.example/oauth2/token', undefined, undefined],
        ['http://box.example/2.0/folders/0/items', 'Bearer A1', '7'],
      ],
    );
    assert.equal([client.counts.calls.token, client.counts.calls.folders], [1, 1]);
    assert.is(store.load('client')?.refreshToken, 'R1');
  });

  test('repeats are counted apart: 429, 401, 503', async () => {
    const { client, api } = setUp([
      reply(429, '', { 'retry-after': '2' }),
      reply(401, ''),
      reply(503, ''),
      reply(200, { entries: [] }),
    ]);
    await api.listFolder('0', { marker: null }, never);
    const { calls, repeats, rateWaits } = client.counts;
    assert.is(calls.folders, 1);
    assert.is(calls.token, 2);
    assert.equal(repeats, {
      'not-ready': 0,
      // The 429's second try met the 401, whose repetition met the 503.
      'rate-limited': 1,
      'token-renewed': 1,
      'server-error': 1,
      network: 0,
      'url-expired': 0,
    });
    assert.equal(rateWaits, { calls: 0, ms: 0 });
  });

  test('a download goes out once, unsigned, after the content was ready', async () => {
    const { client, api, requests } = setUp([
      reply(202, '', { 'retry-after': '1' }),
      reply(302, '', { location: 'http://dl.example/1' }),
      reply(200, 'hello'),
    ]);
    const { bytes } = await api.openContent('5', { asUser: '7' }, never);
    for await (const chunk of bytes) assert.is(Buffer.from(chunk).toString(), 'hello');
    assert.is(requests.at(-1)?.url, 'http://dl.example/1');
    assert.is(requests.at(-1)?.headers, undefined);
    const { calls, repeats } = client.counts;
    assert.equal([calls.content, calls.download, repeats['not-ready']], [1, 1, 1]);
  });
});
