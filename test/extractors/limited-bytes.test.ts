import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { PermanentError, TransientError } from '../../src/core/errors.js';
import { limitedBytes, type ListedContent } from '../../src/extractors/limited-bytes.js';
import { suite } from '../support/suite.js';

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

/** A download that says whether it was read on and whether it was closed. */
function download(chunks: readonly string[]) {
  const state = { read: 0, closed: false };
  async function* bytes(): AsyncGenerator<Uint8Array> {
    try {
      for (const chunk of chunks) {
        await Promise.resolve();
        state.read += 1;
        yield Buffer.from(chunk);
      }
    } finally {
      state.closed = true;
    }
  }
  return { state, bytes: bytes() };
}

async function read(bytes: AsyncIterable<Uint8Array>, listed: Partial<ListedContent>): Promise<string> {
  let text = '';
  for await (const chunk of limitedBytes(bytes, { maxBytes: 100, size: null, sha1: null, ...listed })) {
    text += Buffer.from(chunk).toString();
  }
  return text;
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work.then(() => 'no failure');
  } catch (error) {
    return error;
  }
}

type Kind = typeof TransientError | typeof PermanentError;

// [title, chunks, what was listed, the error]
const failures: readonly (readonly [string, readonly string[], Partial<ListedContent>, Kind, RegExp])[] = [
  ['one byte more than the limit', ['abc', 'd'], { maxBytes: 3 }, PermanentError, /more than 3 bytes came/],
  ['more than the limit although listed so', ['abcd'], { maxBytes: 3, size: 4 }, PermanentError, /more than 3 bytes/],
  ['more than was listed', ['abc', 'd'], { size: 3 }, TransientError, /more than 3 bytes came, expected the listed 3/],
  ['more than was listed and allowed', ['abcdef'], { size: 3, maxBytes: 5 }, TransientError, /the listed 3/],
  ['less than was listed', ['ab'], { size: 3 }, TransientError, /2 bytes came, expected the listed 3/],
  ['nothing at all', [], { size: 3 }, TransientError, /0 bytes came/],
  ['other content of the same length', ['abd'], { size: 3, sha1: sha1('abc') }, TransientError, /its SHA-1 is/],
];

suite('limitedBytes', (test) => {
  test('passes on what was listed', async () => {
    const { bytes } = download(['ab', '', 'c']);
    assert.is(await read(bytes, { maxBytes: 3, size: 3, sha1: sha1('abc').toUpperCase() }), 'abc');
  });

  test('passes on what is not known, up to the limit', async () => {
    assert.is(await read(download(['ab', 'c']).bytes, { maxBytes: 3 }), 'abc');
    assert.is(await read(download([]).bytes, {}), '');
  });

  for (const [title, chunks, listed, kind, message] of failures) {
    test(`fails on ${title}`, async () => {
      const error = await failureOf(read(download(chunks).bytes, listed));
      assert.instance(error, kind);
      assert.match((error as Error).message, message);
    });
  }

  test('stops and closes the download at the first chunk that is too much', async () => {
    const { bytes, state } = download(['abc', 'def', 'ghi']);
    await failureOf(read(bytes, { maxBytes: 4 }));
    assert.equal(state, { read: 2, closed: true });
  });

  test('closes the download when the reader has enough', async () => {
    const { bytes, state } = download(['abc', 'def']);
    for await (const chunk of limitedBytes(bytes, { maxBytes: 100, size: 6, sha1: null })) {
      assert.is(chunk.length, 3);
      break;
    }
    assert.equal(state, { read: 1, closed: true });
  });

  test('an error of the download goes through as it is', async () => {
    const cause = new Error('cut');
    async function* cut(): AsyncGenerator<Uint8Array> {
      await Promise.resolve();
      yield Buffer.from('a');
      throw cause;
    }
    assert.is(await failureOf(read(cut(), { size: 5 })), cause);
  });

  test('only the listed bytes come to an end, however they are cut into chunks', async () => {
    const texts = fc.array(fc.string({ maxLength: 5, unit: 'grapheme-ascii' }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(texts, fc.string({ maxLength: 12, unit: 'grapheme-ascii' }), async (chunks, listed) => {
        const whole = chunks.join('');
        const result = await failureOf(read(download(chunks).bytes, { size: listed.length, sha1: sha1(listed) }));
        return (result === 'no failure') === (whole === listed);
      }),
    );
  });
});
