import { createReadStream, readFileSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AbortedError, ConfigError, PermanentError, TransientError } from '../core/errors.js';
import { boxError } from './box-error.js';
import { classify } from './classify.js';
import type { HttpClient, HttpRequest, HttpResponse } from './http-client.js';
import { parseJson } from './parse-json.js';
import {
  parseRecordedExchange,
  type RecordedBody,
  type RecordedExchange,
  type RecordedFailure,
  type RecordedRequest,
} from './recorded-exchange.js';
import { recordedPath } from './recorded-path.js';
import { manifestFile, parseManifest, type RecordingManifest } from './recording-manifest.js';
import type { SignIn } from './sign-in.js';
import { messageOf } from '../core/message-of.js';

export interface ReplayClient {
  /** In place of the transport, under a base URL that is the manifest's. */
  readonly http: HttpClient;
  readonly manifest: RecordingManifest;
  /** A sign-in that needs no secret; any other will do as well. */
  readonly signIn: SignIn;
  /** Files of the exchanges that nobody has asked for; sign-ins do not count. */
  readonly unused: () => readonly string[];
  /** Requests that the recording has no answer for: the first 20 of them. */
  readonly unexpected: () => readonly string[];
  /**
   * Throws `PermanentError` if anything was asked for that the recording does not have, or the other way round. Proofs
   * of what has gone may be left, since they are asked for by what the recorded run's state knew.
   */
  readonly check: () => void;
}

/** Longer than anybody waits: the recorded client did not ask again either. */
const neverMs = 86_400_000;
/** The recorded client waited; now the wait is over. 0 would leave it to the backoff. */
const waitIsOverMs = 1;
const mostUnexpected = 20;

/**
 * The transport that answers from a folder that `withRecording` wrote, and never reaches the network.
 *
 * An answer is found by method, route, path with query, and acting user; several of the same are given in the order of
 * recording. A request without an answer is a `PermanentError` that names it and the folder.
 *
 * Nothing waits. Answers for which the client has to try again (429, 5xx) are thrown as the `TransientError` that they
 * lead to, so that no rate limit takes notice: with a wait of 1 ms if the recorded client did try again, else with one
 * that is too long for anybody, so that the client gives up there as the recorded one did. The `Retry-After` of content
 * that is not ready becomes 1 ms. What is left is the backoff after a broken body; a client made with
 * `random: () => 0` has none.
 *
 * When a token is renewed depends on the time and on what was stored, so sign-ins are not replayed one by one: each is
 * answered with the first recorded success, else with the last recorded refusal, else with a placeholder.
 *
 * Throws `ConfigError` if the folder holds no recording. Holds one short entry for each exchange, no bodies.
 */
export function replayClient(folder: string): ReplayClient {
  const manifest = readManifest(folder);
  const queues = new Map<string, Queue>();
  const signIns: RecordedExchange[] = [];
  for (const file of exchangeFiles(folder)) {
    const exchange = parseRecordedExchange(readFileSync(join(folder, file), 'utf8'), join(folder, file));
    if (exchange.request.route === 'token') {
      signIns.push(exchange);
      continue;
    }
    const key = keyOf(exchange.request);
    const queue = queues.get(key);
    if (queue === undefined) queues.set(key, { request: exchange.request, files: [file], next: 0 });
    else queue.files.push(file);
  }
  const granted = signIns.find(isGranted) ?? signIns.at(-1) ?? placeholder;
  const surprises: string[] = [];
  const surprise = (message: string): PermanentError => {
    if (surprises.length < mostUnexpected) surprises.push(message);
    return new PermanentError(message);
  };

  const http: HttpClient = async (request, signal) => {
    if (request.route === 'token')
      return answer({ folder, exchange: granted, isLast: true, request, signal, surprise });
    const path = recordedPath(request.url, manifest.baseUrl);
    const queue = queues.get(keyOf({ ...request, path }));
    const file = queue?.files[queue.next];
    if (queue === undefined || file === undefined) {
      throw surprise(`Cannot replay ${labelOf({ ...request, path })}: ${whatIsThere(folder, path, queue, queues)}`);
    }
    queue.next += 1;
    const isLast = queue.next === queue.files.length;
    const exchange = parseRecordedExchange(await readFile(join(folder, file), 'utf8'), join(folder, file));
    if (signal.aborted) throw new AbortedError();
    return answer({ folder, exchange, isLast, request, signal, surprise });
  };

  const left = () =>
    [...queues.values()].flatMap(({ files, next, request }) => files.slice(next).map((file) => ({ file, request })));
  return {
    http,
    manifest,
    signIn: {
      kind: 'client-credentials',
      clientId: 'recorded-client-id',
      clientSecret: 'recorded-client-secret',
      subject: { type: 'enterprise', id: 'recorded-enterprise-id' },
    },
    unused: () =>
      left()
        .map(({ file }) => file)
        .sort(byNumber),
    unexpected: () => [...surprises],
    check: () => {
      const unasked = left()
        .filter(({ request }) => request.route !== 'proofs')
        .map(({ file }) => file)
        .sort(byNumber);
      const problems = [...surprises];
      if (unasked.length > 0) {
        const some = unasked.slice(0, 5).join(', ');
        const more = unasked.length > 5 ? ` and ${unasked.length - 5} more` : '';
        problems.push(
          `Cannot replay all of "${folder}": nothing asked for ${some}${more}, expected the same requests as were recorded; use the settings of the recording, or record it again`,
        );
      }
      if (problems.length > 0) throw new PermanentError(problems.join('\n'));
    },
  };
}

/** The recorded exchanges of one request. */
interface Queue {
  readonly request: RecordedRequest;
  readonly files: string[];
  next: number;
}

interface Given {
  readonly folder: string;
  readonly exchange: RecordedExchange;
  /** The recording has no further one for the same request. */
  readonly isLast: boolean;
  readonly request: HttpRequest;
  readonly signal: AbortSignal;
  readonly surprise: (message: string) => PermanentError;
}

async function answer(given: Given): Promise<HttpResponse> {
  const { exchange, isLast, request } = given;
  const { response, failure } = exchange;
  if (response === undefined) throw failed(given, failure);
  const { status } = response;
  const headers = isLast ? response.headers : withoutWait(response.headers);
  const bytes = () => bytesOf(given, response.body);
  const text = () => textOf(bytes());
  const isContent = (request.route === 'content' || request.route === 'download') && status === 200;
  if (!isContent && failure === undefined) {
    const read = { status, headers, body: await text() };
    const verdict = classify({ ...read, route: request.route }, 0);
    if (verdict.kind === 'transient' || (verdict.kind === 'not-ready' && isLast)) {
      const retryAfterMs = isLast ? neverMs : waitIsOverMs;
      throw new TransientError(boxError(verdict, read, request).message, { status, retryAfterMs });
    }
  }
  return {
    status,
    headers,
    text,
    json: async () => parseJson(await text(), 'Cannot read a recorded answer of Box'),
    bytes,
  };
}

async function* bytesOf(given: Given, body: RecordedBody | undefined): AsyncGenerator<Uint8Array, void, undefined> {
  if (body !== undefined) {
    for await (const chunk of stored(given.folder, body)) {
      if (given.signal.aborted) throw new AbortedError();
      yield chunk;
    }
  }
  if (given.exchange.failure !== undefined) throw failed(given, given.exchange.failure);
}

async function* stored(folder: string, body: RecordedBody): AsyncGenerator<Uint8Array, void, undefined> {
  if ('file' in body) {
    try {
      yield* createReadStream(join(folder, body.file)) as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw new PermanentError(`Cannot read the recorded content "${join(folder, body.file)}": ${messageOf(error)}`, {
        cause: error,
      });
    }
  } else if ('json' in body) yield Buffer.from(JSON.stringify(body.json));
  else yield 'text' in body ? Buffer.from(body.text) : Buffer.from(body.base64, 'base64');
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** The recorded failure once more. */
function failed({ exchange, folder, isLast, surprise }: Given, failure: RecordedFailure | undefined): Error {
  const { kind, error } = failure ?? { kind: 'aborted', error: '' };
  switch (kind) {
    case 'transient':
      return new TransientError(error, { retryAfterMs: isLast ? neverMs : waitIsOverMs });
    case 'permanent':
      return new PermanentError(error);
    case 'aborted':
      return surprise(
        `Cannot replay ${labelOf(exchange.request)}: it was called off when "${folder}" was recorded (${error}), expected all of it; record a run that goes to its end`,
      );
  }
}

function withoutWait(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return headers['retry-after'] === undefined ? headers : { ...headers, 'retry-after': String(waitIsOverMs / 1_000) };
}

const placeholder: RecordedExchange = {
  request: { method: 'POST', route: 'token', path: '/oauth2/token' },
  response: {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: { json: { access_token: 'recorded-access-token', expires_in: 3_600, token_type: 'bearer' } },
  },
};

function isGranted({ response, failure }: RecordedExchange): boolean {
  const body = response?.body;
  return failure === undefined && response?.status === 200 && body !== undefined && 'json' in body;
}

function readManifest(folder: string): RecordingManifest {
  let text: string;
  try {
    text = readFileSync(join(folder, manifestFile), 'utf8');
  } catch (error) {
    throw new ConfigError(
      [`Cannot replay "${folder}": ${messageOf(error)}, expected a folder that "sync --record" wrote`],
      { cause: error },
    );
  }
  return parseManifest(text, folder);
}

function exchangeFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => /^\d+.*\.json$/.test(name))
    .sort(byNumber);
}

function byNumber(one: string, other: string): number {
  return parseInt(one, 10) - parseInt(other, 10);
}

function keyOf({ method, route, path, asUser }: RecordedRequest): string {
  return JSON.stringify([method, route, path, asUser ?? null]);
}

function labelOf({ method, path, asUser }: RecordedRequest): string {
  return `${method} "${path}"${asUser === undefined ? '' : ` as user ${asUser}`}`;
}

/** What the recording has instead, to tell a changed setting from a changed Box. */
function whatIsThere(
  folder: string,
  path: string,
  queue: Queue | undefined,
  queues: ReadonlyMap<string, Queue>,
): string {
  if (queue !== undefined) return `"${folder}" has it ${queue.files.length} times, and all are used`;
  const [bare] = path.split('?');
  const similar = [...queues.values()].find(({ request }) => request.path.split('?')[0] === bare);
  if (similar === undefined) return `"${folder}" has no such exchange, expected only what was recorded`;
  return `"${folder}" has no such exchange, but ${labelOf(similar.request)} in ${similar.files[0] ?? ''}`;
}
