import { AbortedError } from './errors.js';

/** Time, so that tests can bring their own. Milliseconds everywhere. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `run` once after `ms`; the function returned calls it off. */
  after(ms: number, run: () => void): () => void;
}

/** Node takes a longer time for none at all. */
const longestTimerMs = 2 ** 31 - 1;

/** The real one. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(ms, longestTimerMs));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`, or rejects with `AbortedError` as soon as `signal` is aborted; leaves no timer behind. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new AbortedError());
      return;
    }
    const onAbort = () => {
      cancel();
      reject(new AbortedError());
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
