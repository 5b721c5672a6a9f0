import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { HttpClient, HttpRequest, HttpResponse } from '../../src/box/http-client.js';
import { withRecording } from '../../src/box/with-recording.js';
import { AbortedError, ConfigError, PermanentError, TransientError } from '../../src/core/errors.js';
import { type FakeAnswer, fakeHttp, never, rejection, reply } from '../support/fake-http.js';
import { suite } from '../support/suite.js';

const baseUrl = 'https://api.box.com';
const listing: HttpRequest = {
  method: 'GET',
  url: `${baseUrl}/2.0/folders/0/items?marker=m&limit=1000`,
  route: 'folders',
  asUser: '11',
  headers: { authorization: 'Bearer geheim-token', 'as-user': '11' },
};
const content: HttpRequest = { method: 'GET', url: `${baseUrl}/2.0/files/77/content`, route: 'content' };
const token: HttpRequest = {
  method: 'POST',
  url: `${baseUrl}/oauth2/token`,
  route: 'token',
  body: 'grant_type=refresh_token&refresh_token=geheim-refresh&client_secret=geheim-secret',
};

suite('withRecording()', (test) => {
  let folder = '';
  const folders: string[] = [];
  const fresh = () => {
    folder = mkdtempSync(join(tmpdir(), 'box-recording-'));
    folders.push(folder);
    return folder;
  };
  const begin = (answers: Parameters<typeof fakeHttp>[0], inlineBytes?: number) =>
    withRecording(fakeHttp(answers).http, {
      folder: fresh(),
      baseUrl,
      walk: 'account',
      ...(inlineBytes === undefined ? {} : { inlineBytes }),
    });
  const kept = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as unknown;
  const files = () => readdirSync(folder).sort();
  const text = () => files().map((file) => readFileSync(join(folder, file), 'latin1')).join('\n'); // prettier-ignore
  test.after(() => folders.forEach((one) => rmSync(one, { recursive: true, force: true })));

  test('keeps an exchange as readable JSON, and gives the answer on unchanged', async () => {
    const headers = {
      'content-type': 'application/json',
      'set-cookie': 'geheim',
      date: 'Sun, 01 Mar 2026 12:00:00 GMT',
    };
    const answer = reply(200, '{"entries":[], "next_marker": null}', headers);
    const { http, close } = begin([answer]);
    const response = await http(listing, never);
    assert.is(response.status, 200);
    assert.is(response.headers, headers);
    assert.equal(await response.json(), { entries: [], next_marker: null });
    await close();
    assert.equal(files(), ['0001-folders-0.json', 'manifest.json']);
    assert.equal(kept('0001-folders-0.json'), {
      request: { method: 'GET', route: 'folders', path: '/2.0/folders/0/items?marker=m&limit=1000', asUser: '11' },
      response: {
        status: 200,
        headers: { 'content-type': 'application/json', date: 'Sun, 01 Mar 2026 12:00:00 GMT' },
        body: { json: { entries: [], next_marker: null } },
      },
    });
    assert.match(readFileSync(join(folder, '0001-folders-0.json'), 'utf8'), '\n      "json": {\n');
  });

  const bodies: readonly (readonly [what: string, body: string, kept: unknown])[] = [
    ['nothing', '', undefined],
    ['JSON', '{"name":"Basic training.txt"}', { json: { name: 'Basic training.txt' } }],
    ['a name that is special', '{"__proto__":{"a":1}}', { json: JSON.parse('{"__proto__":{"a":1}}') as unknown }],
    ['a secret member', '{"access_token":"geheim","id":"1"}', { json: { access_token: '[redacted]', id: '1' } }],
    ['a number beyond 2^53', '{"at":9007199254740993}', { text: '{"at":9007199254740993}' }],
    ['a number in another form', '{"size":1.5e3}', { text: '{"size":1.5e3}' }],
    ['digits in a text', '{"id":"9007199254740993"}', { json: { id: '9007199254740993' } }],
    ['broken JSON', '{"entries":[{"access_token":"geheim"', { text: '{"entries":[{"access_token":"[redacted]"' }],
    ['HTML', '<html>Bearer geheim-token</html>', { text: '<html>Bearer [redacted]</html>' }],
  ];
  for (const [what, body, expected] of bodies) {
    test(`keeps the body of an API answer: ${what}`, async () => {
      const { http, close } = begin([reply(200, body)]);
      assert.is(await (await http(listing, never)).text(), body);
      await close();
      const { response } = kept('0001-folders-0.json') as { response: { body?: unknown } };
      assert.equal(response.body, expected);
    });
  }

  test('keeps no token, secret, form or header of a request', async () => {
    const granted = { access_token: 'geheim-access', refresh_token: 'geheim-new', expires_in: 3600, scope: 'geheim' };
    const refused = { error: 'invalid_grant', error_description: 'Refresh token has expired' };
    const challenge = { 'www-authenticate': 'Bearer realm="Service", error="invalid_token"' };
    const { http, close } = begin([
      reply(200, granted),
      reply(400, refused),
      reply(200, '{"access_token":"geheim-cut'),
      reply(401, '', challenge),
    ]);
    for (const request of [token, token, token, listing]) await (await http(request, never)).text();
    await close();
    assert.not.match(text(), 'geheim');
    const bodyOf = (file: string) => (kept(file) as { response: { body: unknown } }).response.body;
    assert.equal(bodyOf('0001-token.json'), {
      json: {
        access_token: 'recorded-access-token',
        refresh_token: 'recorded-refresh-token',
        expires_in: 3600,
        token_type: 'bearer',
      },
    });
    assert.equal(bodyOf('0002-token.json'), { json: refused });
    assert.equal(bodyOf('0003-token.json'), { text: '(not kept: no JSON)' });
  });

  for (const location of ['https://dl.boxcloud.com/geheim?signature=geheim', '/d/geheim']) {
    test(`gives the address of a download another name, the same in both places: ${location}`, async () => {
      const { http, close } = begin([reply(302, '', { location }), reply(200, 'text', { 'content-length': '4' })]);
      const first = await http(content, never);
      await first.text();
      assert.is(first.headers['location'], location);
      const url = location.startsWith('/') ? baseUrl + location : location;
      await readAll(await http({ method: 'GET', url, route: 'download' }, never));
      await close();
      assert.not.match(text(), 'geheim');
      const address = 'https://download.invalid/77/1';
      assert.equal(kept('0001-content-77.json'), {
        request: { method: 'GET', route: 'content', path: '/2.0/files/77/content' },
        response: { status: 302, headers: { location: address } },
      });
      assert.equal(kept('0002-download-77.json'), {
        request: { method: 'GET', route: 'download', path: address },
        response: { status: 200, headers: { 'content-length': '4' }, body: { text: 'text' } },
      });
    });
  }

  test('an address that it has not given is not kept either', async () => {
    const { http, close } = begin([reply(200, 'text')]);
    await readAll(await http({ method: 'GET', url: 'https://dl.boxcloud.com/geheim', route: 'download' }, never));
    await close();
    assert.not.match(text(), 'geheim');
  });

  const contents: readonly (readonly [what: string, bytes: Buffer, kept: unknown])[] = [
    ['text, secrets included', Buffer.from('password=mine\n'), { text: 'password=mine\n' }],
    ['JSON, byte for byte', Buffer.from('{"a" : 1}'), { text: '{"a" : 1}' }],
    ['bytes', Buffer.from([0xff, 0xd8, 0]), { base64: '/9gA' }],
    ['control characters', Buffer.from([0x61, 0]), { base64: 'YQA=' }],
    ['nothing', Buffer.alloc(0), undefined],
    ['more than stays in the exchange', Buffer.alloc(20, 'x'), { file: '0001-content-77.bin' }],
  ];
  for (const [what, bytes, expected] of contents) {
    test(`keeps content while it passes: ${what}`, async () => {
      const { http, close } = begin([streamed(pieces(bytes))], 16);
      const passed = await readAll(await http(content, never));
      await close();
      assert.equal(passed, bytes);
      const { response, failure } = kept('0001-content-77.json') as { response: { body?: unknown }; failure?: unknown };
      assert.equal(response.body, expected);
      assert.is(failure, undefined);
      const file = join(folder, '0001-content-77.bin');
      if (existsSync(file)) assert.equal(readFileSync(file), bytes);
      assert.is(existsSync(file), bytes.length > 16);
    });
  }

  test('takes no more of a stream than its reader', async () => {
    let given = 0;
    const endless = async function* () {
      for (;;) {
        await Promise.resolve();
        given += 1;
        yield Buffer.from('1234');
      }
    };
    const { http, close } = begin([streamed(endless())], 10);
    let read = 0;
    for await (const chunk of (await http(content, never)).bytes()) {
      read += chunk.length;
      if (read === 16) break;
    }
    await close();
    assert.is(given, 4);
    assert.is(readFileSync(join(folder, '0001-content-77.bin'), 'utf8'), '1234'.repeat(4));
    const { failure } = kept('0001-content-77.json') as { failure: unknown };
    assert.equal(failure, { kind: 'aborted', error: 'The reader wanted no more of it' });
  });

  const failures: readonly (readonly [error: Error, kind: string])[] = [
    [new TransientError('The connection was cut, Bearer geheim-token'), 'transient'],
    [new PermanentError('The certificate is not trusted'), 'permanent'],
    [new AbortedError(), 'aborted'],
  ];
  for (const [error, kind] of failures) {
    test(`keeps a failure and hands it on: ${kind}`, async () => {
      const cut = async function* () {
        await Promise.resolve();
        yield Buffer.from('half');
        throw error;
      };
      const body: HttpResponse = { ...reply(200), text: () => Promise.reject(error) };
      const { http, close } = begin([error, body, streamed(cut())]);
      assert.is(await rejection(http(listing, never)), error);
      assert.is(await rejection((await http(listing, never)).json()), error);
      assert.is(await rejection(readAll(await http(content, never))), error);
      await close();
      assert.not.match(text(), 'geheim');
      const [none, empty, half] = files().map((file) => kept(file) as Kept);
      if (none === undefined || empty === undefined || half === undefined) throw new Error('Something is missing');
      assert.is(none.failure?.kind, kind);
      assert.is(none.response, undefined);
      assert.is(empty.failure?.kind, kind);
      assert.equal(empty.response, { status: 200, headers: {} });
      assert.is(half.failure?.kind, kind);
      assert.equal(half.response?.body, { text: 'half' });
    });
  }

  test('numbers exchanges as they begin, however they end; close keeps what was not read', async () => {
    const waiting: ((answer: FakeAnswer) => void)[] = [];
    const slow: HttpClient = () => new Promise((resolve) => waiting.push((answer) => resolve(answer as HttpResponse)));
    const { http, close } = withRecording(slow, { folder: fresh(), baseUrl, walk: 'account' });
    const users: HttpRequest = { method: 'GET', url: `${baseUrl}/2.0/users?limit=1`, route: 'users' };
    const [first, second] = [http(listing, never), http(users, never)];
    waiting[1]?.(reply(200, '{}'));
    await (await second).text();
    waiting[0]?.(reply(200, '{}'));
    await first;
    assert.equal(files(), ['0002-users.json', 'manifest.json']);
    await close();
    assert.equal(files(), ['0001-folders-0.json', '0002-users.json', 'manifest.json']);
    const { failure } = kept('0001-folders-0.json') as Kept;
    assert.is(failure?.kind, 'aborted');
  });

  test('the name of a file stays in the folder', async () => {
    const { http, close } = begin([reply(200, '{}')]);
    const url = `${baseUrl}/2.0/folders/..%2F..%2Fetc/items`;
    await (await http({ method: 'GET', url, route: 'folders' }, never)).text();
    await close();
    assert.equal(files(), ['0001-folders-.._2F.._2Fetc.json', 'manifest.json']);
  });

  test('the manifest has no credentials', async () => {
    const { http } = fakeHttp([reply(200)]);
    const options = {
      folder: fresh(),
      baseUrl: 'https://me:geheim@proxy.example/box/?key=geheim',
      walk: 'enterprise',
    } as const;
    await withRecording(http, options).close();
    assert.equal(kept('manifest.json'), { format: 1, baseUrl: 'https://proxy.example/box', walk: 'enterprise' });
  });

  test('refuses a folder that holds something, or cannot be made', () => {
    const { http } = fakeHttp([reply(200)]);
    writeFileSync(join(fresh(), 'other'), '');
    const refusal = (where: string) => {
      try {
        withRecording(http, { folder: where, baseUrl, walk: 'account' });
      } catch (error) {
        return error;
      }
      return undefined;
    };
    for (const where of [folder, join(folder, 'other', 'below')]) {
      const error = refusal(where);
      assert.instance(error, ConfigError);
      assert.match((error as Error).message, /^Cannot record into ".*expected a new or an empty folder$/);
    }
    assert.equal(files(), ['other']);
  });

  test('a recording that cannot be written disturbs no exchange, and says so at the end', async () => {
    const { http, close } = begin([reply(200, '{"a":1}'), streamed(pieces(Buffer.alloc(40, 'x')))], 16);
    rmSync(folder, { recursive: true });
    assert.equal(await (await http(listing, never)).json(), { a: 1 });
    assert.is((await readAll(await http(content, never))).length, 40);
    const error = await rejection(close());
    assert.instance(error, PermanentError);
    assert.match(error.message, /^Cannot record into ".*ENOENT.*make another$/);
  });
});

interface Kept {
  readonly response?: { readonly body?: unknown };
  readonly failure?: { readonly kind: string; readonly error: string };
}

function streamed(bytes: AsyncIterable<Uint8Array>): HttpResponse {
  return { ...reply(200), bytes: () => bytes };
}

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 7) {
    await Promise.resolve();
    yield bytes.subarray(at, at + 7);
  }
}

async function readAll(response: HttpResponse): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.bytes()) chunks.push(chunk);
  return Buffer.concat(chunks);
}
