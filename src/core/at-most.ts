import type { Clock } from './clock.js';

/**
 * Waits for `work`, but no longer than `ms`: resolves to whether it has ended. What it rejects with in that time is passed
 * on; later it is nobody's. For what should end by itself, and must not keep the rest from ending.
 */
export function atMost(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve(false));
    work.then(
      () => {
        cancel();
        resolve(true);
      },
      (error: unknown) => {
        cancel();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
