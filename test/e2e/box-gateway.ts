import { request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Simulator } from '../../src/simulator/simulator.js';
import { serve } from '../support/serve.js';

export interface BoxGateway {
  readonly url: string;
  /** Client ids whose connections are torn, as if there were no Box for them. */
  readonly unreachable: Set<string>;
  close(): Promise<void>;
}

/**
 * One address for several simulated Boxes, as Box has one for all its customers: a sign-in goes to the Box of its client
 * id, and every other call to the one that has issued its token. Does not rewrite addresses of downloads.
 */
export async function serveGateway(boxes: readonly Simulator[]): Promise<BoxGateway> {
  const byClient = new Map(boxes.map((box) => [box.credentials.clientId, box]));
  const byToken = new Map<string, Simulator>();
  const unreachable = new Set<string>();

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const isSignIn = request.url === '/oauth2/token';
    const box = isSignIn
      ? byClient.get(new URLSearchParams(body).get('client_id') ?? '')
      : byToken.get((request.headers.authorization ?? '').replace('Bearer ', ''));
    if (box === undefined) {
      response.writeHead(401).end('{"error":"unauthorized_client"}');
      return;
    }
    if (unreachable.has(box.credentials.clientId)) {
      response.destroy();
      return;
    }
    const { method = 'GET', headers, url = '/' } = request;
    const onward = send(new URL(url, box.url), { method, headers: { ...headers, host: new URL(box.url).host } });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    onward.on('response', (answer) => {
      if (!isSignIn) {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        return;
      }
      void bodyOf(answer).then((text) => {
        const { access_token: token } = JSON.parse(text) as { access_token?: string };
        if (token !== undefined) byToken.set(token, box);
        response.writeHead(answer.statusCode ?? 502, answer.headers).end(text);
      });
    });
    onward.end(body);
  };

  const server = await serve((request, response) => void handle(request, response));
  return { url: server.url, unreachable, close: () => server.close() };
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
