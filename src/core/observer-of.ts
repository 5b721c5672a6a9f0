import type { Observer, Subscriber } from 'rxjs';

/**
 * What an operator subscribes to its source with. Whatever one of the callbacks throws becomes the error of the stream,
 * and with it the end of the run. (RxJS itself reports what a bare callback throws to nobody: the stream would go on
 * without that value, or stand still.) After the end nothing is passed on: a synchronous source does not hear of it.
 */
export function observerOf<A>(
  subscriber: Subscriber<never>,
  callbacks: {
    readonly next: (value: A) => void;
    readonly complete?: () => void;
    readonly error?: (error: unknown) => void;
  },
): Observer<A> {
  return {
    next(value) {
      if (subscriber.closed) return;
      try {
        callbacks.next(value);
      } catch (error) {
        subscriber.error(error);
      }
    },
    error(error: unknown) {
      try {
        callbacks.error?.(error);
      } finally {
        subscriber.error(error);
      }
    },
    complete() {
      if (subscriber.closed) return;
      try {
        if (callbacks.complete === undefined) subscriber.complete();
        else callbacks.complete();
      } catch (error) {
        subscriber.error(error);
      }
    },
  };
}
