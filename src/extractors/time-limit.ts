import type { Clock } from '../core/clock.js';

export interface TimeLimit {
  /** Does not count the time that `work` takes. */
  paused<T>(work: () => Promise<T>): Promise<T>;
  stop(): void;
}

/** Calls `onEnd` when `ms` have been used up; time that the work spends waiting for something of ours is not used. */
export function timeLimit(clock: Clock, ms: number, onEnd: () => void): TimeLimit {
  let left = ms;
  let since = clock.now();
  let isStopped = false;
  let cancel = clock.after(left, onEnd);
  const stop = () => {
    isStopped = true;
    cancel();
  };
  return {
    paused: async (work) => {
      cancel();
      left -= clock.now() - since;
      try {
        return await work();
      } finally {
        since = clock.now();
        if (!isStopped) cancel = clock.after(Math.max(0, left), onEnd);
      }
    },
    stop,
  };
}
