import { Agent, type IncomingMessage, type ServerResponse, createServer, request as httpRequest } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One operation of a bulk request. */
export interface ProxiedOperation {
  readonly action: 'index' | 'update' | 'delete' | 'create';
  readonly id: string;
  /** Its one or two lines. */
  readonly lines: string;
}

/**
 * What happens to a bulk request. `cut`: Elasticsearch takes it, and the connection is torn before the answer; `torn`: it
 * is torn before Elasticsearch has seen it. `type`: of the error that is the answer.
 */
export type BulkFault =
  | { readonly kind: 'cut' | 'torn' }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string; readonly type?: string };

/** Error of an item that is kept from Elasticsearch, by its status. */
export type ItemFault = 429 | 503 | 400;

/** A loopback proxy between the program and Elasticsearch that spoils bulk requests. Close it. */
export interface BulkProxy {
  readonly url: string;
  /** Decides about a bulk request before it is forwarded; `undefined`: it goes through. */
  onRequest: ((operations: readonly ProxiedOperation[]) => BulkFault | undefined) | undefined;
  /** Decides about one operation: a status keeps it from Elasticsearch and is its answer. */
  onItem: ((operation: ProxiedOperation) => ItemFault | undefined) | undefined;
  /** Answers a request that is no bulk in Elasticsearch's place, or cuts it; `undefined`: it goes through. */
  onOther:
    | ((method: string, path: string) => { readonly status: number; readonly body: object } | 'cut' | undefined)
    | undefined;
  /** The body that goes through in place of that of such a request. */
  rewrite: ((path: string, body: string) => string) | undefined;
  /** From now on nothing is answered, and what comes is kept until `go`. */
  silence(): void;
  /** Ends `silence`: what was kept is forwarded. */
  go(): void;
  /** Tears all connections and refuses new ones until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Bulk requests and operations that came, and what was done to them. */
  readonly counts: { requests: number; operations: number; refused: number; cut: number };
  /** Ids that were under way in two requests at once: the order of their operations was left to chance. */
  readonly overlapping: ReadonlySet<string>;
  close(): Promise<void>;
}

/** Starts a proxy to the Elasticsearch at `target`. */
export async function startBulkProxy(target: string): Promise<BulkProxy> {
  // A connection that is kept may be closed by the other side just when it is used again: no fault that a test has asked for.
  const agent = new Agent({ keepAlive: false });
  const sockets = new Set<Socket>();
  const underWay = new Set<string>();
  const overlapping = new Set<string>();
  let silent: Promise<void> | undefined;
  let speak = () => {};

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => incoming.socket.destroy());
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const shut = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;

  const proxy: BulkProxy = {
    url: `http://127.0.0.1:${port}`,
    onRequest: undefined,
    onItem: undefined,
    onOther: undefined,
    rewrite: undefined,
    silence() {
      silent ??= new Promise((resolve) => (speak = resolve));
    },
    go() {
      silent = undefined;
      speak();
    },
    down: shut,
    up: () => listen(port),
    counts: { requests: 0, operations: 0, refused: 0, cut: 0 },
    overlapping,
    async close() {
      proxy.go();
      agent.destroy();
      await shut();
    },
  };

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(incoming);
    const path = incoming.url ?? '/';
    if (silent !== undefined) await silent;
    if (!path.includes('/_bulk') || body.includes('pipeline-probe')) {
      const own = proxy.onOther?.(incoming.method ?? 'GET', path);
      if (own === 'cut') incoming.socket.destroy();
      else if (own !== undefined) send(response, { status: own.status, headers: {}, body: JSON.stringify(own.body) });
      else send(response, await forward(incoming, path, proxy.rewrite?.(path, body) ?? body));
      return;
    }
    const operations = operationsOf(body);
    proxy.counts.requests += 1;
    proxy.counts.operations += operations.length;
    for (const { id } of operations) {
      if (underWay.has(id)) overlapping.add(id);
      underWay.add(id);
    }
    try {
      await bulk(incoming, response, path, operations);
    } finally {
      for (const { id } of operations) underWay.delete(id);
    }
  }

  async function bulk(
    incoming: IncomingMessage,
    response: ServerResponse,
    path: string,
    operations: readonly ProxiedOperation[],
  ): Promise<void> {
    const fault = proxy.onRequest?.(operations);
    if (fault?.kind === 'torn') {
      incoming.socket.destroy();
      return;
    }
    if (fault?.kind === 'status') {
      const headers = fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter };
      const { status, type = 'es_rejected_execution_exception' } = fault;
      const refusal = { error: { type, reason: 'busy' }, status };
      send(response, { status: fault.status, headers, body: JSON.stringify(refusal) });
      return;
    }
    const faults = operations.map((operation) => proxy.onItem?.(operation));
    const passed = operations.filter((_, position) => faults[position] === undefined);
    const answer =
      passed.length === 0
        ? { status: 200, headers: {}, body: '{"errors":false,"items":[]}' }
        : await forward(incoming, path, passed.map(({ lines }) => lines).join(''));
    if (fault?.kind === 'cut') {
      proxy.counts.cut += 1;
      incoming.socket.destroy();
      return;
    }
    if (answer.status >= 300 || passed.length === operations.length) {
      send(response, answer);
      return;
    }
    proxy.counts.refused += operations.length - passed.length;
    const { errors, items } = JSON.parse(answer.body) as { errors: boolean; items: unknown[] };
    const merged = operations.map(({ action }, position) => {
      const status = faults[position];
      return status === undefined ? items.shift() : { [action]: { status, error: refusals[status] } };
    });
    const hasErrors = errors || passed.length < operations.length;
    send(response, { ...answer, body: JSON.stringify({ errors: hasErrors, items: merged }) });
  }

  function forward(incoming: IncomingMessage, path: string, body: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = { ...incoming.headers, 'content-length': String(Buffer.byteLength(body)) };
      Reflect.deleteProperty(headers, 'transfer-encoding');
      const outgoing = httpRequest(
        `${target}${path}`,
        { method: incoming.method ?? 'GET', headers, agent },
        (answer) => {
          textOf(answer).then(
            (text) => resolve({ status: answer.statusCode ?? 502, headers: kept(answer), body: text }),
            reject,
          );
        },
      );
      outgoing.once('error', reject);
      outgoing.end(body);
    });
  }

  return proxy;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const refusals: Readonly<Record<ItemFault, object>> = {
  429: { type: 'es_rejected_execution_exception', reason: 'rejected execution of coordinating operation' },
  503: { type: 'unavailable_shards_exception', reason: 'primary shard is not active' },
  400: { type: 'document_parsing_exception', reason: 'failed to parse field [description] of type [text]' },
};

function kept(answer: IncomingMessage): Readonly<Record<string, string>> {
  const names = ['content-type', 'x-elastic-product', 'warning', 'retry-after'];
  const headers: Record<string, string> = {};
  for (const name of names) {
    const value = answer.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  return headers;
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  const usual = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' };
  response.writeHead(status, { ...usual, ...headers, 'content-length': String(Buffer.byteLength(body)) }).end(body);
}

async function textOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function operationsOf(body: string): ProxiedOperation[] {
  const lines = body.split('\n');
  const operations: ProxiedOperation[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line === '') continue;
    const [[action, { _id: id }] = ['', { _id: '' }]] = Object.entries(
      JSON.parse(line) as Record<string, { _id: string }>,
    );
    if (action === 'delete') {
      operations.push({ action, id, lines: `${line}\n` });
    } else {
      at += 1;
      operations.push({ action: action as 'index', id, lines: `${line}\n${lines[at] ?? ''}\n` });
    }
  }
  return operations;
}
