import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import fetch, { type Response } from 'node-fetch';
import type { Clock } from '../core/clock.js';
import { AbortedError, PermanentError, TransientError } from '../core/errors.js';
import { messageOf } from '../core/message-of.js';
import { parseRetryAfter, retrying } from '../core/retry.js';
import type { Room } from './extractor.js';
import { growingRoom } from './growing-room.js';
import { timeLimit } from './time-limit.js';

export interface TextServiceDeps {
  readonly clock: Clock;
  /** From 0 to below 1; spreads the retries. */
  readonly random: () => number;
}

export interface TextServiceOptions {
  /** As messages name it, with its address. */
  readonly service: string;
  /**
   * For one try, from the connection to the last byte of the answer, without what it waits for room. No try starts later than this after the first: a
   * file that took too long once would most likely do so again.
   */
  readonly timeoutMs: number;
  /** Further tries when the service cannot be reached or is in trouble (408, 429, 5xx). */
  readonly retries: number;
  /** The first retry waits up to this, the next up to twice as long. */
  readonly retryDelayMs: number;
  /** What is read of an answer; the rest is not waited for. */
  readonly maxAnswerBytes: number;
  /** What is kept of a text, at most. */
  readonly maxTextBytes: number;
}

/** What takes an answer, part by part. */
export interface AnswerReader {
  add(part: string): void;
  /** What it holds of the answer, in memory. */
  readonly heldBytes: number;
}

export interface TextRequest<R extends AnswerReader> {
  /** The file's name, for messages. */
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, kept by the caller for as long as it may have to be sent again; empty: no body. */
  readonly chunks: readonly Uint8Array[];
  /** Makes what takes the answer; each try gets one of its own. */
  readonly reader: () => R;
}

export interface TextAnswer<R extends AnswerReader> {
  /** Media type without parameters, lower case. */
  readonly contentType: string;
  readonly reader: R;
  /** Bytes of the answer that were read. */
  readonly length: number;
  /** More came than `maxAnswerBytes`. */
  readonly cut: boolean;
}

/**
 * Sends one file to a text extraction service and has its answer (200 or 204) read, decoded from UTF-8. Each further part
 * is taken from the connection only when `room` has what the reader may hold then: it is the service that waits.
 *
 * `PermanentError`: the service cannot read this very file (413, 415, 422), and never will. `TransientError`: anything
 * else, after the retries where they can help; a service that is down, slow or wrongly set up says nothing of the file.
 */
export type TextService = <R extends AnswerReader>(
  request: TextRequest<R>,
  room: Room,
  signal: AbortSignal,
) => Promise<TextAnswer<R>>;

/** What is read of an answer that is no text, so that the connection can be used again. */
const longestRefusal = 65_536;

/** Holds connections open between requests, but does not keep the process alive with them. */
export function textService({ clock, random }: TextServiceDeps, options: TextServiceOptions): TextService {
  const agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) };
  const { retries, retryDelayMs, timeoutMs } = options;
  const policy = {
    maxAttempts: retries + 1,
    maxElapsedMs: timeoutMs,
    baseMs: retryDelayMs,
    isTransient,
    clock,
    random,
  };
  return (request, room, signal) => {
    const own = request.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const grown = growingRoom(room, own);
    return retrying(() => send({ agents, clock, options, own, room: grown }, request, signal), policy, signal);
  };
}

interface Surroundings {
  readonly agents: { readonly http: http.Agent; readonly https: https.Agent };
  readonly clock: Clock;
  readonly options: TextServiceOptions;
  /** Bytes of the file itself. */
  readonly own: number;
  readonly room: Room;
}

async function send<R extends AnswerReader>(
  { agents, clock, options, own, room }: Surroundings,
  request: TextRequest<R>,
  signal: AbortSignal,
): Promise<TextAnswer<R>> {
  const { service, timeoutMs, maxAnswerBytes, maxTextBytes } = options;
  const controller = new AbortController();
  const abort = () => controller.abort();
  signal.addEventListener('abort', abort);
  const limit = timeLimit(clock, timeoutMs, abort);
  try {
    const response = await fetch(request.url, {
      method: 'PUT',
      // Without this any encoding would do, and a packed answer can be a thousand times as large as it comes.
      headers: { ...request.headers, 'Accept-Encoding': 'identity' },
      ...bodyOf(request.chunks),
      agent: (url) => (url.protocol === 'https:' ? agents.https : agents.http),
      redirect: 'manual',
      compress: false,
      signal: controller.signal,
    });
    if (response.status !== 200 && response.status !== 204) {
      await passOver(response);
      throw refused(request.name, service, response, clock.now());
    }
    const encoding = response.headers.get('content-encoding') ?? 'identity';
    if (encoding.toLowerCase() !== 'identity') throw encoded(request.name, service, encoding);
    const reader = request.reader();
    const decoder = new TextDecoder();
    let length = 0;
    let cut = false;
    const announced = Number(response.headers.get('content-length') ?? 0);
    if (announced > 0) await limit.paused(() => room.grow(own + Math.min(announced, maxTextBytes)));
    for await (const chunk of response.body ?? []) {
      const part = Buffer.from(chunk).subarray(0, maxAnswerBytes - length);
      // Decoded, a byte makes a character of two bytes at most.
      await limit.paused(() => room.grow(own + reader.heldBytes + chunk.length * 3));
      length += part.length;
      reader.add(decoder.decode(part, { stream: true }));
      // Leaving the loop destroys the stream and with it the connection.
      cut = part.length < chunk.length;
      if (cut) break;
    }
    // What is left over is half a character.
    if (!cut) reader.add(decoder.decode());
    return { contentType: mediaType(response), reader, length, cut };
  } catch (error) {
    if (signal.aborted) throw new AbortedError(undefined, { cause: error });
    if (error instanceof TransientError || error instanceof PermanentError || error instanceof AbortedError)
      throw error;
    throw unanswered(request.name, options, error, controller.signal.aborted);
  } finally {
    limit.stop();
    signal.removeEventListener('abort', abort);
    // A request that has been answered early, or whose answer was not read, must not go on.
    abort();
  }
}

function bodyOf(chunks: readonly Uint8Array[]): { readonly body?: Readable } {
  return chunks.length === 0 ? {} : { body: Readable.from(chunks) };
}

function mediaType(response: Response): string {
  const [type = ''] = (response.headers.get('content-type') ?? '').split(';');
  return type.trim().toLowerCase();
}

/** Reads the words of a refusal, if they are not many, and keeps nothing of them. */
async function passOver(response: Response): Promise<void> {
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > longestRefusal) return;
  }
}

const fileFaults: Readonly<Record<number, string>> = {
  413: 'the file is too large for it',
  415: 'it does not read files of this kind',
  422: 'the file is damaged or encrypted, or it does not read files of this kind',
};

function refused(name: string, service: string, response: Response, now: number): TransientError | PermanentError {
  const { status } = response;
  const found = `Cannot extract the text of "${name}": ${service} answered ${status}, expected 200`;
  const fault = fileFaults[status];
  if (fault !== undefined) return new PermanentError(`${found}: ${fault}`, { status });
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after') ?? undefined, now);
  if (isTrouble(status)) {
    return new TransientError(`${found}; the file is tried again in the next run`, { status, retryAfterMs });
  }
  return new TransientError(`${found}; check its address and what stands in front of it`, { status });
}

function encoded(name: string, service: string, encoding: string): TransientError {
  return new TransientError(
    `Cannot extract the text of "${name}": ${service} answered with Content-Encoding "${encoding}", expected none, as it was asked; check what stands in front of it`,
    { status: 200 },
  );
}

function unanswered(name: string, options: TextServiceOptions, cause: unknown, timedOut: boolean): TransientError {
  const { service, timeoutMs } = options;
  const found = timedOut
    ? `${service} took longer than ${timeoutMs / 1000} s`
    : `${service} did not answer in full (${messageOf(cause)})`;
  const advice = 'see whether it runs; the file is tried again in the next run';
  return new TransientError(`Cannot extract the text of "${name}": ${found}; ${advice}`, { cause });
}

function isTransient(error: unknown): boolean {
  return error instanceof TransientError && (error.status === undefined || isTrouble(error.status));
}

function isTrouble(status: number): boolean {
  return status >= 500 || status === 408 || status === 429;
}
