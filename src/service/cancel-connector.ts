import { exitCodes } from '../app/exit-codes.js';
import { sleep } from '../core/clock.js';
import { TransientError } from '../core/errors.js';
import type { ConnectorTools } from './connector-tools.js';
import { findConnector } from './find-connector.js';

const lookEveryMs = 500;
/** A service answers within 5 s; one that is gone is noticed by the next after a minute. */
const patienceMs = 90_000;

/**
 * Cancels all jobs of a connector that have not ended, and waits until they have. Rejects if one that runs is not
 * cancelled in time: nobody is there who could.
 */
export async function cancelConnector(
  { protocol, clock, log, say, stop }: Pick<ConnectorTools, 'protocol' | 'clock' | 'log' | 'say' | 'stop'>,
  { id, json }: { readonly id: string; readonly json: boolean },
): Promise<number> {
  await findConnector(protocol, id);
  const open = await protocol.openJobs([id]);
  if (open.length === 0) log.info(`The connector "${id}" has no job that waits or runs`);
  for (const job of open) await protocol.cancelJob(job.id);
  const until = clock.now() + patienceMs;
  for (const { id: jobId } of open) {
    let job = await protocol.job(jobId);
    if (job?.status === 'canceling') log.info(`Waiting for the service to end the job ${jobId}`);
    while (job?.status === 'in_progress' || job?.status === 'canceling') {
      if (clock.now() > until) {
        throw new TransientError(
          `Cannot see the end of the job "${jobId}": it is still ${job.status} after ${patienceMs / 1_000} s, expected a service that runs with this connector. The next one that starts closes it`,
        );
      }
      await sleep(clock, lookEveryMs, stop);
      job = await protocol.job(jobId);
    }
    const status = job?.status ?? 'gone';
    say(json ? JSON.stringify({ id: jobId, connector_id: id, status }) : `Job ${jobId} is ${status}`);
  }
  return exitCodes.complete;
}
