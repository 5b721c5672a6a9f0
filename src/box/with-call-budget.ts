import { TransientError } from '../core/errors.js';
import type { CallCounts } from './call-counts.js';
import type { HttpClient } from './http-client.js';

export interface CallBudgetOptions {
  /** API calls, repeats included; 0: no limit. */
  readonly maxCalls: number;
  /** Told once, when the last call was made. */
  readonly onSpent: () => void;
}

/**
 * Bounds the calls of a run. When they are used up, whoever runs is told, and nothing new is listed or asked; content
 * of what was listed before is still fetched, so that what is under way can end well.
 */
export function withCallBudget(
  http: HttpClient,
  counts: CallCounts,
  { maxCalls, onSpent }: CallBudgetOptions,
): HttpClient {
  if (maxCalls === 0) return http;
  let told = false;
  return (request, signal) => {
    if (counts.api < maxCalls) return http(request, signal);
    if (!told) {
      told = true;
      // Not from within: this call may have been set off by the very page that is being handed on.
      queueMicrotask(onSpent);
    }
    if (request.route === 'content' || request.route === 'download') return http(request, signal);
    return Promise.reject(
      new TransientError(`Cannot ask Box: the ${maxCalls} calls of this run (box.max_calls) are used up`),
    );
  };
}
