import { interval } from 'rxjs';
import type { Surroundings } from './command-context.js';
import type { Log } from './log.js';
import { type ProgressDeps, progressOf } from './progress.js';

/** Shows how far the run has come: one line that is written over at a terminal, else a line of log every 10 s. */
export function showProgress({ stderr, log }: Surroundings & { readonly log: Log }, deps: ProgressDeps): () => void {
  const progress = progressOf(deps);
  if (stderr.isTTY !== true) {
    const lines = interval(10_000).subscribe({ next: () => log.info(progress()), error: () => {} });
    return () => lines.unsubscribe();
  }
  const clear = '\r\u001b[K';
  const bar = interval(250).subscribe({
    next: () => stderr.write(`${clear}${progress().slice(0, (stderr.columns ?? 80) - 1)}`),
    error: () => {},
  });
  return () => {
    if (bar.closed) return;
    bar.unsubscribe();
    stderr.write(clear);
  };
}
