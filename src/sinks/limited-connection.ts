import { type Readable, pipeline } from 'node:stream';
import { createBrotliDecompress, createUnzip } from 'node:zlib';
import { UndiciConnection, errors } from '@elastic/elasticsearch';
import { AnswerTooLarge } from './answer-too-large.js';

type Params = Parameters<UndiciConnection['request']>[0];
type Options = Parameters<UndiciConnection['request']>[1];
type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * The client's connection with an end to each answer. The client's own limit is for what comes over the network: what a
 * proxy has compressed, asked or not, would be unpacked to any size. Here it is unpacked bit by bit, and what goes
 * beyond `maxBytes` rejects with `AnswerTooLarge`.
 */
export function limitedConnection(maxBytes: number): typeof UndiciConnection {
  return class LimitedConnection extends UndiciConnection {
    override async request(params: Params, options: Options): Promise<never> {
      const { statusCode, headers, body } = await super.request(params, { ...options, asStream: true });
      const text = await textOf(body, headers, maxBytes);
      return { statusCode, headers: { ...headers, 'content-encoding': '' }, body: text } as never;
    }
  };
}

async function textOf(body: Readable, headers: Headers, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of unpacked(body, String(headers['content-encoding'] ?? ''))) {
      const bytes = chunk as Uint8Array;
      length += bytes.byteLength;
      if (length > maxBytes) throw new AnswerTooLarge(maxBytes);
      chunks.push(bytes);
    }
  } catch (error) {
    body.destroy();
    throw error instanceof AnswerTooLarge ? error : fromStream(error);
  }
  return Buffer.concat(chunks, length).toString('utf8');
}

function unpacked(body: Readable, encoding: string): Readable {
  const unpacking = /gzip|deflate/i.test(encoding)
    ? createUnzip()
    : /\bbr\b/i.test(encoding)
      ? createBrotliDecompress()
      : null;
  // Whoever reads the end of the pipeline learns what went wrong in it.
  return unpacking === null ? body : pipeline(body, unpacking, () => {});
}

/** As the client names what happens before the body. */
function fromStream(error: unknown): Error {
  const { name, message, code } = error as Error & { code?: string };
  if (name === 'AbortError' || code === 'UND_ERR_ABORTED') return new errors.RequestAbortedError('Request aborted');
  if (code === 'UND_ERR_BODY_TIMEOUT') return new errors.TimeoutError('Request timed out');
  return new errors.ConnectionError(message);
}
