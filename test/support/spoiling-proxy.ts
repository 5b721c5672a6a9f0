import { request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import { serve } from './serve.js';

export interface SpoilingProxy {
  readonly url: string;
  /** Answers a request itself: true if it did. */
  spoil: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  close(): Promise<void>;
}

/** Stands before a server on loopback, and answers in its place where a test wants what no such server would send. */
export async function serveSpoiling(target: string): Promise<SpoilingProxy> {
  const proxy: { spoil: SpoilingProxy['spoil'] } = { spoil: undefined };
  const server = await serve((request, response) => {
    if (proxy.spoil?.(request, response) === true) {
      request.resume();
      return;
    }
    const { method = 'GET', headers, url = '/' } = request;
    const onward = send(new URL(url, target), { method, headers });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  return Object.assign(proxy, { url: server.url, close: () => server.close() });
}
