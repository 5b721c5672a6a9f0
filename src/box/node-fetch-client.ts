import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import fetch, { type Response } from 'node-fetch';
import type { Clock } from '../core/clock.js';
import { AbortedError, TransientError } from '../core/errors.js';
import { answerTooLarge } from './answer-too-large.js';
import { bypassesProxy } from './bypasses-proxy.js';
import type { HttpClient, HttpRequest, HttpResponse } from './http-client.js';
import { networkError } from './network-error.js';
import { openProxy } from './open-proxy.js';
import { parseJson } from './parse-json.js';
import { requestLabel } from './request-label.js';

/** Room that is asked for with the first piece of a body: most answers need no more. */
const firstRoom = 64 * 1024;

/** Bytes that have to arrive within `stallMs`. */
const stallBytes = 1_024;
/** A body that keeps to that and no more would take for ever: beyond so many times `stallMs` it has to be faster, */
const patientStalls = 10;
/** by so many bytes for each millisecond that it is waited for. */
const slowestPerMs = 8;
/** Of `stallMs`, what a proxy has for its part, so that it is seen who is silent. */
const shareOfProxy = 0.5;
/** Bytes of a refusal that are read: what Box says of one has some hundred. */
const mostOfRefusal = 1_024 * 1_024;

export interface NodeFetchOptions {
  /** The value of `HTTPS_PROXY`: `https:` requests go through this proxy. */
  readonly httpsProxy?: string | undefined;
  /** The value of `NO_PROXY`: hosts that are reached directly. */
  readonly noProxy?: string | undefined;
  /**
   * Headers that do not come, or a body that brings less than 1 kB, in this time have stalled; so has a body that is waited
   * for ten times as long in all, and longer than 8 kB a second take. Default 60,000.
   */
  readonly stallMs?: number;
  /** Longest body that `text` and `json` read. Default 32 MiB; a listing page is about 1 MB. */
  readonly maxTextBytes?: number;
  readonly userAgent?: string;
}

/**
 * The HttpClient that reaches the network: node-fetch over connections that are kept alive. It follows no redirect.
 *
 * `TransientError` when the host cannot be reached, the answer is cut or stalls; `PermanentError` for a certificate
 * that is not trusted, a refusal by the proxy or a text that is too long; `AbortedError` after an abort. Throws
 * `ConfigError` if the proxy has no address. `close` gives up idle connections.
 */
export function nodeFetchClient(
  { clock }: { readonly clock: Clock },
  options: NodeFetchOptions = {},
): { readonly http: HttpClient; readonly close: () => void } {
  const { httpsProxy = '', noProxy = '', userAgent = 'box-elasticsearch-connector' } = options;
  const { stallMs = 60_000, maxTextBytes = 32 * 1024 * 1024 } = options;
  const direct = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  const proxy = httpsProxy === '' ? undefined : openProxy(httpsProxy, stallMs * shareOfProxy);
  const proxyFor = (url: URL) => (url.protocol === 'http:' || bypassesProxy(url, noProxy) ? undefined : proxy);
  const agentFor = (url: URL) => proxyFor(url)?.agent ?? (url.protocol === 'http:' ? direct.http : direct.https);

  const http: HttpClient = async (request, signal) => {
    const via = URL.canParse(request.url) ? proxyFor(new URL(request.url))?.host : undefined;
    const exchange = new Exchange(request, signal, clock, stallMs, via);
    const response = await exchange.patiently(() =>
      fetch(request.url, {
        method: request.method,
        headers: { 'user-agent': userAgent, ...request.headers },
        body: request.body ?? null,
        agent: agentFor,
        redirect: 'manual',
        // Content is taken as it is: its length and hash have to be the listed ones.
        compress: request.route !== 'download' && request.route !== 'content',
        signal: exchange.aborts,
      }),
    );
    return answer(exchange, response, maxTextBytes);
  };
  const close = () => {
    direct.http.destroy();
    direct.https.destroy();
    proxy?.agent.destroy();
  };
  return { http, close };
}

function answer(exchange: Exchange, response: Response, maxTextBytes: number): HttpResponse {
  const body = response.body;
  const bytes = () => exchange.read(body);
  const text = async () => {
    // Every redirect to a download is such an answer.
    if (response.headers.get('content-length') === '0') return exchange.readNothing(body);
    const isRefusal = response.status >= 400;
    const chunks: Uint8Array[] = [];
    const { room } = exchange.request;
    let size = 0;
    let granted = 0;
    for await (const chunk of bytes()) {
      size += chunk.byteLength;
      if (isRefusal && size > mostOfRefusal) break;
      if (size > maxTextBytes) {
        const refused = `Cannot ${requestLabel(exchange.request)}`;
        throw answerTooLarge(refused, `${maxTextBytes} bytes`, 'a page of JSON');
      }
      // In steps that double, so that a long body asks a few times. Meanwhile nothing is read: the socket waits.
      if (room !== undefined && size > granted) await room.grow((granted = Math.max(2 * granted, size, firstRoom)));
      chunks.push(chunk);
    }
    const read = Buffer.concat(chunks).toString('utf8');
    return read.startsWith('\ufeff') ? read.slice(1) : read;
  };
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text,
    json: async () => parseJson(await text(), `Cannot ${requestLabel(exchange.request)}`),
    bytes,
  };
}

/** One request and its answer: what may abort them, and how long they may keep us waiting. */
class Exchange {
  readonly request: HttpRequest;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  readonly #stallMs: number;
  /** Host of the proxy that it goes through. */
  readonly #via: string | undefined;
  readonly #controller = new AbortController();
  readonly #cancel = () => this.#controller.abort();
  #stalled = false;

  constructor(request: HttpRequest, signal: AbortSignal, clock: Clock, stallMs: number, via: string | undefined) {
    this.request = request;
    this.#signal = signal;
    this.#clock = clock;
    this.#stallMs = stallMs;
    this.#via = via;
    if (signal.aborted) this.#cancel();
    else signal.addEventListener('abort', this.#cancel, { once: true });
  }

  /** Aborted by the caller, or because the other side has stalled. */
  get aborts(): AbortSignal {
    return this.#controller.signal;
  }

  /** Waits for `promise`, at most `ms`; its failure comes out as one of our errors and ends the exchange. */
  async patiently<T>(start: () => Promise<T>, ms = this.#stallMs): Promise<T> {
    const cancelTimer = this.#clock.after(Math.max(0, ms), () => {
      this.#stalled = true;
      this.#controller.abort();
    });
    try {
      return await start();
    } catch (error) {
      this.#end();
      throw this.#failure(error);
    } finally {
      cancelTimer();
    }
  }

  /**
   * The body as it arrives. Only the time in which the reader waits counts, so a slow reader is no stall. A reader
   * that stops early closes the connection.
   */
  async *read(body: NodeJS.ReadableStream | null): AsyncGenerator<Uint8Array> {
    let finished = false;
    let waitedMs = 0;
    let received = 0;
    let waitedInAllMs = 0;
    let receivedInAll = 0;
    try {
      if (body === null) {
        finished = true;
        return;
      }
      const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
      for (;;) {
        const from = this.#clock.now();
        const longestMs = Math.max(this.#stallMs * patientStalls, receivedInAll / slowestPerMs);
        const patienceMs = Math.min(this.#stallMs - waitedMs, longestMs - waitedInAllMs);
        const next = await this.patiently(() => chunks.next(), patienceMs);
        if (next.done === true) {
          finished = true;
          return;
        }
        // A clock that is set back meanwhile tells nothing.
        const ms = Math.max(0, this.#clock.now() - from);
        waitedMs += ms;
        waitedInAllMs += ms;
        received += next.value.byteLength;
        receivedInAll += next.value.byteLength;
        if (received >= stallBytes) {
          waitedMs = 0;
          received = 0;
        }
        yield next.value;
      }
    } finally {
      if (!finished) this.#controller.abort();
      this.#end();
    }
  }

  /** A body that is announced as empty: nobody waits for its end, which gives the connection back. */
  readNothing(body: NodeJS.ReadableStream | null): '' {
    body?.on('error', () => {}).resume();
    this.#end();
    return '';
  }

  #end(): void {
    this.#signal.removeEventListener('abort', this.#cancel);
  }

  #failure(error: unknown): Error {
    if (this.#signal.aborted) return new AbortedError();
    if (!this.#stalled) return networkError(error, this.request, this.#via);
    return new TransientError(
      `Cannot ${requestLabel(this.request)}: less than ${stallBytes} bytes came in ${this.#stallMs / 1_000} s, or all too slowly; if it happens again, look at the network or the proxy`,
      { cause: error },
    );
  }
}
