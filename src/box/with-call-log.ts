import type { Clock } from '../core/clock.js';
import { AbortedError } from '../core/errors.js';
import type { CallCounts } from './call-counts.js';
import type { HttpClient } from './http-client.js';
import { requestLabel } from './request-label.js';
import { messageOf } from '../core/message-of.js';

export interface CallLogDeps {
  readonly counts: CallCounts;
  readonly clock: Clock;
  /** A line for the debug log; left out, nothing is logged. The line never holds a header, a query or a body. */
  readonly log?: ((line: object) => void) | undefined;
}

/** Counts every request that goes to Box, answered or not, and logs it with its status and how long its headers took. */
export function withCallLog(http: HttpClient, { counts, clock, log }: CallLogDeps): HttpClient {
  return async (request, signal) => {
    counts.sent(request);
    const from = clock.now();
    const line = (more: object) => {
      const { route, asUser, repeat } = request;
      log?.({ message: `Box call ${requestLabel(request)}`, route, asUser, repeat, ms: clock.now() - from, ...more });
    };
    try {
      const response = await http(request, signal);
      counts.ended(request, response.status);
      line({ status: response.status, requestId: response.headers['box-request-id'] });
      return response;
    } catch (error) {
      counts.ended(request, error instanceof AbortedError ? 'aborted' : 'no-answer');
      line({ error: messageOf(error) });
      throw error;
    }
  };
}
