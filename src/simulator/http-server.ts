import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Answer } from './answer.js';
import type { FaultAnswer } from './faults.js';

/** Headers of an answer with the given case of names. */
export interface Sent {
  readonly answer: Answer;
  readonly fault: FaultAnswer | undefined;
  readonly date: string;
  readonly requestId: string;
  readonly headerCase: 'title' | 'lower';
}

/** Starts a server on loopback; `respond` answers every request. `close` ends open connections as well. */
export async function listen(
  port: number,
  respond: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server: Server = createServer({ keepAliveTimeout: 30_000 }, respond);
  // Long crawls keep connections for good, and a stalled answer must be able to stall.
  server.requestTimeout = 0;
  server.maxRequestsPerSocket = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Writes an answer, spoilt as the fault says. */
export function send(response: ServerResponse, { answer, fault, date, requestId, headerCase }: Sent): void {
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body, 'latin1') : (answer.body ?? empty);
  const isWhole = fault === undefined || fault.kind === 'answer' || fault.kind === 'delay' || fault.kind === 'html';
  const sent = fault?.kind === 'broken-json' ? body.subarray(0, Math.floor(body.length / 2)) : body;
  const headers = headersOf(answer, { date, requestId, headerCase }, sent.length);
  response.writeHead(answer.status, headers);
  if (isWhole || fault.kind === 'broken-json' || sent.length === 0) {
    response.end(sent);
    return;
  }
  switch (fault.kind) {
    case 'cut':
      // Two steps: what is there must be on the wire before the connection breaks.
      response.write(sent.subarray(0, Math.floor(sent.length / 2)), () => response.destroy());
      return;
    case 'stall':
      response.write(sent.subarray(0, 1));
      return;
    case 'drip':
      drip(response, sent, fault.pieces ?? 10, fault.everyMs ?? 10);
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
  }
}

function headersOf(
  { status, headers }: Answer,
  { date, requestId, headerCase }: Pick<Sent, 'date' | 'requestId' | 'headerCase'>,
  length: number,
): Record<string, string> {
  const bodyless = status === 304 || status === 204;
  const all: Record<string, string> = {
    Date: date,
    ...headers,
    ...(bodyless ? {} : { 'Content-Length': String(length) }),
    'BOX-REQUEST-ID': requestId,
  };
  if (headerCase === 'title') return all;
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name.toLowerCase(), value]));
}

function drip(response: ServerResponse, body: Buffer, pieces: number, everyMs: number): void {
  const size = Math.ceil(body.length / pieces);
  let at = 0;
  const next = (): void => {
    if (response.destroyed) return;
    response.write(body.subarray(at, at + size));
    at += size;
    if (at >= body.length) response.end();
    else setTimeout(next, everyMs);
  };
  next();
}

const empty = Buffer.alloc(0);
