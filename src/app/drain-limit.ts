import type { Clock } from '../core/clock.js';

export interface DrainLimit {
  /** Aborted when what is under way has had its time to end. */
  readonly signal: AbortSignal;
  /** Calls it off. */
  readonly cancel: () => void;
}

/** Once `stop` is aborted, what is under way has `ms` to end well. */
export function drainLimit(clock: Clock, stop: AbortSignal, ms: number): DrainLimit {
  const over = new AbortController();
  let cancelTimer = () => {};
  const begin = () => {
    cancelTimer = clock.after(ms, () => over.abort());
  };
  if (stop.aborted) begin();
  else stop.addEventListener('abort', begin, { once: true });
  return {
    signal: over.signal,
    cancel: () => {
      stop.removeEventListener('abort', begin);
      cancelTimer();
    },
  };
}
