import { request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Simulator } from '../../src/simulator/simulator.js';
import { serve } from '../support/serve.js';

export interface BoxGateway {
  readonly url: string;
  /** Client ids whose connections are torn, as if there were no Box for them. */
  readonly unreachable: Set<string>;
  /** All that was sent in a sign-in but client ids and kinds, and all tokens that were given out. */
  readonly secrets: ReadonlySet<string>;
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
  const secrets = new Set<string>();

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const isSignIn = request.url === '/oauth2/token';
    if (isSignIn) keep(secrets, Object.fromEntries(new URLSearchParams(body)));
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
        const found = JSON.parse(text) as Readonly<Record<string, unknown>>;
        keep(secrets, found);
        byToken.set(String(found['access_token']), box);
        response.writeHead(answer.statusCode ?? 502, answer.headers).end(text);
      });
    });
    onward.end(body);
  };

  const server = await serve((request, response) => void handle(request, response));
  return { url: server.url, unreachable, secrets, close: () => server.close() };
}

function keep(secrets: Set<string>, members: Readonly<Record<string, unknown>>): void {
  for (const name of ['client_secret', 'refresh_token', 'access_token', 'assertion']) {
    const value = members[name];
    if (typeof value === 'string') secrets.add(value);
  }
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
