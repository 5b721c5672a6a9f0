import { readFileSync } from 'node:fs';
import { type Server as HttpServer, createServer as createHttpServer } from 'node:http';
import { type AddressInfo, type Server, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificates } from './certificates.js';

export interface Tunnel {
  readonly port: number;
  /** Connections so far. */
  connections(): number;
  /** Tears all connections; new ones are refused. */
  close(): Promise<void>;
}

/** TLS in front of what listens at the port of `target`, a URL of this machine; on a free port unless told. */
export function startTls(target: string, { key, cert }: Certificates, port = 0): Promise<Tunnel> {
  const open = new Set<Duplex>();
  let connections = 0;
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => {
    connections += 1;
    join(socket, Number(new URL(target).port), open);
  });
  server.on('tlsClientError', () => {});
  return listen(server, open, () => connections, port);
}

export interface ConnectProxy extends Tunnel {
  /** Hosts with ports that it was asked to connect to. */
  readonly asked: readonly string[];
}

/** A proxy that leads every CONNECT to one port of this machine, or answers it with a status. */
export async function startConnectProxy(
  to: number,
  { credentials, refuses }: { readonly credentials?: string; readonly refuses?: number } = {},
): Promise<ConnectProxy> {
  const open = new Set<Duplex>();
  const asked: string[] = [];
  const server = createHttpServer((_, response) => response.writeHead(405).end());
  server.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    const expected = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
    const isKnown = expected === undefined || request.headers['proxy-authorization'] === expected;
    const status = isKnown ? refuses : 407;
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    join(socket, to, open);
  });
  const tunnel = await listen(server, open, () => asked.length);
  return { ...tunnel, asked };
}

function join(socket: Duplex, port: number, open: Set<Duplex>): void {
  const other = connect(port, '127.0.0.1');
  for (const [one, peer] of [
    [socket, other],
    [other, socket],
  ] as const) {
    open.add(one);
    one.on('error', () => {});
    one.once('close', () => {
      open.delete(one);
      peer.destroy();
    });
    one.pipe(peer);
  }
}

async function listen(
  server: Server | HttpServer,
  open: Set<Duplex>,
  connections: () => number,
  at = 0,
): Promise<Tunnel> {
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
    });
  return { port, connections, close };
}
