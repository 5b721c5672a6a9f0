import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/core/clock.js';
import { PermanentError, TransientError } from '../../src/core/errors.js';
import { extractionService, type ExtractionServiceOptions } from '../../src/extractors/extraction-service.js';
import type { Extracted, Room } from '../../src/extractors/extractor.js';
import { endlessRoom, recordingRoom } from '../support/rooms.js';
import { fileInfo } from '../support/file-info.js';
import { serve } from '../support/serve.js';
import { suite } from '../support/suite.js';

const deps = { clock: systemClock, random: () => 0 };

async function* content(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield Buffer.from(chunk);
  }
}

interface Seen {
  readonly request: IncomingMessage;
  readonly body: string;
}

type Answer = (response: ServerResponse, seen: Seen) => void | Promise<void>;

function json(value: unknown, status = 200): Answer {
  // The type is not looked at: the service sends what Tika sent.
  return (response) => void response.writeHead(status, { 'content-type': 'text/html' }).end(JSON.stringify(value));
}

async function extract(
  answer: Answer,
  over: Partial<ExtractionServiceOptions> = {},
  bytes: AsyncIterable<Uint8Array> = content('the ', 'content'),
  { extension = 'pdf', room = endlessRoom }: { extension?: string; room?: Room } = {},
): Promise<{ result: unknown; seen: readonly Seen[] }> {
  const seen: Seen[] = [];
  const server = await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = { request, body: Buffer.concat(chunks).toString() };
      seen.push(one);
      void answer(response, one);
    });
  });
  const options = { host: server.url, reduceWhitespace: false, retries: 0, ...over };
  try {
    const file = fileInfo({ name: `../Ä.${extension}`, size: 11, extension });
    const { extract: run } = extractionService(deps, options);
    return {
      result: await run(file, bytes, new AbortController().signal, room).catch((error: unknown) => error),
      seen,
    };
  } finally {
    await server.close();
  }
}

function failed(result: unknown, kind: typeof TransientError | typeof PermanentError, message: RegExp): void {
  assert.instance(result, kind);
  assert.match((result as Error).message, message);
}

const text = { _meta: { 'X-ELASTIC:service': 'tika' }, extracted_text: 'Text "here"\n' };
const body = { members: '"body":"Text \\"here\\"\\n"' };

suite('extractionService', (test) => {
  test('sends the content and gives the text as body', async () => {
    const { result, seen } = await extract(json(text));
    assert.equal(result, body);
    assert.is(seen.length, 1);
    const one = seen[0]!;
    assert.is(one.body, 'the content');
    assert.is(one.request.method, 'PUT');
    assert.is(one.request.url, '/extract_text/');
    assert.is(one.request.headers.accept, 'application/json');
    assert.is(one.request.headers['content-type'], 'application/octet-stream');
  });

  test('the text is cleaned, reduced and cut', async () => {
    const { result } = await extract(json({ extracted_text: ' a\0 \ud83d \n éé' }), {
      reduceWhitespace: true,
      maxTextBytes: 5,
    });
    assert.equal(result, { members: '"body":"a é"' });
  });

  test('a file without text has an empty body; an empty file is not sent', async () => {
    assert.equal((await extract(json({ extracted_text: '' }))).result, { members: '"body":""' });
    const { result, seen } = await extract(json(text), {}, content());
    assert.equal(result, { members: '' });
    assert.equal(seen, []);
  });

  for (const error of ['Content Extraction Error', 'Unprocessable Entity']) {
    test(`"${error}" in an answer with 200 is about the file`, async () => {
      const { result } = await extract(json({ error, message: 'X-TIKA:EXCEPTION - \n of Tika', extracted_text: 'x' }));
      failed(result, PermanentError, new RegExp(`reports "${error}" \\(X-TIKA:EXCEPTION - of Tika\\)`));
    });
  }

  test('any other error in an answer with 200 is about the service', async () => {
    failed(
      (await extract(json({ error: 'Internal Server Error' }))).result,
      TransientError,
      /reports "Internal Server Error" \(no message\)/,
    );
    failed((await extract(json({ error: { code: 5 } }))).result, TransientError, /reports "\{"code":5\}"/);
  });

  for (const [title, answer, message] of [
    ['no JSON', (response: ServerResponse) => void response.end('<html>'), /no JSON object; check its address/],
    ['a list', json(['x']), /no JSON object/],
    ['nothing', (response: ServerResponse) => void response.writeHead(204).end(), /no JSON object/],
    ['no text', json({}), /answered without "extracted_text"/],
    ['a text that is none', json({ extracted_text: 5 }), /answered without "extracted_text"/],
    ['500', json({ error: 'x' }, 500), /answered 500/],
    ['404', json({}, 404), /answered 404/],
  ] as const) {
    test(`${title} is a transient error, never an empty text`, async () => {
      failed((await extract(answer)).result, TransientError, message);
    });
  }

  for (const [title, answer, expected] of [
    ['a byte order mark before it', `\ufeff${JSON.stringify(text)}`, body.members],
    ['depth', `{"_meta":${'['.repeat(100_000)}${']'.repeat(100_000)},"extracted_text":"x"}`, '"body":"x"'],
    ['halves of surrogate pairs', '{"extracted_text":"a\\ud83d\\u0000b\\ude00\\ufeffc"}', '"body":"abc"'],
    ['__proto__', '{"__proto__":{"error":"x"},"extracted_text":"x"}', '"body":"x"'],
  ] as const) {
    test(`${title} in an answer costs nothing`, async () => {
      const { result } = await extract((response) => void response.end(answer));
      assert.equal(result, { members: expected });
    });
  }

  test('an answer of any length is read with no more room than its text takes', async () => {
    const asked: number[] = [];
    const answer = `{"_meta":"${'m'.repeat(3_000_000)}","extracted_text":"${'x'.repeat(1_000_000)}"}`;
    const { result } = await extract((response) => void response.end(answer), { maxTextBytes: 1_000_000 }, undefined, {
      room: recordingRoom(asked),
    });
    assert.is((result as Extracted).members.length, 1_000_009);
    assert.ok(asked.at(-1)! > 1_000_000 && asked.at(-1)! < 3_000_000, asked.join());
  });

  test('422 is about the file', async () => {
    failed((await extract(json({ error: 'x' }, 422))).result, PermanentError, /answered 422/);
  });

  test('an answer that is much larger than the text may be is not read to its end', async () => {
    const { result } = await extract(json({ extracted_text: 'x'.repeat(70_000) }), { maxTextBytes: 100 });
    failed(result, PermanentError, /answered with more than 65936 bytes/);
  });

  test('with a shared folder only the path is sent, and the file is gone afterwards', async () => {
    await withFolder(async (folder) => {
      let held = '';
      const { result, seen } = await extract(
        async (response, one) => {
          held = await readFile(pathOf(one), 'utf8');
          await json(text)(response, one);
        },
        { sharedVolumeDir: folder },
      );
      assert.equal(result, body);
      assert.is(held, 'the content');
      const one = seen[0]!;
      assert.is(one.body, '');
      assert.match(one.request.url ?? '', /^\/extract_text\/\?local_file_path=[\w.~%-]+\.pdf$/);
      assert.match(pathOf(one), /\/a folder & more\/box-connector-[0-9a-f-]{36}\.pdf$/);
      assert.equal(await readdir(folder), []);
    });
  });

  test('the shared file stays for the retries and is gone after the last', async () => {
    await withFolder(async (folder) => {
      const held: string[] = [];
      const { result } = await extract(
        async (response, one) => {
          held.push(await readFile(pathOf(one), 'utf8'));
          response.writeHead(503).end();
        },
        { sharedVolumeDir: folder, retries: 2, retryDelayMs: 1 },
      );
      failed(result, TransientError, /answered 503/);
      assert.equal(held, ['the content', 'the content', 'the content']);
      assert.equal(await readdir(folder), []);
    });
  });

  test('nothing is left in the shared folder of a download that fails', async () => {
    await withFolder(async (folder) => {
      const cause = new TransientError('cut');
      async function* cut(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('a');
        await Promise.reject(cause);
      }
      const { result, seen } = await extract(json(text), { sharedVolumeDir: folder }, cut());
      assert.is(result, cause);
      assert.equal(seen, []);
      assert.equal(await readdir(folder), []);
    });
  });

  test('an extension that could lead elsewhere is left out of the shared name', async () => {
    await withFolder(async (folder) => {
      const { seen } = await extract(json(text), { sharedVolumeDir: folder }, content('x'), {
        extension: '/../../etc',
      });
      assert.match(pathOf(seen[0]!), /\/a folder & more\/box-connector-[0-9a-f-]{36}$/);
    });
  });

  test('a shared folder that is missing is said by its key', async () => {
    const { result } = await extract(json(text), { sharedVolumeDir: join(tmpdir(), 'not', 'there') });
    failed(result, TransientError, /^Cannot write ".*ENOENT.*check extraction_service\.shared_volume_dir/);
  });

  test('the fingerprint follows what changes the text, not how it is sent', () => {
    const options = { host: 'http://a', reduceWhitespace: true };
    const { fingerprint } = extractionService(deps, options);
    assert.is(
      extractionService(deps, { ...options, host: 'http://b', sharedVolumeDir: '/x' }).fingerprint,
      fingerprint,
    );
    assert.is.not(extractionService(deps, { ...options, reduceWhitespace: false }).fingerprint, fingerprint);
  });
});

function pathOf({ request }: Seen): string {
  return new URL(request.url ?? '', 'http://x').searchParams.get('local_file_path') ?? '';
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'extraction-'));
  const inside = join(folder, 'a folder & more');
  await mkdir(inside);
  try {
    await use(inside);
  } finally {
    await rm(folder, { recursive: true });
  }
}
