import { serve } from '../support/serve.js';

/** What the stub makes of a file. */
export interface StubAnswer {
  readonly status?: number;
  readonly body: unknown;
  /** Never answers. */
  readonly hangs?: true;
}

export interface ExtractionStub {
  readonly url: string;
  /** Content that was sent, in the order of its coming; with file pointers, the paths. */
  readonly received: readonly string[];
  /** Instead of the text itself; `undefined` brings that back. */
  answer: ((content: string) => StubAnswer) | undefined;
  close(): Promise<void>;
}

/** Elastic's data extraction service on loopback: its protocol, with the content itself as the text. */
export async function serveExtraction(): Promise<ExtractionStub> {
  const received: string[] = [];
  const stub = { received, answer: undefined as ExtractionStub['answer'] };
  const server = await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      if (request.method !== 'PUT' || pathname !== '/extract_text/') {
        response.writeHead(404).end('{"error":"Not Found","message":"no such route"}');
        return;
      }
      const content = searchParams.get('local_file_path') ?? Buffer.concat(chunks).toString();
      received.push(content);
      const { status = 200, body, hangs } = stub.answer?.(content) ?? { body: { extracted_text: content } };
      if (hangs === true) return;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  return Object.assign(stub, { url: server.url, close: () => server.close() });
}
