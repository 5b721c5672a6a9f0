import { Observable } from 'rxjs';

/**
 * A promise-returning function as a cold Observable: it starts on subscription, and unsubscribing aborts the signal
 * that it was given. The only place where promises enter the pipeline.
 */
export function fromAbortable<T>(start: (signal: AbortSignal) => Promise<T>): Observable<T> {
  return new Observable((subscriber) => {
    const controller = new AbortController();
    let settled = false;
    start(controller.signal).then(
      (value) => {
        settled = true;
        subscriber.next(value);
        subscriber.complete();
      },
      (error: unknown) => {
        settled = true;
        subscriber.error(error);
      },
    );
    return () => {
      if (!settled) controller.abort();
    };
  });
}
