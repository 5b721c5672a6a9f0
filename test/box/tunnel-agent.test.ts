import { type AddressInfo, type Socket, createServer } from 'node:net';
import * as assert from 'uvu/assert';
import { nodeFetchClient } from '../../src/box/node-fetch-client.js';
import { systemClock } from '../../src/core/clock.js';
import { AbortedError, TransientError } from '../../src/core/errors.js';
import { never, rejection } from '../support/fake-http.js';
import { suite } from '../support/suite.js';

const request = { method: 'GET', url: 'https://api.box.example/2.0/x', route: 'folders' } as const;

/** A proxy that is asked to connect, and does what it likes; the test ends when all its connections are closed. */
async function withProxy(
  behave: (socket: Socket) => void,
  test: (url: string, heads: readonly string[]) => Promise<void>,
): Promise<void> {
  const closed: Promise<void>[] = [];
  const heads: string[] = [];
  const server = createServer((socket) => {
    closed.push(new Promise((resolve) => socket.once('close', () => resolve())));
    socket.on('error', () => {});
    socket.once('data', (head) => {
      heads.push(head.toString());
      behave(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await test(`http://ann:p%25w@127.0.0.1:${(server.address() as AddressInfo).port}`, heads);
    await Promise.all(closed);
  } finally {
    server.close();
  }
}

suite('TunnelAgent', (test) => {
  test('a proxy that never answers is given up in its time, and named', () =>
    withProxy(
      () => {},
      async (httpsProxy, heads) => {
        const { http, close } = nodeFetchClient({ clock: systemClock }, { httpsProxy, stallMs: 200 });
        const error = await rejection(http(request, never));
        assert.instance(error, TransientError, String(error));
        assert.match(
          error.message,
          /through the proxy 127\.0\.0\.1:\d+: the proxy did not answer within 0\.1 s; check/,
        );
        assert.match(heads[0] ?? '', /^CONNECT api\.box\.example:443 HTTP\/1\.1\r\n/);
        assert.match(heads[0] ?? '', `Basic ${Buffer.from('ann:p%w').toString('base64')}`);
        close();
      },
    ));

  const heads: readonly (readonly [string, (socket: Socket) => void, RegExp])[] = [
    ['without end', (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(200_000)}`), /HPE_HEADER_OVERFLOW/],
    ['that is none yet', (socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\n'), /the proxy answered 100; check/],
    ['that is no HTTP', (socket) => socket.write('220 mail.example ready\r\n'), /is no HTTP \(HPE_/],
    [
      'in drops',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nx: ');
        const drops = setInterval(() => socket.write('x'), 10);
        socket.once('close', () => clearInterval(drops));
      },
      /did not answer within 0\.2 s/,
    ],
  ];
  for (const [what, behave, words] of heads) {
    test(`an answer ${what} fails the try, and the connection is closed`, () =>
      withProxy(behave, async (httpsProxy) => {
        const { http, close } = nodeFetchClient({ clock: systemClock }, { httpsProxy, stallMs: 400 });
        const error = await rejection(http(request, never));
        assert.instance(error, TransientError, String(error));
        assert.match(error.message, words);
        close();
      }));
  }

  test('what is being connected after an abort is given up when the client is closed', () => {
    let asked = () => {};
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    return withProxy(
      () => asked(),
      async (httpsProxy) => {
        const { http, close } = nodeFetchClient({ clock: systemClock }, { httpsProxy, stallMs: 600_000 });
        const controller = new AbortController();
        const aborted = rejection(http(request, controller.signal));
        await isAsked;
        controller.abort();
        assert.instance(await aborted, AbortedError);
        close();
      },
    );
  });
});
