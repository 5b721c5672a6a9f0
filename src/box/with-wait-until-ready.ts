import { TransientError } from '../core/errors.js';
import { type RetryPolicy, retrying } from '../core/retry.js';
import { boxError } from './box-error.js';
import { classify } from './classify.js';
import type { HttpClient } from './http-client.js';

/**
 * Asks again, as `Retry-After` says, while Box answers that a file's content is not ready (202). There is no limit to
 * the number of times, only `maxElapsedMs`; then the `TransientError` says that the content is not ready yet.
 */
export function withWaitUntilReady(http: HttpClient, policy: RetryPolicy): HttpClient {
  const patient: RetryPolicy = { ...policy, maxAttempts: Number.POSITIVE_INFINITY, isTransient: isNotReady };
  return (request, signal) => {
    if (request.route !== 'content') return http(request, signal);
    return retrying(
      async (aborts, failure) => {
        const response = await http(failure === undefined ? request : { ...request, repeat: 'not-ready' }, aborts);
        if (response.status !== 202) return response;
        const { status, headers } = response;
        const answer = { status, headers, body: await response.text() };
        const verdict = classify({ ...answer, route: 'content' }, policy.clock.now());
        if (verdict.kind === 'not-ready') throw boxError(verdict, answer, request);
        return response;
      },
      patient,
      signal,
    );
  };
}

function isNotReady(error: unknown): boolean {
  return error instanceof TransientError && error.status === 202;
}
