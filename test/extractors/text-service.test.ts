import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/core/clock.js';
import { AbortedError, PermanentError, TransientError } from '../../src/core/errors.js';
import { textService, type TextAnswer, type TextServiceOptions } from '../../src/extractors/text-service.js';
import type { Room } from '../../src/extractors/extractor.js';
import { endlessRoom, recordingRoom } from '../support/rooms.js';
import { serve, type Served } from '../support/serve.js';
import { suite } from '../support/suite.js';
import { VirtualClock } from '../support/virtual-clock.js';

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

type Call = (over?: Partial<TextServiceOptions>, signal?: AbortSignal, room?: Room) => Promise<TextAnswer<Kept>>;

/** Keeps what it is given. */
class Kept {
  text = '';

  add(part: string): void {
    this.text += part;
  }

  get heldBytes(): number {
    return this.text.length;
  }
}

const reader = () => new Kept();

function caller(url: string): Call {
  return (over = {}, signal = new AbortController().signal, room = endlessRoom) => {
    const options = {
      service: 'the reader',
      timeoutMs: 2_000,
      retries: 2,
      retryDelayMs: 1,
      maxAnswerBytes: 100,
      maxTextBytes: 1_000_000_000,
      ...over,
    };
    const chunks = [Buffer.from('the '), Buffer.from('content')];
    const headers = { 'Content-Length': '11' };
    return textService({ clock: systemClock, random: () => 0.5 }, options)(
      { name: 'a.pdf', url, headers, chunks, reader },
      room,
      signal,
    );
  };
}

async function plain(answer: Promise<TextAnswer<Kept>>): Promise<object> {
  const { reader: kept, ...rest } = await answer;
  return { ...rest, text: kept.text };
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
      assert.equal(await plain(call()), { contentType: 'text/plain', text: 'text', length: 4, cut: false });
      assert.equal(bodies, ['the content']);
    });
  });

  test('204 is an empty answer', async () => {
    await withServer([(response) => response.writeHead(204).end()], async (call) => {
      assert.equal(await plain(call()), { contentType: '', text: '', length: 0, cut: false });
    });
  });

  for (const code of [408, 429, 500, 502, 503]) {
    test(`${code} is tried again, with the whole content`, async () => {
      await withServer([status(code), status(code), ok], async (call, _, bodies) => {
        assert.is((await call()).reader.text, 'text');
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
      assert.is((await call()).reader.text, 'text');
      assert.is(bodies.length, 2);
    });
  });

  test('a connection that is cut before the answer is tried again', async () => {
    await withServer([(_, request) => request.socket.destroy(), ok], async (call) => {
      assert.is((await call()).reader.text, 'text');
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
        const error = await failureOf(call({ timeoutMs: 400, retryDelayMs: 1_000 }));
        assert.instance(error, TransientError);
        assert.match(error.message, /the reader took longer than 0.4 s/);
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
      assert.equal(await plain(call()), { contentType: '', text: 'x'.repeat(100), length: 100, cut: true });
    });
    await withServer([(response) => response.end('x'.repeat(100))], async (call) => {
      assert.is((await call()).cut, false);
    });
  });

  test('a connection serves request after request, also after an error', async () => {
    await withServer([status(422), ok], async (_, server) => {
      const options = {
        service: 's',
        timeoutMs: 2_000,
        retries: 0,
        retryDelayMs: 1,
        maxAnswerBytes: 100,
        maxTextBytes: 1_000_000_000,
      };
      const send = textService({ clock: systemClock, random: () => 0 }, options);
      const request = {
        name: 'a',
        url: server.url,
        headers: { 'Content-Length': '1' },
        chunks: [Buffer.from('x')],
        reader,
      };
      await failureOf(send(request, endlessRoom, new AbortController().signal));
      for (let index = 0; index < 5; index += 1) await send(request, endlessRoom, new AbortController().signal);
      assert.is(server.connections(), 1);
    });
  });

  test('asks for an answer as it is; one that is packed all the same is refused unread', async () => {
    let asked: unknown;
    const packed: Answer = (response, request) => {
      asked = request.headers['accept-encoding'];
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(50)));
    };
    await withServer([packed], async (call, _, bodies) => {
      const error = await failureOf(call());
      assert.instance(error, TransientError);
      assert.match(error.message, /the reader answered with Content-Encoding "gzip", expected none/);
      assert.equal([asked, bodies.length], ['identity', 1]);
    });
    await withServer(
      [(response) => response.writeHead(200, { 'content-encoding': 'Identity' }).end('t')],
      async (call) => assert.is((await call()).reader.text, 't'),
    );
  });

  test('headers without an end are a transient error', async () => {
    const headers: Answer = (response) => {
      for (let index = 0; index < 400; index += 1) response.setHeader(`x-${index}`, 'x'.repeat(100));
      response.end('text');
    };
    await withServer([headers], async (call) => {
      const error = await failureOf(call({ retries: 0 }));
      assert.instance(error, TransientError);
      assert.match(error.message, /did not answer in full \(.*Header/i);
    });
  });

  test('of a refusal only the beginning is read', async () => {
    let sent = 0;
    const endless: Answer = (response) => {
      response.writeHead(422);
      const write = () => {
        while (!response.destroyed && response.write('x'.repeat(10_000))) sent += 10_000;
      };
      response.on('drain', write);
      write();
    };
    await withServer([endless], async (call) => {
      assert.instance(await failureOf(call({ timeoutMs: 60_000 })), PermanentError);
    });
    assert.ok(sent < 20_000_000, `${sent} bytes`);
  });

  test('the service may say when to come again, but not beyond the patience that is configured', async () => {
    await withServer([status(503, { 'retry-after': '0.01' }), ok], async (call) => {
      assert.is((await call({ retryDelayMs: 60_000, timeoutMs: 5_000 })).reader.text, 'text');
    });
    for (const asked of ['86400', 'Fri, 31 Dec 9999 23:59:59 GMT']) {
      await withServer([status(429, { 'retry-after': asked }), ok], async (call, _, bodies) => {
        const error = await failureOf(call());
        assert.instance(error, TransientError);
        assert.match(error.message, /the server asks to wait .*expected to be done within 2 s/);
        assert.is(bodies.length, 1);
      });
    }
  });

  test('an answer that drips has an end', async () => {
    const clock = new VirtualClock();
    let drops = 0;
    const server = await serve((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(200);
        const drip = () => {
          if (response.destroyed) return;
          drops += 1;
          response.write('x', () => void clock.advance(1_000).then(drip));
        };
        drip();
      });
    });
    const options = {
      service: 's',
      timeoutMs: 30_000,
      retries: 5,
      retryDelayMs: 1_000,
      maxAnswerBytes: 1_000_000,
      maxTextBytes: 1_000_000_000,
    };
    const send = textService({ clock, random: () => 0.5 }, options);
    const request = {
      name: 'a',
      url: server.url,
      headers: { 'Content-Length': '1' },
      chunks: [Buffer.from('x')],
      reader,
    };
    const error = await failureOf(send(request, endlessRoom, new AbortController().signal));
    assert.match(error.message, /s took longer than 30 s/);
    assert.ok(drops >= 30 && drops <= 32, `${drops} drops`);
    await server.close();
  });

  const long = 'x'.repeat(1_000_000);

  test('what is read of an answer has its room first', async () => {
    const asked: number[] = [];
    const room = recordingRoom(asked);
    await withServer([(response) => response.end(long)], async (call) => {
      const { reader: kept } = await call({ maxAnswerBytes: 2_000_000 }, undefined, room);
      assert.is(kept.text.length, 1_000_000);
    });
    assert.ok(asked.at(-1)! >= 1_000_011, 'the answer and the file');
    assert.ok(asked.at(-1)! <= 11 + 2 * 1_300_000 && asked.length <= 6, asked.join());
  });

  test('an announced length is asked for at once', async () => {
    const asked: number[] = [];
    const room = recordingRoom(asked);
    await withServer([(response) => response.setHeader('content-length', 1_000_000).end(long)], async (call) => {
      await call({ maxAnswerBytes: 2_000_000 }, undefined, room);
    });
    assert.is(asked[0], 1_000_011);
  });

  test('while there is no room it is the service that waits, and the time does not run', async () => {
    const clock = new VirtualClock();
    let sent = 0;
    const server = await serve((request, response) => {
      request.resume().on('end', () => {
        const write = () => {
          while (sent < 50_000_000 && !response.destroyed && response.write(long)) sent += long.length;
          if (sent >= 50_000_000) response.end();
        };
        response.on('drain', () => {
          sent += long.length;
          write();
        });
        write();
      });
    });
    const options = {
      service: 's',
      timeoutMs: 1_000,
      retries: 0,
      retryDelayMs: 1,
      maxAnswerBytes: 100_000_000,
      maxTextBytes: 1_000_000_000,
    };
    const controller = new AbortController();
    let failure: Promise<Error> | undefined;
    const asks = new Promise<void>((isAsked) => {
      const room: Room = {
        grow: () => {
          isAsked();
          return new Promise((_, reject) =>
            controller.signal.addEventListener('abort', () => reject(new AbortedError())),
          );
        },
      };
      const send = textService({ clock, random: () => 0 }, options);
      const request = {
        name: 'a',
        url: server.url,
        headers: { 'Content-Length': '1' },
        chunks: [Buffer.from('x')],
        reader,
      };
      failure = failureOf(send(request, room, controller.signal));
    });
    await asks;
    await clock.advance(1_000_000);
    assert.ok(sent < 30_000_000, `${sent} bytes were taken`);
    controller.abort();
    assert.instance(await failure, AbortedError);
    await server.close();
  });

  test('what the room fails with is the end of it, not a fault of the service', async () => {
    const room: Room = { grow: () => Promise.reject(new AbortedError()) };
    await withServer([ok], async (call, _, bodies) => {
      assert.instance(await failureOf(call({}, undefined, room)), AbortedError);
      assert.is(bodies.length, 1);
    });
  });
});
