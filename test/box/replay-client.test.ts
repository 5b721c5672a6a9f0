import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { boxApi } from '../../src/box/box-api.js';
import { boxClient } from '../../src/box/box-client.js';
import type { HttpClient, HttpRequest } from '../../src/box/http-client.js';
import type { RecordedExchange } from '../../src/box/recorded-exchange.js';
import { type ReplayClient, replayClient } from '../../src/box/replay-client.js';
import { withRecording } from '../../src/box/with-recording.js';
import { AbortedError, AuthError, ConfigError, PermanentError, TransientError } from '../../src/core/errors.js';
import { type FakeAnswer, fakeHttp, never, rejection, reply } from '../support/fake-http.js';
import { HastyClock } from '../support/hasty-clock.js';
import { MemoryTokenStore } from '../support/memory-token-store.js';
import { suite } from '../support/suite.js';

const baseUrl = 'https://api.box.com';
const listing: HttpRequest = { method: 'GET', url: `${baseUrl}/2.0/folders/0/items?limit=1`, route: 'folders' };
const content: HttpRequest = { method: 'GET', url: `${baseUrl}/2.0/files/77/content`, route: 'content' };
const token: HttpRequest = { method: 'POST', url: `${baseUrl}/oauth2/token`, route: 'token', body: 'a=b' };

suite('replayClient()', (test) => {
  let folder = '';
  const folders: string[] = [];
  test.after(() => folders.forEach((one) => rmSync(one, { recursive: true, force: true })));

  const fresh = () => {
    folder = mkdtempSync(join(tmpdir(), 'box-replay-'));
    folders.push(folder);
    return folder;
  };
  /** A recording of these exchanges, in this order. */
  const recorded = async (exchanges: readonly (readonly [HttpRequest, FakeAnswer])[]): Promise<ReplayClient> => {
    const answers = exchanges.map(([, answer]) => answer);
    const options = { folder: fresh(), baseUrl, walk: 'account', inlineBytes: 16 } as const;
    const { http, close } = withRecording(fakeHttp(answers).http, options);
    for (const [request] of exchanges) await consume(http, request);
    await close();
    return replayClient(folder);
  };
  const written = (exchanges: Readonly<Record<string, RecordedExchange | string>>): ReplayClient => {
    fresh();
    for (const [file, exchange] of Object.entries({ 'manifest.json': manifest, ...exchanges })) {
      writeFileSync(join(folder, file), typeof exchange === 'string' ? exchange : JSON.stringify(exchange));
    }
    return replayClient(folder);
  };

  test('answers as Box did: status, headers, text, JSON, bytes', async () => {
    const big = 'a text that is longer than sixteen bytes';
    const { http, unused, check } = await recorded([
      [listing, reply(200, { entries: [] }, { 'content-type': 'application/json' })],
      [{ ...listing, asUser: '5' }, reply(403, '<html>', { 'www-authenticate': 'x' })],
      [content, reply(200, big, { 'content-length': '40' })],
      [{ ...content, url: `${baseUrl}/2.0/files/78/content` }, reply(200, 'small')],
    ]);
    const first = await http(listing, never);
    assert.equal([first.status, first.headers], [200, { 'content-type': 'application/json' }]);
    assert.equal(await first.json(), { entries: [] });
    const second = await http({ ...listing, asUser: '5' }, never);
    assert.equal([second.status, second.headers, await second.text()], [403, { 'www-authenticate': 'x' }, '<html>']);
    assert.equal(unused(), ['0003-content-77.json', '0004-content-78.json']);
    const third = await http(content, never);
    assert.is(third.headers['content-length'], '40');
    assert.is(await readAll(third.bytes()), big);
    assert.is(
      await readAll((await http({ ...content, url: `${baseUrl}/2.0/files/78/content` }, never)).bytes()),
      'small',
    );
    assert.equal(unused(), []);
    check();
  });

  test('the same request several times gets its answers in the order of recording', async () => {
    const other = { ...listing, asUser: '5' };
    const { http } = await recorded([
      [listing, reply(200, '1')],
      [other, reply(200, '2')],
      [listing, reply(200, '3')],
    ]);
    const answers: string[] = [];
    for (const request of [listing, listing, other]) answers.push(await (await http(request, never)).text());
    assert.equal(answers, ['1', '3', '2']);
  });

  test('exchanges are in the order of their numbers, also beyond 9999', async () => {
    const numbered = (body: string): RecordedExchange => ({
      request: { method: 'GET', route: 'folders', path: '/2.0/folders/0/items?limit=1' },
      response: { status: 200, headers: {}, body: { text: body } },
    });
    const { http } = written({ '10000-folders-0.json': numbered('second'), '9999-folders-0.json': numbered('first') });
    assert.is(await (await http(listing, never)).text(), 'first');
    assert.is(await (await http(listing, never)).text(), 'second');
  });

  const surprising: readonly (readonly [what: string, request: HttpRequest, message: RegExp])[] = [
    ['another path', { ...listing, url: `${baseUrl}/2.0/folders/9/items` }, /folders\/9\/items": ".*" has no such/],
    ['another query', { ...listing, url: `${baseUrl}/2.0/folders/0/items?limit=2` }, /but GET ".*limit=1" in 0001-f/],
    ['another user', { ...listing, asUser: '5' }, /as user 5: ".*" has no such exchange, but GET /],
    ['another method', { ...listing, method: 'OPTIONS' }, /^Cannot replay OPTIONS "/],
    ['once too often', listing, /has it 1 times, and all are used/],
  ];
  for (const [what, request, message] of surprising) {
    test(`refuses what was not recorded: ${what}`, async () => {
      const { http, unexpected, check } = await recorded([[listing, reply(200, '{}')]]);
      await (await http(listing, never)).text();
      check();
      const error = await rejection(http(request, never));
      assert.instance(error, PermanentError);
      assert.match(error.message, message);
      assert.match(error.message, folder);
      assert.equal(unexpected(), [error.message]);
      // Callers live with a folder that cannot be read: the end has to say it again.
      assert.throws(check, (thrown: Error) => thrown instanceof PermanentError && thrown.message === error.message);
    });
  }

  test('what nothing asked for is an error at the end, but for proofs', async () => {
    const proof: HttpRequest = { method: 'GET', url: `${baseUrl}/2.0/files/1?fields=id`, route: 'proofs' };
    const { unused, check } = await recorded([
      [proof, reply(200, '{}')],
      [listing, reply(200, '{}')],
    ]);
    assert.equal(unused(), ['0001-proofs-1.json', '0002-folders-0.json']);
    assert.throws(check, /nothing asked for 0002-folders-0\.json, expected/);
  });

  for (const [what, answer, again] of [
    ['429', reply(429, '', { 'retry-after': '3600' }), reply(200, '{"entries":[]}')],
    [
      'a Retry-After as a date',
      reply(503, '', { 'retry-after': 'Wed, 01 Jan 2098 00:00:00 GMT' }),
      reply(200, '{"entries":[]}'),
    ],
    ['a cut connection', new TransientError('Cut'), reply(200, '{"entries":[]}')],
    ['a broken body', reply(200, '{"entries":'), reply(200, '{"entries":[]}')],
  ] as const) {
    test(`does not wait where the recorded client did: ${what}`, async () => {
      const url = '/2.0/folders/0/items?fields=x';
      const { http, check } = await recorded([
        [{ ...listing, url: baseUrl + url }, answer],
        [{ ...listing, url: baseUrl + url }, again],
      ]);
      const clock = new WaitsSeen();
      const response = await clientOf(http, clock)({ method: 'GET', url, route: 'folders' }, never);
      assert.equal(await response.json(), { entries: [] });
      assert.ok(clock.longestMs <= 1, `waited ${clock.longestMs} ms`);
      check();
    });
  }

  for (const [what, request, answer] of [
    ['after 429', listing, reply(429, '', { 'retry-after': '100' })],
    ['after a cut connection', listing, new TransientError('Cut')],
    ['after 202', content, reply(202, '', { 'retry-after': '1' })],
  ] as const) {
    test(`gives up where the recorded client did: ${what}`, async () => {
      const { http, unexpected, check } = await recorded([
        [request, answer],
        [request, answer],
      ]);
      const clock = new WaitsSeen();
      const url = request.url.slice(baseUrl.length);
      const error = await rejection(clientOf(http, clock)({ ...request, url }, never));
      assert.instance(error, TransientError);
      assert.ok(clock.longestMs <= 1, `waited ${clock.longestMs} ms`);
      assert.equal(unexpected(), []);
      check();
    });
  }

  test('asks again for content that is not ready, as often as the recorded client did', async () => {
    const notReady = reply(202, '', { 'retry-after': '10' });
    const { http, check } = await recorded([
      ...Array.from({ length: 9 }, () => [content, notReady] as const),
      [content, reply(200, 'text')],
    ]);
    const clock = new WaitsSeen();
    const response = await clientOf(http, clock)({ ...content, url: '/2.0/files/77/content' }, never);
    assert.is(await readAll(response.bytes()), 'text');
    assert.ok(clock.longestMs <= 1, `waited ${clock.longestMs} ms`);
    check();
  });

  test('a body that was cut is cut again, after the same bytes', async () => {
    const cut = async function* () {
      await Promise.resolve();
      yield Buffer.from('half');
      throw new TransientError('The connection was cut');
    };
    const { http, check } = await recorded([[content, { ...reply(200), bytes: () => cut() }]]);
    const seen: string[] = [];
    const error = await rejection(
      (async () => {
        for await (const chunk of (await http(content, never)).bytes()) seen.push(Buffer.from(chunk).toString());
      })(),
    );
    assert.equal(seen, ['half']);
    assert.instance(error, TransientError);
    assert.is(error.message, 'The connection was cut');
    check();
  });

  test('what was called off while it was recorded cannot be replayed', async () => {
    const { http, check } = await recorded([[listing, new AbortedError()]]);
    const error = await rejection(http(listing, never));
    assert.instance(error, PermanentError);
    assert.match(error.message, /was called off when .* was recorded/);
    assert.throws(check, /called off/);
  });

  test('an abort ends a call and a body', async () => {
    const { http } = await recorded([
      [listing, reply(200, '{}')],
      [content, reply(200, 'a text that is longer than sixteen bytes')],
    ]);
    const controller = new AbortController();
    const body = (await http(content, controller.signal)).bytes();
    controller.abort();
    assert.instance(await rejection(readAll(body)), AbortedError);
    assert.instance(await rejection(http(listing, controller.signal)), AbortedError);
  });

  const granted = reply(200, { access_token: 'geheim', expires_in: 60, token_type: 'bearer' });
  const refused = reply(400, { error: 'invalid_grant', error_description: 'Refresh token has expired' });
  const signIns: readonly (readonly [what: string, recorded: readonly FakeAnswer[], status: number])[] = [
    ['none was recorded', [], 200],
    ['one was granted', [granted], 200],
    ['the first try was refused', [refused, granted], 200],
    ['all were refused', [refused, refused], 400],
  ];
  for (const [what, answers, status] of signIns) {
    test(`sign-ins are answered however many there are: ${what}`, async () => {
      const { http, unused, check } = await recorded(answers.map((answer) => [token, answer] as const));
      for (let times = 0; times < 3; times += 1) {
        const answer = await http(token, never);
        assert.is(answer.status, status);
        const { access_token: access } = (await answer.json()) as { access_token?: string };
        assert.is(access, status === 200 ? 'recorded-access-token' : undefined);
      }
      assert.equal(unused(), []);
      check();
    });
  }

  test('a refused sign-in is refused again', async () => {
    const { http, signIn } = await recorded([[token, refused]]);
    const error = await rejection(boxApi(clientOf(http, new WaitsSeen(), signIn)).listUsers({ marker: null }, never));
    assert.instance(error, AuthError);
    assert.match(error.message, 'invalid_grant');
  });

  test('an address that begins like the base URL is not taken for it', async () => {
    const elsewhere = { ...listing, url: `${baseUrl}.example/2.0/folders/0/items?limit=1` };
    const { http } = await recorded([[listing, reply(200, '{}')]]);
    assert.instance(await rejection(http(elsewhere, never)), PermanentError);
  });

  const manifests: readonly (readonly [what: string, text: string | undefined, message: RegExp])[] = [
    ['no manifest', undefined, /^Cannot replay ".*": ENOENT.*expected a folder that "sync --record" wrote$/],
    ['no JSON', '{', /its manifest.json is no JSON/],
    ['another format', '{"format":2}', /field "format" .* expected 1; record it again/],
    ['no base URL', '{"format":1,"walk":"account"}', /field "baseUrl"/],
    ['another walk', '{"format":1,"baseUrl":"https://a","walk":"events"}', /field "walk" .* enterprise or account/],
  ];
  for (const [what, text, message] of manifests) {
    test(`refuses a folder that is no recording: ${what}`, () => {
      fresh();
      if (text !== undefined) writeFileSync(join(folder, 'manifest.json'), text);
      assert.throws(
        () => replayClient(folder),
        (error: Error) => error instanceof ConfigError && message.test(error.message),
      );
    });
  }

  const request = { method: 'GET', route: 'folders', path: '/2.0/folders/0/items?limit=1' };
  const response = { status: 200, headers: {} };
  const wrong: readonly (readonly [what: string, text: string, message: RegExp])[] = [
    ['no JSON', 'nothing', /0001\.json": it is no JSON/],
    ['no request', '{}', /field "request"/],
    [
      'a user of another type',
      JSON.stringify({ request: { ...request, asUser: 5 }, response }),
      /field "request.asUser"/,
    ],
    ['neither answer nor failure', JSON.stringify({ request }), /field "response"/],
    ['no status', JSON.stringify({ request, response: {} }), /field "response.status"/],
    ['a wrong header', JSON.stringify({ request, response: { status: 200, headers: { date: 1 } } }), /headers.date"/],
    ['an unknown body', JSON.stringify({ request, response: { ...response, body: 'x' } }), /field "response.body"/],
    [
      'a body outside of the folder',
      JSON.stringify({ request, response: { ...response, body: { file: '../secret' } } }),
      /field "response.body"/,
    ],
    ['an unknown failure', JSON.stringify({ request, failure: { kind: 'x', error: '' } }), /field "failure.kind"/],
  ];
  for (const [what, text, message] of wrong) {
    test(`names the file and the field that is wrong: ${what}`, () => {
      assert.throws(
        () => written({ '0001.json': text }),
        (error: Error) =>
          error instanceof PermanentError && message.test(error.message) && error.message.includes(folder),
      );
    });
  }

  test('content whose file is missing is an error that names it', async () => {
    const { http } = written({
      '0001-content-77.json': {
        request: { method: 'GET', route: 'content', path: '/2.0/files/77/content' },
        response: { ...response, body: { file: '0001-content-77.bin' } },
      },
    });
    const error = await rejection(readAll((await http(content, never)).bytes()));
    assert.match(error.message, /^Cannot read the recorded content ".*0001-content-77\.bin": ENOENT/);
  });

  test('other files in the folder are left alone', () => {
    fresh();
    writeFileSync(join(folder, 'manifest.json'), manifest);
    writeFileSync(join(folder, 'expected.ndjson'), 'x');
    writeFileSync(join(folder, '.0001-folders-0.json.tmp'), 'x');
    mkdirSync(join(folder, 'more'));
    assert.equal(replayClient(folder).unused(), []);
  });
});

const manifest = JSON.stringify({ format: 1, baseUrl, walk: 'account' });

/** Notes the longest wait that anybody asked for. */
class WaitsSeen extends HastyClock {
  longestMs = 0;

  override after(ms: number, run: () => void): () => void {
    this.longestMs = Math.max(this.longestMs, ms);
    return super.after(ms, run);
  }
}

/** The whole client, without jitter. */
function clientOf(transport: HttpClient, clock: HastyClock, signIn = anySignIn): HttpClient {
  const deps = { transport, store: new MemoryTokenStore(), clock, random: () => 0 };
  return boxClient(deps, { baseUrl, signIn, callsPerMinute: 0 }).http;
}

const anySignIn: ReplayClient['signIn'] = {
  kind: 'client-credentials',
  clientId: 'a',
  clientSecret: 'b',
  subject: { type: 'user', id: '1' },
};

/** Reads an answer as the client would, whatever comes of it. */
async function consume(http: HttpClient, request: HttpRequest): Promise<void> {
  try {
    const response = await http(request, never);
    if (request.route === 'content' && response.status === 200) await readAll(response.bytes());
    else await response.text();
  } catch {
    // Recorded all the same.
  }
}

async function readAll(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
