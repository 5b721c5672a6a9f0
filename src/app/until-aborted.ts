import type { Observable } from 'rxjs';
import { AbortedError } from '../core/errors.js';

/** Runs to the end; an abort unsubscribes, which cancels every call within a tick. */
export function untilAborted(work: Observable<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const subscription = work.subscribe({ complete: resolve, error: reject });
    const abort = () => {
      subscription.unsubscribe();
      reject(new AbortedError());
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
