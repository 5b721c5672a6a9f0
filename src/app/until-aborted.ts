import type { Observable } from 'rxjs';
import { AbortedError, StageError } from '../core/errors.js';

/**
 * Runs to the end; an abort unsubscribes, which cancels every call within a tick, and rejects with `AbortedError`, or with
 * the fault that it was for.
 */
export function untilAborted(work: Observable<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const subscription = work.subscribe({ complete: resolve, error: reject });
    const abort = () => {
      subscription.unsubscribe();
      // A fault somewhere else may be why.
      reject(signal.reason instanceof StageError ? signal.reason : new AbortedError());
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
