import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ConfigError, PermanentError } from '../core/errors.js';
import { messageOf } from '../core/message-of.js';

/** What is answered; `null` is for a path that there is not. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface ServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

export interface HttpServer {
  /** `http://127.0.0.1:9464`: with the port that it has got. */
  readonly url: string;
  /** Gives up all connections at once, whatever they are doing. */
  close(): Promise<void>;
}

/** Who has not sent a whole request, or not taken its answer, by then is cut off. Milliseconds. */
const patienceMs = 5_000;
const mostConnections = 32;

/**
 * A small server for GET and HEAD, one request for each connection. Whoever asks wrongly, slowly or too often is cut
 * off; nobody can keep it from closing. Rejects with `PermanentError` if the port is taken, and with `ConfigError` if
 * there can be no such address here.
 */
export async function httpServer(
  { host, port }: ServerOptions,
  answer: (path: string) => Promise<Answer | null>,
): Promise<HttpServer> {
  const server = createServer(
    {
      maxHeaderSize: 8_192,
      headersTimeout: patienceMs,
      requestTimeout: patienceMs,
      connectionsCheckingInterval: 1_000,
      keepAlive: false,
    },
    (request, response) => {
      void respond(request, response, answer);
    },
  );
  server.maxConnections = mostConnections;
  server.setTimeout(patienceMs, (socket) => socket.destroy());
  await listening(server, { host, port });
  const address = server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (path: string) => Promise<Answer | null>,
): Promise<void> {
  response.on('error', () => {});
  const { method = '', url = '' } = request;
  const isKnownMethod = method === 'GET' || method === 'HEAD';
  const found = isKnownMethod ? await answered(url.split('?')[0] ?? '', answer) : notAllowed;
  const { status, contentType, body } = found ?? notFound;
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
    ...(isKnownMethod ? {} : { allow: 'GET, HEAD' }),
  });
  response.end(method === 'HEAD' ? '' : body);
}

async function answered(path: string, answer: (path: string) => Promise<Answer | null>): Promise<Answer | null> {
  try {
    return await answer(path);
  } catch (error) {
    return text(500, `Cannot answer: ${messageOf(error)}\n`);
  }
}

const notFound = text(404, 'There are /health/live, /health/ready and /metrics\n');
const notAllowed = text(405, 'Expected GET or HEAD\n');

function text(status: number, body: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

function listening(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, { host, port })));
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      // What a single connection does wrong is told to that connection.
      server.on('error', () => {});
      resolve();
    });
  });
}

function cannotListen(error: NodeJS.ErrnoException, { host, port }: ServerOptions): Error {
  const cannot = `Cannot serve health and metrics on port ${port} of "${host}"`;
  if (error.code === 'EADDRINUSE') {
    return new PermanentError(
      `${cannot}: something else listens there, expected a free port. Set "service.http.port" to another one, or end what has it`,
      { cause: error, code: error.code },
    );
  }
  const advice =
    error.code === 'EACCES'
      ? 'this user may not use that port, expected one above 1023. Set "service.http.port"'
      : `${error.message}, expected an address of this machine such as 127.0.0.1. Set "service.http.host"`;
  return new ConfigError([`${cannot}: ${advice}`], { cause: error });
}
