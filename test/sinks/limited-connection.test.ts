import type { ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { errors } from '@elastic/elasticsearch';
import * as assert from 'uvu/assert';
import { AnswerTooLarge } from '../../src/sinks/answer-too-large.js';
import { elasticsearchClient } from '../../src/sinks/elasticsearch-client.js';
import { elasticsearchError } from '../../src/sinks/elasticsearch-error.js';
import { suite } from '../support/suite.js';
import { loopbackElasticsearch } from './loopback-elasticsearch.js';

const mebibyte = 1024 * 1024;

/** What the client makes of an answer, and how much the process has grown by it. */
async function take(
  answer: (response: ServerResponse) => void,
  maxAnswerBytes = mebibyte,
): Promise<{ readonly found: unknown; readonly grownMiB: number }> {
  const server = await loopbackElasticsearch((_exchange, response) => answer(response));
  const client = elasticsearchClient({ host: server.host, version: 'test', maxAnswerBytes });
  try {
    const before = process.memoryUsage.rss();
    const found: unknown = await client.transport
      .request({ method: 'GET', path: '/' })
      .catch((error: unknown) => error);
    return { found, grownMiB: (process.memoryUsage.rss() - before) / mebibyte };
  } finally {
    await client.close();
    await server.close();
  }
}

function compressed(encoding: string, bytes: Uint8Array): (response: ServerResponse) => void {
  return (response) => {
    response.setHeader('content-encoding', encoding);
    response.end(bytes);
  };
}

const text = JSON.stringify({ text: 'x'.repeat(1_000) });

suite('limitedConnection()', (test) => {
  test('reads what is within the limit, compressed or not, asked or not', async () => {
    const whole = JSON.parse(text) as unknown;
    assert.equal((await take((response) => response.end(text))).found, whole);
    assert.equal((await take(compressed('gzip', gzipSync(text)))).found, whole);
    assert.equal((await take(compressed('deflate', deflateSync(text)))).found, whole);
    assert.equal((await take(compressed('br', brotliCompressSync(text)))).found, whole);
    assert.equal((await take((response) => response.end(text), text.length)).found, whole);
  });

  test('gives up what is larger, as soon as it is', async () => {
    assert.ok((await take((response) => response.end(text), text.length - 1)).found instanceof AnswerTooLarge);
    const endless = await take((response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    assert.ok(endless.found instanceof AnswerTooLarge);
  });

  test('an answer of a gibibyte that is a mebibyte on the way takes no more than the limit', async () => {
    const zeros = Buffer.alloc(64 * mebibyte);
    // Members of gzip, one behind the other, are one text.
    const bomb = Buffer.concat(Array<Buffer>(16).fill(gzipSync(zeros)));
    const { found, grownMiB } = await take(compressed('gzip', bomb), 16 * mebibyte);
    assert.ok(found instanceof AnswerTooLarge);
    assert.ok(grownMiB < 80, `${grownMiB} MiB`);
    assert.match(
      elasticsearchError(found, 'look', 'box').message,
      /^Cannot look: the answer is larger than 16 MiB, expected a smaller one of Elasticsearch/,
    );
  });

  test('an answer that is broken or cut is a fault of the connection', async () => {
    assert.ok((await take(compressed('gzip', Buffer.from('no gzip')))).found instanceof errors.ConnectionError);
    const cut = gzipSync(JSON.stringify(Array.from({ length: 1_000 }, (_, at) => at * 7_919))).subarray(0, 500);
    assert.ok((await take(compressed('gzip', cut))).found instanceof errors.ConnectionError);
    const torn = await take((response) => {
      response.setHeader('content-length', '1000');
      response.write('{"a":');
      setTimeout(() => response.destroy(), 10);
    });
    assert.ok(torn.found instanceof errors.ConnectionError);
  });
});
