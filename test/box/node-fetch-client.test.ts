import { type RequestListener, createServer } from 'node:http';
import { type AddressInfo, type Server, type Socket, createServer as createTcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import type { BoxRoute, HttpRequest } from '../../src/box/http-client.js';
import { type NodeFetchOptions, nodeFetchClient } from '../../src/box/node-fetch-client.js';
import { systemClock } from '../../src/core/clock.js';
import { AbortedError, PermanentError, TransientError } from '../../src/core/errors.js';
import { never, rejection } from '../support/fake-http.js';
import { isAnswerTooLarge } from '../../src/box/answer-too-large.js';
import { suite } from '../support/suite.js';
import { VirtualClock, settled } from '../support/virtual-clock.js';

interface Opened {
  send: (path: string, more?: Partial<HttpRequest>, signal?: AbortSignal) => ReturnType<Client['http']>;
  origin: string;
  /** Connections that were opened so far. */
  connections: Socket[];
}

type Client = ReturnType<typeof nodeFetchClient>;

/** Runs `work` with a client and a server of its own, and closes both. */
async function withServer(
  server: Server,
  work: (opened: Opened) => Promise<void>,
  options: NodeFetchOptions = {},
  clock = systemClock,
): Promise<void> {
  const connections: Socket[] = [];
  server.on('connection', (socket: Socket) => connections.push(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { http, close } = nodeFetchClient({ clock }, options);
  const send: Opened['send'] = (path, more, signal = never) =>
    http({ method: 'GET', url: origin + path, route: 'folders', ...more }, signal);
  try {
    await work({ send, origin, connections });
  } finally {
    close();
    for (const socket of connections) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

const answering = (listener: RequestListener) => createServer(listener);
/** A server that answers every connection with these bytes, and closes it if told so. */
const raw = (bytes: string, end = true) =>
  createTcpServer((socket) => {
    socket.once('data', () => {
      socket.write(bytes);
      if (end) setTimeout(() => socket.destroy(), 5);
    });
  });

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

suite('nodeFetchClient()', (test) => {
  test('sends method, headers and body, and gives status, lower-case headers and text', async () => {
    const seen: unknown[] = [];
    const server = answering((request, response) => {
      void collect(request).then((body) => {
        seen.push(request.method, request.url, request.headers['x-one'], request.headers['user-agent'], String(body));
        response.writeHead(201, { 'Retry-AFTER': '3', 'BOX-REQUEST-ID': 'r1' }).end('{"naïve":"\u{1F600}"}');
      });
    });
    await withServer(server, async ({ send }) => {
      const response = await send('/a?b=c', { method: 'POST', headers: { 'X-One': '1' }, body: 'x=1' });
      assert.is(response.status, 201);
      assert.is(response.headers['retry-after'], '3');
      assert.is(response.headers['box-request-id'], 'r1');
      assert.is(await response.text(), '{"naïve":"\u{1F600}"}');
    });
    assert.equal(seen, ['POST', '/a?b=c', '1', 'box-elasticsearch-connector', 'x=1']);
  });

  test('text survives characters that are split between chunks, json parses', async () => {
    const text = JSON.stringify({ name: 'ü\u{1F600}'.repeat(50_000) });
    const bytes = Buffer.from(text);
    const server = answering((_, response) => {
      response.write(bytes.subarray(0, 12));
      setImmediate(() => response.end(bytes.subarray(12)));
    });
    await withServer(server, async ({ send }) => {
      assert.is(await (await send('/')).text(), text);
      assert.equal(await (await send('/')).json(), JSON.parse(text));
    });
  });

  test('uses one connection for many requests, also after errors and redirects', async () => {
    const server = answering((request, response) => {
      if (request.url === '/302') response.writeHead(302, { location: '/elsewhere' }).end('moved');
      else response.writeHead(request.url === '/500' ? 500 : 200).end('x'.repeat(100_000));
    });
    await withServer(server, async ({ send, connections }) => {
      for (const path of ['/', '/500', '/302', '/', '/']) await (await send(path)).text();
      assert.is(connections.length, 1);
    });
  });

  test('does not follow a redirect', async () => {
    const paths: unknown[] = [];
    const server = answering((request, response) => {
      paths.push(request.url);
      response.writeHead(302, { location: '/b' }).end();
    });
    await withServer(server, async ({ send }) => {
      const response = await send('/a');
      assert.is(response.status, 302);
      assert.is(response.headers['location'], '/b');
      await response.text();
    });
    assert.equal(paths, ['/a']);
  });

  test('unpacks API answers, but takes content as it is', async () => {
    const accepted: unknown[] = [];
    const server = answering((request, response) => {
      accepted.push(request.headers['accept-encoding']?.includes('gzip') ?? false);
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('hello'));
    });
    await withServer(server, async ({ send }) => {
      assert.is(await (await send('/')).text(), 'hello');
      assert.equal(await collect((await send('/', { route: 'download' })).bytes()), gzipSync('hello'));
    });
    assert.equal(accepted, [true, false]);
  });

  const cuts: readonly (readonly [string, string])[] = [
    ['a body shorter than announced', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort'],
    ['chunks without an end', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n'],
  ];
  for (const [what, bytes] of cuts) {
    for (const route of ['folders', 'download'] as BoxRoute[]) {
      test(`${what} is a transient error (${route})`, async () => {
        await withServer(raw(bytes), async ({ send }) => {
          const response = await send('/', { route });
          const error = await rejection(route === 'folders' ? response.text() : collect(response.bytes()));
          assert.instance(error, TransientError);
          assert.match(error.message, /cut/);
        });
      });
    }
  }

  test('a connection that is closed without an answer is a transient error', async () => {
    await withServer(raw(''), async ({ send, origin }) => {
      const error = await rejection(send('/2.0/x'));
      assert.instance(error, TransientError);
      assert.match(error.message, new URL(origin).host);
    });
  });

  test('an answer that is no HTTP is a transient error', async () => {
    await withServer(raw('SSH-2.0-OpenSSH\r\n\r\n'), async ({ send }) => {
      assert.instance(await rejection(send('/')), TransientError);
    });
  });

  test('a port that nobody listens on is a transient error that says so', async () => {
    let origin = '';
    await withServer(
      answering(() => {}),
      (opened) => {
        ({ origin } = opened);
        return Promise.resolve();
      },
    );
    const { http, close } = nodeFetchClient({ clock: systemClock });
    const error = await rejection(http({ method: 'GET', url: `${origin}/2.0/x`, route: 'folders' }, never));
    close();
    assert.instance(error, TransientError);
    assert.match(error.message, 'nothing accepts connections there; check box.base_url');
  });

  test('a URL that is none is a permanent error', async () => {
    const { http } = nodeFetchClient({ clock: systemClock });
    for (const url of ['api.box.com/2.0', 'ftp://api.box.com/']) {
      assert.instance(await rejection(http({ method: 'GET', url, route: 'folders' }, never)), PermanentError);
    }
  });

  test('a body that trickles has stalled', async () => {
    const clock = new VirtualClock();
    const sockets: { write: (text: string) => unknown }[] = [];
    const server = answering((_, response) => {
      sockets.push(response);
      response.write('x'.repeat(2_000));
    });
    await withServer(
      server,
      async ({ send }) => {
        const chunks = (await send('/', { route: 'download' })).bytes()[Symbol.asyncIterator]();
        const nextSize = async () => {
          const next = await chunks.next();
          return next.done === true ? 0 : next.value.byteLength;
        };
        assert.is(await nextSize(), 2_000);
        // 500 bytes every 25 s: 1,000 in 50 s, then no more: after 60 s less than 1 kB has come.
        for (let count = 0; count < 2; count += 1) {
          const next = nextSize();
          await clock.advance(25_000);
          sockets[0]?.write('y'.repeat(500));
          assert.is(await next, 500);
        }
        const last = rejection(nextSize());
        await clock.advance(9_999);
        assert.is(clock.pending, 1);
        await clock.advance(1);
        const error = await last;
        assert.instance(error, TransientError);
        assert.match(error.message, 'less than 1024 bytes came in 60 s');
        assert.is(clock.pending, 0);
      },
      {},
      clock,
    );
  });

  test('a body of just so many bytes in each stall time ends as well: after ten times as long in all', async () => {
    const clock = new VirtualClock();
    const sockets: Socket[] = [];
    const server = createTcpServer((socket) => {
      sockets.push(socket);
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n'));
    });
    await withServer(
      server,
      async ({ send }) => {
        const iterator = (await send('/', { route: 'download' })).bytes()[Symbol.asyncIterator]();
        let took = 0;
        // Each piece is what one stall time wants, and comes just in time.
        for (; took < 590_000; took += 59_000) {
          const next = iterator.next();
          await clock.advance(59_000);
          sockets[0]?.write('y'.repeat(1_024));
          const piece: IteratorResult<Uint8Array, unknown> = await next;
          assert.is(piece.done === true ? 0 : piece.value.byteLength, 1_024);
        }
        const last = rejection(iterator.next());
        await clock.advance(9_999);
        assert.is(clock.pending, 1, 'it is waited for');
        await clock.advance(1);
        const error = await last;
        assert.instance(error, TransientError);
        assert.match(error.message, 'or all too slowly');
        assert.is(clock.pending, 0);
      },
      {},
      clock,
    );
  });

  test('an answer that nobody asked to be packed is bounded unpacked, and says that it is too large', async () => {
    const packed = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const server = answering((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed));
    await withServer(server, async ({ send }) => {
      const error = await rejection((await send('/')).text());
      assert.ok(isAnswerTooLarge(error), String(error));
    });
  });

  test('of a refusal only the beginning is read; a mark of byte order is no part of a text', async () => {
    const server = answering((request, response) => {
      if (request.url === '/403') response.writeHead(403).end('x'.repeat(8 * 1024 * 1024));
      else response.end('\ufeff{"a":1}');
    });
    await withServer(server, async ({ send }) => {
      assert.ok((await (await send('/403')).text()).length <= 1024 * 1024);
      assert.equal(await (await send('/')).json(), { a: 1 });
    });
  });

  test('a slow reader is no stall', async () => {
    const clock = new VirtualClock();
    const server = answering((_, response) => response.end('x'.repeat(300_000)));
    await withServer(
      server,
      async ({ send }) => {
        let size = 0;
        for await (const chunk of (await send('/', { route: 'download' })).bytes()) {
          size += chunk.byteLength;
          await clock.advance(120_000);
        }
        assert.is(size, 300_000);
      },
      {},
      clock,
    );
  });

  test('headers that do not come have stalled', async () => {
    const clock = new VirtualClock();
    let asked = (): void => {};
    const arrived = new Promise<void>((resolve) => (asked = resolve));
    await withServer(
      answering(() => asked()),
      async ({ send }) => {
        const result = rejection(send('/'));
        await arrived;
        await clock.advance(5_000);
        assert.instance(await result, TransientError);
      },
      { stallMs: 5_000 },
      clock,
    );
  });

  test('an abort ends a request that waits and a body that is read, and closes the connection', async () => {
    const server = answering((request, response) => {
      if (request.url === '/body') response.write('x');
    });
    await withServer(server, async ({ send, connections }) => {
      for (const path of ['/headers', '/body']) {
        const controller = new AbortController();
        const result = rejection(send(path, {}, controller.signal).then((response) => response.text()));
        while (connections.length === 0) await settled();
        await settled();
        controller.abort();
        assert.instance(await result, AbortedError);
        const socket = connections.pop();
        if (socket?.closed === false) await new Promise((resolve) => socket.once('close', resolve));
      }
      assert.instance(await rejection(send('/', {}, AbortSignal.abort())), AbortedError);
    });
  });

  test('a reader that stops early closes the connection', async () => {
    const server = answering((_, response) => {
      response.write('x'.repeat(100_000));
    });
    await withServer(server, async ({ send, connections }) => {
      for await (const chunk of (await send('/', { route: 'download' })).bytes()) {
        assert.ok(chunk.byteLength > 0);
        break;
      }
      const socket = connections[0];
      if (socket?.closed === false) await new Promise((resolve) => socket.once('close', resolve));
    });
  });

  test('a text that is too long is refused, and the connection closed', async () => {
    const server = answering((_, response) => {
      response.write('x'.repeat(100_000));
    });
    await withServer(
      server,
      async ({ send, connections }) => {
        const error = await rejection((await send('/')).text());
        assert.instance(error, PermanentError);
        assert.match(error.message, 'more than 50000 bytes');
        const socket = connections[0];
        if (socket?.closed === false) await new Promise((resolve) => socket.once('close', resolve));
      },
      { maxTextBytes: 50_000 },
    );
  });

  test('https goes through the proxy, except for what NO_PROXY names; http never does', async () => {
    const connects: string[] = [];
    const proxy = answering((_, response) => response.end('direct'));
    proxy.on('connect', (request, socket) => {
      connects.push(request.url ?? '');
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
    });
    await withServer(proxy, async ({ send, origin }) => {
      const { http, close } = nodeFetchClient({ clock: systemClock }, { httpsProxy: origin, noProxy: '127.0.0.1' });
      const request: HttpRequest = { method: 'GET', url: 'https://api.box.example/2.0/x', route: 'folders' };
      const refused = await rejection(http(request, never));
      assert.instance(refused, PermanentError);
      assert.match(refused.message, /through the proxy 127\.0\.0\.1:\d+: the proxy answered 407; .*HTTPS_PROXY/);
      assert.instance(
        await rejection(http({ ...request, url: origin.replace('http', 'https') }, never)),
        TransientError,
      );
      assert.is(await (await http({ ...request, url: origin }, never)).text(), 'direct');
      await (await send('/')).text();
      close();
    });
    assert.equal(connects, ['api.box.example:443']);
  });
});
