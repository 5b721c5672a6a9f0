import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/core/clock.js';
import { PermanentError, TransientError } from '../../src/core/errors.js';
import { tika, type TikaOptions } from '../../src/extractors/tika.js';
import { fileInfo } from '../support/file-info.js';
import { endlessRoom } from '../support/rooms.js';
import { serve } from '../support/serve.js';
import { suite } from '../support/suite.js';

const deps = { clock: systemClock, random: () => 0 };

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

async function* content(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield Buffer.from(chunk);
  }
}

async function extract(
  answer: (response: ServerResponse) => void,
  over: Partial<TikaOptions> = {},
  bytes: AsyncIterable<Uint8Array> = content('the ', 'content'),
): Promise<{ result: unknown; seen: readonly Seen[] }> {
  const seen: Seen[] = [];
  const server = await serve((request, response) => {
    seen.push({ method: request.method, url: request.url, headers: request.headers });
    request.resume().on('end', () => answer(response));
  });
  const { extract: run } = tika(deps, { url: `${server.url}/`, reduceWhitespace: true, retries: 0, ...over });
  try {
    const file = fileInfo({ name: 'Ä\n.pdf', size: 11 });
    return {
      result: await run(file, bytes, new AbortController().signal, endlessRoom).catch((error: unknown) => error),
      seen,
    };
  } finally {
    await server.close();
  }
}

function plain(text: string | Buffer, type = 'text/plain'): (response: ServerResponse) => void {
  return (response) => response.writeHead(200, { 'content-type': type }).end(text);
}

suite('tika', (test) => {
  test('asks for plain text, without OCR, and says the name', async () => {
    const { seen } = await extract(plain('x'));
    assert.is(seen.length, 1);
    const { method, url, headers } = seen[0]!;
    assert.is(method, 'PUT');
    assert.is(url, '/tika');
    assert.is(headers.accept, 'text/plain');
    assert.is(headers['content-type'], 'application/octet-stream');
    assert.is(headers['content-length'], '11');
    assert.is(headers['x-tika-ocrskipocr'], 'true');
    assert.is(headers['content-disposition'], `attachment; filename="__.pdf"; filename*=UTF-8''%C3%84%0A.pdf`);
  });

  test('gives the text as body, cleaned', async () => {
    const { result } = await extract(plain('\n "Text" \ufffd\0 \n'));
    assert.equal(result, { members: '"body":"\\"Text\\""' });
  });

  test('no text is an empty body', async () => {
    assert.equal((await extract((response) => response.writeHead(204).end())).result, {
      members: '"body":""',
    });
    assert.equal((await extract((response) => response.end())).result, { members: '"body":""' });
  });

  test('a text is cut at the limit, not within a character', async () => {
    const { result } = await extract(plain('éééé'), { maxTextBytes: 5 });
    assert.equal(result, { members: '"body":"éé"' });
  });

  test('an empty file is not sent', async () => {
    const { result, seen } = await extract(plain('x'), {}, content());
    assert.equal(result, { members: '' });
    assert.equal(seen, []);
  });

  test('an HTML page is no text: the address is wrong', async () => {
    const { result } = await extract(plain('<html>Sign in</html>', 'text/html'));
    assert.instance(result, TransientError);
    assert.match((result as Error).message, /answered with "text\/html", expected text\/plain; check that tika\.url/);
  });

  test('a file that Tika cannot read is given up for good', async () => {
    assert.instance((await extract((response) => response.writeHead(422).end())).result, PermanentError);
  });

  test('a download that fails is not sent, and its error goes through', async () => {
    const cause = new TransientError('cut');
    async function* cut(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a');
      await Promise.reject(cause);
    }
    const { result, seen } = await extract(plain('x'), {}, cut());
    assert.is(result, cause);
    assert.equal(seen, []);
  });

  test('the fingerprint follows what changes the text, not the address', () => {
    const options = { url: 'http://a', reduceWhitespace: true };
    const { fingerprint } = tika(deps, options);
    assert.is(tika(deps, { ...options, url: 'http://b', timeoutMs: 1 }).fingerprint, fingerprint);
    assert.is.not(tika(deps, { ...options, reduceWhitespace: false }).fingerprint, fingerprint);
    assert.is.not(tika(deps, { ...options, maxTextBytes: 1 }).fingerprint, fingerprint);
  });
});
