import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { PermanentError } from '../../src/core/errors.js';
import { ingestAttachment } from '../../src/extractors/ingest-attachment.js';
import { fileInfo } from '../support/file-info.js';
import { endlessRoom } from '../support/rooms.js';
import { suite } from '../support/suite.js';

const options = { pipeline: 'search-default-ingestion', reduceWhitespace: true, runMlInference: true };
const file = fileInfo();
const signal = new AbortController().signal;

async function* of(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield chunk;
  }
}

suite('ingestAttachment', (test) => {
  test('gives the content as base64, and says what it will hold', async () => {
    const extracted = await ingestAttachment(options).extract(file, of(Buffer.from('hello')), signal, endlessRoom);
    assert.equal(extracted, { members: '"_attachment":"aGVsbG8="' });
    assert.equal([0, 1, 3, 5].map(ingestAttachment(options).reserve!), [0, 4, 4, 8]);
  });

  test('an empty file gives no member', async () => {
    assert.is((await ingestAttachment(options).extract(file, of(), signal, endlessRoom)).members, '');
    assert.is((await ingestAttachment(options).extract(file, of(new Uint8Array()), signal, endlessRoom)).members, '');
  });

  test('the base64 does not depend on the chunks', async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 7 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(chunks, async (parts) => {
        const whole = Buffer.concat(parts).toString('base64');
        const { members } = await ingestAttachment(options).extract(file, of(...parts), signal, endlessRoom);
        return members === (whole === '' ? '' : `"_attachment":"${whole}"`);
      }),
    );
  });

  test('a chunk may be a view into a larger buffer', async () => {
    const view = Buffer.from('xxhelloxx').subarray(2, 7);
    const { members } = await ingestAttachment(options).extract(
      file,
      of(view.subarray(0, 1), view.subarray(1)),
      signal,
      endlessRoom,
    );
    assert.is(members, '"_attachment":"aGVsbG8="');
  });

  test('an error of the download is the extraction’s', async () => {
    async function* cut(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('abc');
      await Promise.reject(new Error('cut'));
    }
    try {
      await ingestAttachment(options).extract(file, cut(), signal, endlessRoom);
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, /cut/);
    }
  });

  test('content that no text can hold is done with, not a fault of the program', async () => {
    const chunk = Buffer.alloc(64 * 1024 * 1024);
    const extraction = ingestAttachment(options).extract(
      file,
      of(...Array<Buffer>(7).fill(chunk)),
      signal,
      endlessRoom,
    );
    const error: unknown = await extraction.catch((cause: unknown) => cause);
    assert.instance(error, PermanentError);
    assert.match(
      (error as Error).message,
      /^Cannot send the content of "a.pdf": .*lower service\.max_file_download_size/,
    );
  });

  test('the fingerprint follows the pipeline', () => {
    const { fingerprint } = ingestAttachment(options);
    assert.is(ingestAttachment({ ...options }).fingerprint, fingerprint);
    for (const change of [{ pipeline: 'other' }, { reduceWhitespace: false }, { runMlInference: false }]) {
      assert.is.not(ingestAttachment({ ...options, ...change }).fingerprint, fingerprint);
    }
  });
});
