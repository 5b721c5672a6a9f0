import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AbortedError, ConfigError, PermanentError, TransientError } from '../core/errors.js';
import { redact } from '../core/redact.js';
import type { HttpClient, HttpRequest, HttpResponse } from './http-client.js';
import { parseJson } from './parse-json.js';
import { RecordedBytes } from './recorded-bytes.js';
import type { RecordedBody, RecordedExchange, RecordedFailure } from './recorded-exchange.js';
import { recordedPath } from './recorded-path.js';
import { recordedText } from './recorded-text.js';
import { manifestFile, manifestText, type RecordingManifest } from './recording-manifest.js';
import { messageOf } from '../core/message-of.js';

export interface RecordingOptions extends RecordingManifest {
  /** New or empty. */
  readonly folder: string;
  /** Content of more bytes than this goes into a file of its own. Default 64 KiB. */
  readonly inlineBytes?: number;
}

export interface Recording {
  readonly http: HttpClient;
  /**
   * Waits until everything is written; what was begun and not read to its end is kept as that. Rejects if anything
   * could not be written: the recording then lacks something.
   */
  readonly close: () => Promise<void>;
}

/** Download addresses that are remembered; they work for 15 minutes. */
const mostAddresses = 10_000;
const defaultInlineBytes = 64 * 1024;
const keptHeaders: readonly string[] = ['content-type', 'date', 'location', 'retry-after', 'www-authenticate'];
const keptOfContent: readonly string[] = ['content-encoding', 'content-length'];

/**
 * Keeps every exchange of a transport in a folder: `manifest.json`, and for each exchange a file of readable JSON,
 * numbered in the order in which they began (`0001-folders-0.json`). Retries and failures are exchanges of their own.
 *
 * No secret gets there: of a request there is no header and no body, tokens in answers are replaced, and so is the
 * address of a download, by one that says of which file it is. Bodies of API answers are kept as `recordedText` says,
 * content byte for byte while it passes.
 *
 * It never disturbs the exchanges: a recording that fails says so in `close`. Throws `ConfigError` if the folder cannot
 * be used. Holds `inlineBytes` for each download under way, and 10,000 addresses.
 */
export function withRecording(http: HttpClient, options: RecordingOptions): Recording {
  prepare(options);
  const folder = new RecordingFolder(options);
  return {
    http: async (request, signal) => {
      const exchange = folder.begin(request);
      try {
        return exchange.answered(await http(request, signal));
      } catch (error) {
        await exchange.end(undefined, failureOf(error));
        throw error;
      }
    },
    close: () => folder.close(),
  };
}

function prepare({ folder, ...manifest }: RecordingOptions): void {
  const expected = 'expected a new or an empty folder';
  let found: readonly string[];
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    found = readdirSync(folder);
    if (found.length === 0) writeFileSync(join(folder, manifestFile), manifestText(manifest), { mode: 0o600 });
  } catch (error) {
    throw new ConfigError([`Cannot record into "${folder}": ${messageOf(error)}, ${expected}`], { cause: error });
  }
  if (found.length > 0) {
    throw new ConfigError([`Cannot record into "${folder}": it holds ${found.length} files, ${expected}`]);
  }
}

class RecordingFolder {
  readonly folder: string;
  readonly baseUrl: string;
  readonly inlineBytes: number;
  readonly #open = new Set<Exchange>();
  /** The recording's own addresses by the real ones. */
  readonly #addresses = new Map<string, string>();
  #last = 0;
  #fault: unknown;

  constructor({ folder, baseUrl, inlineBytes = defaultInlineBytes }: RecordingOptions) {
    this.folder = folder;
    this.baseUrl = baseUrl.replace(/\/+$/, '');
    this.inlineBytes = inlineBytes;
  }

  begin(request: HttpRequest): Exchange {
    this.#last += 1;
    const path =
      request.route === 'download'
        ? (this.#addresses.get(request.url) ?? addressOf('unknown', this.#last))
        : recordedPath(request.url, this.baseUrl);
    const exchange = new Exchange(this, request, path, this.#last);
    this.#open.add(exchange);
    return exchange;
  }

  /** An address in place of `location`, which whoever has it may read the file from. */
  addressFor(location: string, item: string, number: number): string {
    const address = addressOf(item, number);
    const [oldest] = this.#addresses.keys();
    if (this.#addresses.size >= mostAddresses && oldest !== undefined) this.#addresses.delete(oldest);
    // As the client will ask for it: a path means Box's own host.
    this.#addresses.set(location.startsWith('/') ? this.baseUrl + location : location, address);
    return address;
  }

  /** Does what writes; a fault is kept for `close`. */
  async attempt<T>(write: () => Promise<T>): Promise<T | undefined> {
    try {
      return await write();
    } catch (error) {
      this.#fault ??= error;
      return undefined;
    }
  }

  async write(name: string, exchange: RecordedExchange): Promise<void> {
    const unfinished = join(this.folder, `.${name}.tmp`);
    await this.attempt(async () => {
      await writeFile(unfinished, `${JSON.stringify(exchange, null, 2)}\n`, { mode: 0o600 });
      await rename(unfinished, join(this.folder, name));
    });
  }

  ended(exchange: Exchange): void {
    this.#open.delete(exchange);
  }

  async close(): Promise<void> {
    for (const exchange of this.#open) {
      await exchange.end(undefined, { kind: 'aborted', error: 'The answer was not read to its end' });
    }
    if (this.#fault === undefined) return;
    throw new PermanentError(
      `Cannot record into "${this.folder}": ${messageOf(this.#fault)}; the recording lacks something, make another`,
      { cause: this.#fault },
    );
  }
}

/** One request, its answer, and what becomes of the answer's body. */
class Exchange {
  readonly #folder: RecordingFolder;
  readonly #request: HttpRequest;
  readonly #path: string;
  readonly #item: string;
  readonly #number: number;
  readonly #name: string;
  #head: { readonly status: number; readonly headers: Record<string, string> } | undefined;
  #hasEnded = false;

  constructor(folder: RecordingFolder, request: HttpRequest, path: string, number: number) {
    this.#folder = folder;
    this.#request = request;
    this.#path = path;
    this.#item = itemOf(path);
    this.#number = number;
    const name = [String(number).padStart(4, '0'), request.route, this.#item].filter((part) => part !== '').join('-');
    this.#name = name.replaceAll(/[^\w.-]/g, '_').slice(0, 80);
  }

  answered(response: HttpResponse): HttpResponse {
    const { status, headers } = response;
    const isContent = this.#isContent && status === 200;
    this.#head = { status, headers: this.#kept(headers, isContent) };
    const text = isContent ? async () => textOf(this.#bytes(response)) : () => this.#text(response);
    return {
      status,
      headers,
      text,
      json: async () => parseJson(await text(), 'Cannot read an answer of Box'),
      bytes: () => (isContent ? this.#bytes(response) : once(text)),
    };
  }

  /** Writes the exchange; only the first call counts. */
  async end(body: RecordedBody | undefined, failure: RecordedFailure | undefined): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { method, route, asUser } = this.#request;
    await this.#folder.write(`${this.#name}.json`, {
      request: { method, route, path: this.#path, asUser },
      response: this.#head === undefined ? undefined : { ...this.#head, body },
      failure,
    });
    this.#folder.ended(this);
  }

  async #text(response: HttpResponse): Promise<string> {
    let text: string;
    try {
      text = await response.text();
    } catch (error) {
      await this.end(undefined, failureOf(error));
      throw error;
    }
    await this.end(recordedText(text, this.#request.route), undefined);
    return text;
  }

  async *#bytes(response: HttpResponse): AsyncGenerator<Uint8Array, void, undefined> {
    const { folder, inlineBytes } = this.#folder;
    const body = new RecordedBytes(folder, `${this.#name}.bin`, inlineBytes);
    let failure: RecordedFailure | undefined = { kind: 'aborted', error: 'The reader wanted no more of it' };
    try {
      for await (const chunk of response.bytes()) {
        await this.#folder.attempt(() => body.add(chunk));
        yield chunk;
      }
      failure = undefined;
    } catch (error) {
      failure = failureOf(error);
      throw error;
    } finally {
      await this.end(await this.#folder.attempt(() => body.end()), failure);
    }
  }

  get #isContent(): boolean {
    return this.#request.route === 'download' || this.#request.route === 'content';
  }

  #kept(headers: HttpResponse['headers'], isContent: boolean): Record<string, string> {
    const names = isContent ? [...keptHeaders, ...keptOfContent] : keptHeaders;
    const kept: Record<string, string> = {};
    for (const name of names.toSorted()) {
      const value = headers[name];
      if (value === undefined) continue;
      kept[name] = name === 'location' ? this.#folder.addressFor(value, this.#item, this.#number) : redact(value);
    }
    return kept;
  }
}

/** Reserved for what can never be reached (RFC 2606). */
const recordedHost = 'https://download.invalid';

function addressOf(item: string, number: number): string {
  return `${recordedHost}/${encodeURIComponent(item)}/${number}`;
}

/** What a request is about, for the name of its file: `0` of `/2.0/folders/0/items`, `me` of `/2.0/users/me`. */
function itemOf(path: string): string {
  if (path.startsWith(`${recordedHost}/`)) return path.slice(recordedHost.length + 1).replace(/\/.*/, '');
  return /^\/2\.0\/[^/?]+\/([^/?]+)/.exec(path)?.[1] ?? '';
}

async function* once(text: () => Promise<string>): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(await text());
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function failureOf(error: unknown): RecordedFailure {
  const kind = error instanceof AbortedError ? 'aborted' : error instanceof TransientError ? 'transient' : 'permanent';
  return { kind, error: redact(messageOf(error)) };
}
