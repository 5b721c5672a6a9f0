import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface LoopbackElasticsearch {
  readonly host: string;
  readonly seen: Exchange[];
  readonly close: () => Promise<void>;
}

/** A server on loopback that passes for Elasticsearch; `answer` decides. For what a real one is hard to bring to do. */
export async function loopbackElasticsearch(
  answer: (exchange: Exchange, response: ServerResponse) => void,
): Promise<LoopbackElasticsearch> {
  const seen: Exchange[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const exchange = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') };
      seen.push(exchange);
      response.setHeader('x-elastic-product', 'Elasticsearch');
      response.setHeader('content-type', 'application/json');
      answer(exchange, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `http://127.0.0.1:${port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
