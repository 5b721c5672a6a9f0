import { Observable } from 'rxjs';

/** Emits once `signal` is aborted, at once if it is already, and completes. (`fromEvent` misses the latter.) */
export function whenAborted(signal: AbortSignal): Observable<void> {
  return new Observable((subscriber) => {
    const emit = () => {
      subscriber.next();
      subscriber.complete();
    };
    if (signal.aborted) {
      emit();
      return undefined;
    }
    signal.addEventListener('abort', emit, { once: true });
    return () => signal.removeEventListener('abort', emit);
  });
}
