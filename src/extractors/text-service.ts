import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import fetch, { type Response } from 'node-fetch';
import type { Clock } from '../core/clock.js';
import { AbortedError, PermanentError, TransientError } from '../core/errors.js';
import { retrying } from '../core/retry.js';
import { messageOf } from '../core/message-of.js';

export interface TextServiceDeps {
  readonly clock: Clock;
  /** From 0 to below 1; spreads the retries. */
  readonly random: () => number;
}

export interface TextServiceOptions {
  /** As messages name it, with its address. */
  readonly service: string;
  /**
   * For one try, from the connection to the last byte of the answer. No try starts later than this after the first: a
   * file that took too long once would most likely do so again.
   */
  readonly timeoutMs: number;
  /** Further tries when the service cannot be reached or is in trouble (408, 429, 5xx). */
  readonly retries: number;
  /** The first retry waits up to this, the next up to twice as long. */
  readonly retryDelayMs: number;
  /** What is read of an answer; the rest is not waited for. */
  readonly maxAnswerBytes: number;
}

export interface TextRequest {
  /** The file's name, for messages. */
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, kept by the caller for as long as it may have to be sent again; empty: no body. */
  readonly chunks: readonly Uint8Array[];
}

export interface TextAnswer {
  /** Media type without parameters, lower case. */
  readonly contentType: string;
  readonly body: Buffer;
  /** More came than `maxAnswerBytes`. */
  readonly cut: boolean;
}

/**
 * Sends one file to a text extraction service and resolves with its answer (200 or 204).
 *
 * `PermanentError`: the service cannot read this very file (413, 415, 422), and never will. `TransientError`: anything
 * else, after the retries where they can help; a service that is down, slow or wrongly set up says nothing of the file.
 */
export type TextService = (request: TextRequest, signal: AbortSignal) => Promise<TextAnswer>;

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
  return (request, signal) => retrying(() => send(agents, clock, request, options, signal), policy, signal);
}

interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

async function send(
  agents: Agents,
  clock: Clock,
  request: TextRequest,
  options: TextServiceOptions,
  signal: AbortSignal,
): Promise<TextAnswer> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  signal.addEventListener('abort', abort);
  const stopClock = clock.after(options.timeoutMs, abort);
  try {
    const response = await fetch(request.url, {
      method: 'PUT',
      headers: request.headers,
      ...bodyOf(request.chunks),
      agent: (url) => (url.protocol === 'https:' ? agents.https : agents.http),
      redirect: 'manual',
      compress: false,
      signal: controller.signal,
    });
    const { body, cut } = await readUpTo(response, options.maxAnswerBytes);
    if (response.status !== 200 && response.status !== 204)
      throw refused(request.name, options.service, response.status);
    return { contentType: mediaType(response), body, cut };
  } catch (error) {
    if (signal.aborted) throw new AbortedError(undefined, { cause: error });
    if (error instanceof TransientError || error instanceof PermanentError) throw error;
    throw unanswered(request.name, options, error, controller.signal.aborted);
  } finally {
    stopClock();
    signal.removeEventListener('abort', abort);
  }
}

function bodyOf(chunks: readonly Uint8Array[]): { readonly body?: Readable } {
  return chunks.length === 0 ? {} : { body: Readable.from(chunks) };
}

function mediaType(response: Response): string {
  const [type = ''] = (response.headers.get('content-type') ?? '').split(';');
  return type.trim().toLowerCase();
}

async function readUpTo(response: Response, maxBytes: number): Promise<{ body: Buffer; cut: boolean }> {
  const chunks: Buffer[] = [];
  let room = maxBytes;
  for await (const piece of response.body ?? []) {
    const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece;
    chunks.push(chunk.subarray(0, room));
    // Leaving the loop destroys the stream and with it the connection.
    if (chunk.length > room) return { body: Buffer.concat(chunks), cut: true };
    room -= chunk.length;
  }
  return { body: Buffer.concat(chunks), cut: false };
}

const fileFaults: Readonly<Record<number, string>> = {
  413: 'the file is too large for it',
  415: 'it does not read files of this kind',
  422: 'the file is damaged or encrypted, or it does not read files of this kind',
};

function refused(name: string, service: string, status: number): TransientError | PermanentError {
  const found = `Cannot extract the text of "${name}": ${service} answered ${status}, expected 200`;
  const fault = fileFaults[status];
  if (fault !== undefined) return new PermanentError(`${found}: ${fault}`, { status });
  if (isTrouble(status)) return new TransientError(`${found}; the file is tried again in the next run`, { status });
  return new TransientError(`${found}; check its address and what stands in front of it`, { status });
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
