import type { JobDocument } from './job-document.js';
import { isAbandoned } from './job-ownership.js';
import type { ServiceDeps } from './service-deps.js';

/** A job that this process works on, as it was before; `startedAt` tells this claim from every other. */
export interface ClaimedJob {
  readonly job: JobDocument;
  readonly startedAt: string;
}

/**
 * Takes a job, if it is still as it was read: of several services that try, one succeeds. Should two of them have taken
 * two jobs of one connector at the same moment, both see it and put theirs back: each tries again at its next look.
 */
export async function claimJob(
  { protocol, clock, hostname }: Pick<ServiceDeps, 'protocol' | 'clock' | 'hostname'>,
  job: JobDocument,
): Promise<ClaimedJob | undefined> {
  const startedAt = new Date(clock.now()).toISOString();
  const state = await protocol.changeJob(
    job.id,
    { status: 'in_progress', started_at: startedAt, last_seen: startedAt, worker_hostname: hostname, error: null },
    job,
  );
  if (state === undefined) return undefined;
  const claimed = { job, startedAt };
  const others = (await protocol.openJobs([job.connectorId])).filter(
    (other) =>
      other.id !== job.id &&
      (other.status === 'in_progress' || other.status === 'canceling') &&
      !isAbandoned(other, hostname, clock.now()),
  );
  if (others.length === 0) return claimed;
  await protocol.changeJob(job.id, { status: waitingStatus(job) }, state);
  return undefined;
}

/** Gives a job back that could not be begun. */
export async function releaseJob({ protocol }: Pick<ServiceDeps, 'protocol'>, claimed: ClaimedJob): Promise<void> {
  const now = await protocol.job(claimed.job.id);
  if (now?.status !== 'in_progress' || now.startedAt !== claimed.startedAt) return;
  await protocol.changeJob(now.id, { status: waitingStatus(claimed.job) }, now);
}

/** One that was begun before is gone on with. */
function waitingStatus({ status }: JobDocument): string {
  return status === 'pending' ? 'pending' : 'suspended';
}
