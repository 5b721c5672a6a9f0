import { type Observable, finalize } from 'rxjs';
import { AbortedError, StageError } from '../core/errors.js';

/**
 * Runs to the end; an abort unsubscribes, which cancels every call within a tick, and rejects with `AbortedError`, or with
 * the fault that it was for.
 */
export function untilAborted(work: Observable<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = () => signal.removeEventListener('abort', abort);
    const abort = () => {
      try {
        subscription.unsubscribe();
      } finally {
        // A fault somewhere else may be why.
        reject(signal.reason instanceof StageError ? signal.reason : new AbortedError());
      }
    };
    // Whoever stays a listener of a service's signal is held by it, with all that a run has had.
    const subscription = work.pipe(finalize(ended)).subscribe({ complete: resolve, error: reject });
    if (signal.aborted) abort();
    else if (!subscription.closed) signal.addEventListener('abort', abort, { once: true });
  });
}
