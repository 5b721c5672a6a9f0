import type { JobDocument } from './job-document.js';

/** Silence after which a job of this machine has surely lost its process. */
const ownSilenceMs = 20_000;
/** The same for a job of another machine, whose clock may differ. */
const silenceMs = 60_000;

/** When a job counts as abandoned unless it gives a sign of life; `null` if nobody works on it anyway. */
export function abandonedAt(job: JobDocument, hostname: string): number | null {
  if (job.status !== 'in_progress' && job.status !== 'canceling') return null;
  return (job.lastSeen ?? 0) + (job.workerHostname === hostname ? ownSilenceMs : silenceMs);
}

/** Whether the process that works on a job gives no sign of life any more. */
export function isAbandoned(job: JobDocument, hostname: string, now: number): boolean {
  const at = abandonedAt(job, hostname);
  return at !== null && now >= at;
}

/**
 * The job of a connector that is to be run next, of its open ones in order of their creation: none while another is
 * being worked on; one that has lost its process goes before new ones, since it was begun earlier.
 */
export function nextJob(jobs: readonly JobDocument[], hostname: string, now: number): JobDocument | undefined {
  const active = jobs.filter(({ status }) => status === 'in_progress' || status === 'canceling');
  if (active.some((job) => !isAbandoned(job, hostname, now))) return undefined;
  return (
    active.find(({ status }) => status === 'in_progress') ??
    jobs.find(({ status }) => status === 'suspended') ??
    jobs.find(({ status }) => status === 'pending')
  );
}
