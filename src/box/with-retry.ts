import type { Clock } from '../core/clock.js';
import { TransientError } from '../core/errors.js';
import { type RetryPolicy, retrying } from '../core/retry.js';
import { boxError } from './box-error.js';
import { classify } from './classify.js';
import type { HttpClient, HttpRequest, HttpResponse } from './http-client.js';
import { repeatReason } from './repeat-reason.js';
import { requestLabel } from './request-label.js';
import { textResponse } from './text-response.js';

/**
 * Repeats requests that failed for the moment (network, 408, 429, 5xx, a busy folder, HTML, broken JSON or JSON of
 * another shape in place of an answer), as `retrying` does, and throws the last `TransientError` when it gives up. Every other answer is
 * returned, refusals too.
 *
 * The body of an API answer is read, and parsed where it should be JSON, inside the try: a body that is cut is
 * repeated as well. Content (routes `content` and `download`) is tried up to its headers only, since nobody could
 * take back what has been streamed.
 */
export function withRetry(http: HttpClient, policy: RetryPolicy): HttpClient {
  return (request, signal) =>
    retrying(
      (aborts, failure) =>
        once(http, { ...request, repeat: repeatReason(failure) ?? request.repeat }, policy.clock, aborts),
      policy,
      signal,
    );
}

async function once(http: HttpClient, request: HttpRequest, clock: Clock, signal: AbortSignal): Promise<HttpResponse> {
  const response = await http(request, signal);
  const { status, headers } = response;
  const { route } = request;
  const isContent = route === 'download' || route === 'content';
  const succeeded = status >= 200 && status < 300;
  if (isContent && status === 200) return response;
  // Box answers each of these calls with 200, or 202 for content that is not ready: what says otherwise of a success is not
  // Box, and its body not what was asked for.
  if (succeeded && status !== 200 && !(route === 'content' && status === 202) && route !== 'token') {
    await giveUp(response);
    throw new TransientError(
      `Cannot ${requestLabel(request)}: Box answered ${status}, expected 200; if it happens again, look at what stands between this connector and Box`,
      { status },
    );
  }

  const body = await response.text();
  const verdict = classify({ status, headers, body, route }, clock.now());
  if (verdict.kind === 'transient') throw boxError(verdict, { status, headers, body }, request);
  const read = textResponse(status, headers, body);
  if (succeeded && !isContent) {
    const json = await jsonOf(read, request, body);
    request.check?.(json);
  }
  return read;
}

/** The body may be long, and nobody wants it: who leaves it after its first piece closes its connection. */
async function giveUp(response: HttpResponse): Promise<void> {
  const body = response.bytes()[Symbol.asyncIterator]();
  await body.next();
  await body.return?.();
}

async function jsonOf(response: HttpResponse, request: HttpRequest, body: string): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { status } = response;
    throw new TransientError(
      `Cannot ${requestLabel(request)}: Box answered ${status} with ${body.length === 0 ? 'an empty body' : 'a broken body'}, expected JSON`,
      { cause: error, status },
    );
  }
}
