import { setMaxListeners } from 'node:events';
import type { HttpClient, HttpRequest, HttpResponse } from '../../src/box/http-client.js';
import { textResponse } from '../../src/box/text-response.js';

export type FakeAnswer = HttpResponse | Error;

/** An HttpClient that answers from a list (the last answer stays) or a function, and remembers what it was asked. */
export function fakeHttp(answers: readonly FakeAnswer[] | ((request: HttpRequest) => FakeAnswer)): {
  http: HttpClient;
  requests: HttpRequest[];
} {
  const requests: HttpRequest[] = [];
  const http: HttpClient = async (request) => {
    await Promise.resolve();
    requests.push(request);
    const answer =
      typeof answers === 'function' ? answers(request) : answers[Math.min(requests.length, answers.length) - 1];
    if (answer === undefined) throw new Error(`No answer for ${request.url}`);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { http, requests };
}

export function reply(status: number, body: unknown = '', headers: Record<string, string> = {}): HttpResponse {
  return textResponse(status, headers, typeof body === 'string' ? body : JSON.stringify(body));
}

/** What a promise rejects with; fails if it does not. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('Expected a rejection');
}

/** The same, of a class. */
export async function rejectionOf<E extends Error>(
  type: abstract new (...args: never[]) => E,
  promise: Promise<unknown>,
): Promise<E> {
  const error = await rejection(promise);
  if (error instanceof type) return error;
  throw error;
}

/** A signal that is never aborted, for as many callers as a test likes. */
export const never = new AbortController().signal;
setMaxListeners(0, never);
