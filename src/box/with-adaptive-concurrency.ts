import { AbortedError, TransientError } from '../core/errors.js';
import type { HttpClient, HttpResponse } from './http-client.js';

export interface AdaptiveConcurrencyOptions {
  /** Calls at once when all is well. */
  readonly max: number;
}

interface Waiter {
  readonly admit: () => void;
}

/**
 * Bounds the API calls that are under way: additive increase, multiplicative decrease. A call that fails for the moment
 * (429, 5xx, the network) halves the limit, once for all that were under way with it; as many good answers in a row as
 * the limit is wide raise it by one, up to `max`. Sign-ins and downloads, which are not the API's, pass freely.
 *
 * Holds the calls that wait, first come, first served.
 */
export function withAdaptiveConcurrency(http: HttpClient, { max }: AdaptiveConcurrencyOptions): HttpClient {
  let limit = max;
  let active = 0;
  let good = 0;
  /** Answers to calls that were under way when the limit was halved: they say nothing new. */
  let stale = 0;
  const waiting: Waiter[] = [];

  const enter = (signal: AbortSignal): Promise<void> => {
    if (signal.aborted) return Promise.reject(new AbortedError());
    if (active < limit && waiting.length === 0) {
      active += 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        waiting.splice(waiting.indexOf(waiter), 1);
        reject(new AbortedError());
      };
      const waiter: Waiter = {
        admit: () => {
          signal.removeEventListener('abort', onAbort);
          active += 1;
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      waiting.push(waiter);
    });
  };

  const leave = (verdict: 'good' | 'bad' | 'neither') => {
    active -= 1;
    if (stale > 0) stale -= 1;
    else if (verdict === 'bad') {
      limit = Math.max(1, Math.floor(limit / 2));
      good = 0;
      stale = active;
    } else if (verdict === 'good') {
      good += 1;
      if (good >= limit && limit < max) {
        limit += 1;
        good = 0;
      }
    }
    while (active < limit && waiting.length > 0) waiting.shift()?.admit();
  };

  return async (request, signal) => {
    if (request.route === 'token' || request.route === 'download') return http(request, signal);
    await enter(signal);
    let response: HttpResponse;
    try {
      response = await http(request, signal);
    } catch (error) {
      leave(error instanceof TransientError ? 'bad' : 'neither');
      throw error;
    }
    leave(response.status === 429 || response.status >= 500 ? 'bad' : 'good');
    return response;
  };
}
