import type { IncomingMessage, ServerResponse } from 'node:http';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/core/clock.js';
import { AbortedError, PermanentError, TransientError } from '../../src/core/errors.js';
import { textService, type TextAnswer, type TextServiceOptions } from '../../src/extractors/text-service.js';
import { serve, type Served } from '../support/serve.js';
import { suite } from '../support/suite.js';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

const ok: Answer = (response) => response.setHeader('content-type', 'Text/Plain; charset=UTF-8').end('text');

function status(code: number, headers: Record<string, string> = {}): Answer {
  return (response) => response.writeHead(code, headers).end('some words about it');
}

/** A server that answers the first request by the first function, and so on, and the last for ever. */
async function withServer(
  answers: readonly Answer[],
  use: (call: Call, server: Served, bodies: readonly string[]) => Promise<void>,
): Promise<void> {
  const bodies: string[] = [];
  const server = await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks).toString());
      answers[Math.min(bodies.length, answers.length) - 1]?.(response, request);
    });
  });
  try {
    await use(caller(server.url), server, bodies);
  } finally {
    await server.close();
  }
}

type Call = (over?: Partial<TextServiceOptions>, signal?: AbortSignal) => Promise<TextAnswer>;

function caller(url: string): Call {
  return (over = {}, signal = new AbortController().signal) => {
    const options = {
      service: 'the reader',
      timeoutMs: 2_000,
      retries: 2,
      retryDelayMs: 1,
      maxAnswerBytes: 100,
      ...over,
    };
    const chunks = [Buffer.from('the '), Buffer.from('content')];
    const headers = { 'Content-Length': '11' };
    return textService({ clock: systemClock, random: () => 0.5 }, options)(
      { name: 'a.pdf', url, headers, chunks },
      signal,
    );
  };
}

async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected a rejection');
}

suite('textService', (test) => {
  test('sends the content and gives the answer', async () => {
    await withServer([ok], async (call, _, bodies) => {
      assert.equal(await call(), { contentType: 'text/plain', body: Buffer.from('text'), cut: false });
      assert.equal(bodies, ['the content']);
    });
  });

  test('204 is an empty answer', async () => {
    await withServer([(response) => response.writeHead(204).end()], async (call) => {
      assert.equal(await call(), { contentType: '', body: Buffer.alloc(0), cut: false });
    });
  });

  for (const code of [408, 429, 500, 502, 503]) {
    test(`${code} is tried again, with the whole content`, async () => {
      await withServer([status(code), status(code), ok], async (call, _, bodies) => {
        assert.is((await call()).body.toString(), 'text');
        assert.equal(bodies, ['the content', 'the content', 'the content']);
      });
    });
  }

  test('retries come to an end', async () => {
    await withServer([status(503)], async (call, _, bodies) => {
      const error = await failureOf(call());
      assert.ok(error instanceof TransientError);
      assert.is(error.status, 503);
      assert.match(
        error.message,
        /^Cannot extract the text of "a.pdf": the reader answered 503, expected 200; .*3 times/,
      );
      assert.is(bodies.length, 3);
    });
  });

  for (const code of [413, 415, 422]) {
    test(`${code} is about the file: permanent, at once`, async () => {
      await withServer([status(code)], async (call, _, bodies) => {
        const error = await failureOf(call());
        assert.instance(error, PermanentError);
        assert.match(error.message, new RegExp(`the reader answered ${code}, expected 200: `));
        assert.is(bodies.length, 1);
      });
    });
  }

  for (const code of [301, 400, 401, 403, 404, 405]) {
    test(`${code} is about the address: transient, not tried again now`, async () => {
      await withServer([status(code, { location: '/' })], async (call, _, bodies) => {
        const error = await failureOf(call());
        assert.instance(error, TransientError);
        assert.match(error.message, /check its address/);
        assert.is(bodies.length, 1);
      });
    });
  }

  test('an answer that is cut is tried again', async () => {
    const cut: Answer = (response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      setTimeout(() => response.destroy(), 5);
    };
    await withServer([cut, ok], async (call, _, bodies) => {
      assert.is((await call()).body.toString(), 'text');
      assert.is(bodies.length, 2);
    });
  });

  test('a connection that is cut before the answer is tried again', async () => {
    await withServer([(_, request) => request.socket.destroy(), ok], async (call) => {
      assert.is((await call()).body.toString(), 'text');
    });
  });

  test('a service that is down is a transient error', async () => {
    const server = await serve(() => {});
    await server.close();
    const error = await failureOf(caller(server.url)());
    assert.instance(error, TransientError);
    assert.match(error.message, /the reader did not answer in full \(.*ECONNREFUSED.*see whether it runs/);
  });

  for (const [when, slow] of [
    ['before the answer', () => {}],
    ['within the answer', (response: ServerResponse) => void response.writeHead(200).write('half')],
  ] as const) {
    test(`a service that is slow ${when} is given up after one try`, async () => {
      await withServer([slow], async (call, _, bodies) => {
        const error = await failureOf(call({ timeoutMs: 40, retryDelayMs: 100 }));
        assert.instance(error, TransientError);
        assert.match(error.message, /the reader took longer than 0.04 s/);
        assert.is(bodies.length, 1);
      });
    });
  }

  test('an abort ends a running request', async () => {
    const controller = new AbortController();
    await withServer([() => controller.abort()], async (call) => {
      assert.instance(await failureOf(call({}, controller.signal)), AbortedError);
    });
  });

  test('an abort ends the wait for a retry', async () => {
    const controller = new AbortController();
    const trouble: Answer = (response) => {
      response.writeHead(503).end();
      setTimeout(() => controller.abort(), 10);
    };
    await withServer([trouble], async (call, _, bodies) => {
      const error = await failureOf(call({ retryDelayMs: 1_500 }, controller.signal));
      assert.instance(error, AbortedError);
      assert.is(bodies.length, 1);
    });
  });

  test('a signal that is aborted already sends nothing', async () => {
    await withServer([ok], async (call, _, bodies) => {
      assert.instance(await failureOf(call({}, AbortSignal.abort())), AbortedError);
      assert.equal(bodies, []);
    });
  });

  test('no more than the limit is read of an answer', async () => {
    const endless: Answer = (response) => {
      const write = () => {
        while (!response.destroyed && response.write('x'.repeat(1_000)));
      };
      response.on('drain', write);
      write();
    };
    await withServer([endless], async (call) => {
      assert.equal(await call(), { contentType: '', body: Buffer.from('x'.repeat(100)), cut: true });
    });
    await withServer([(response) => response.end('x'.repeat(100))], async (call) => {
      assert.is((await call()).cut, false);
    });
  });

  test('a connection serves request after request, also after an error', async () => {
    await withServer([status(422), ok], async (_, server) => {
      const options = { service: 's', timeoutMs: 2_000, retries: 0, retryDelayMs: 1, maxAnswerBytes: 100 };
      const send = textService({ clock: systemClock, random: () => 0 }, options);
      const request = { name: 'a', url: server.url, headers: { 'Content-Length': '1' }, chunks: [Buffer.from('x')] };
      await failureOf(send(request, new AbortController().signal));
      for (let index = 0; index < 5; index += 1) await send(request, new AbortController().signal);
      assert.is(server.connections(), 1);
    });
  });
});
