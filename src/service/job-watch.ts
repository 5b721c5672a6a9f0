import type { ClaimedJob } from './claim-job.js';
import type { ServiceDeps } from './service-deps.js';

/** Why a job must not go on: somebody cancels it, or it is another's or nobody's by now. */
export type Interference = 'cancel' | 'lost';

/** How often a job looks whether it is still wanted. Together with the end of the run this stays below 5 s. */
const lookEveryMs = 2_000;
const reportEveryMs = 10_000;

/**
 * While a job runs: has its counts written every 10 s, and looks every 2 s whether it is still to go on. Failures of
 * Elasticsearch are waited out. Returns what stops it, which resolves when nothing more will be written.
 */
export function watchJob(
  { protocol, clock, log }: Pick<ServiceDeps, 'protocol' | 'clock' | 'log'>,
  { job, startedAt }: ClaimedJob,
  on: { readonly report: () => Readonly<Record<string, unknown>>; readonly interfere: (why: Interference) => void },
): () => Promise<void> {
  const running = { current: true };
  const timers = new Set<() => void>();
  let underWay: Promise<unknown> = Promise.resolve();

  const every = (ms: number, work: () => Promise<void>) => {
    const next = () => {
      const cancel = clock.after(ms, () => {
        timers.delete(cancel);
        if (!running.current) return;
        const done = work().catch((error: unknown) => log.warn(`The job could not be looked after: ${String(error)}`));
        underWay = Promise.all([underWay, done]).then(() => undefined);
        void done.then(() => {
          if (running.current) next();
        });
      });
      timers.add(cancel);
    };
    next();
  };

  every(lookEveryMs, async () => {
    const now = await protocol.job(job.id);
    if (!running.current) return;
    if (now === undefined || now.startedAt !== startedAt) on.interfere('lost');
    else if (now.status === 'canceling') on.interfere('cancel');
    else if (now.status !== 'in_progress') on.interfere('lost');
  });
  every(reportEveryMs, async () => {
    await protocol.updateJob(job.id, { ...on.report(), last_seen: new Date(clock.now()).toISOString() });
  });

  return async () => {
    running.current = false;
    for (const cancel of timers) cancel();
    await underWay;
  };
}
