import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { serve } from './serve.js';

export interface SwallowingElasticsearch {
  readonly url: string;
  /** Ids of the documents that are in it. */
  readonly documents: ReadonlySet<string>;
  /** Bytes of the largest bulk request. */
  largestRequest(): number;
  /** Answers a request in its place: true if it did. */
  spoil: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  close(): Promise<void>;
}

const uuid = 'sWaLLoWinG-0000000000';
const theIndex = { index: { settings: { index: { uuid } }, mappings: {} } };

/**
 * Passes for an Elasticsearch that takes everything and keeps only the ids, each bulk request in `latencyMs`: for runs
 * whose documents are so large, or so many, that a real one would be what is measured.
 */
export async function serveSwallowing({ latencyMs = 20 } = {}): Promise<SwallowingElasticsearch> {
  const documents = new Set<string>();
  let largest = 0;
  let exists = false;
  const fake: { spoil: SwallowingElasticsearch['spoil'] } = { spoil: undefined };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request;
    const path = new URL(url, 'http://localhost').pathname;
    response.setHeader('x-elastic-product', 'Elasticsearch');
    response.setHeader('content-type', 'application/json');
    if (fake.spoil?.(request, response) === true) return;
    if (path.endsWith('/_bulk')) {
      const items = await takeBulk(request);
      await pause(latencyMs);
      response.end(JSON.stringify({ took: 1, errors: items.some(({ error }) => error), items: items.map(itemAnswer) }));
      return;
    }
    request.resume();
    if (path === '/') response.end(JSON.stringify({ cluster_uuid: uuid, version: { number: '9.5.3' } }));
    else if (path.endsWith('/_count')) response.end(JSON.stringify({ count: documents.size }));
    else if (path.endsWith('/_refresh')) response.end('{"_shards":{"total":1,"successful":1,"failed":0}}');
    else if (method === 'GET') response.end(JSON.stringify(exists ? theIndex : {}));
    else {
      exists = true;
      response.end('{"acknowledged":true}');
    }
  }

  /** Reads line by line, so that a request is never whole in memory. */
  async function takeBulk(request: IncomingMessage): Promise<BulkItem[]> {
    const items: BulkItem[] = [];
    const lines = { text: [] as Buffer[], isDocument: false };
    const endLine = () => {
      const text = Buffer.concat(lines.text.splice(0)).toString();
      const item = lines.isDocument || text === '' ? undefined : take(text);
      lines.isDocument = item !== undefined && item.action !== 'delete';
      if (item !== undefined) items.push(item);
    };
    let bytes = 0;
    for await (const piece of request) {
      const chunk = piece as Buffer;
      bytes += chunk.length;
      let from = 0;
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        if (!lines.isDocument) lines.text.push(chunk.subarray(from, at));
        endLine();
        from = at + 1;
      }
      if (!lines.isDocument) lines.text.push(chunk.subarray(from));
    }
    largest = Math.max(largest, bytes);
    return items;
  }

  function take(text: string): BulkItem | undefined {
    const [parsed] = Object.entries(JSON.parse(text) as Record<string, { _id: string; if_seq_no?: number }>);
    if (parsed === undefined) return undefined;
    const [action, { _id: id, if_seq_no }] = parsed;
    // The question whether there is a pipeline asks for what cannot be.
    if (if_seq_no !== undefined) return { action, id, error: true };
    if (action === 'delete') documents.delete(id);
    else documents.add(id);
    return { action, id, error: false };
  }

  const server = await serve((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  return Object.assign(fake, {
    url: server.url,
    documents,
    largestRequest: () => largest,
    close: () => server.close(),
  });
}

interface BulkItem {
  readonly action: string;
  readonly id: string;
  readonly error: boolean;
}

function itemAnswer({ action, id, error }: BulkItem): object {
  const refusal = { type: 'illegal_argument_exception', reason: 'no such version' };
  return { [action]: error ? { _id: id, status: 400, error: refusal } : { _id: id, status: 200 } };
}
