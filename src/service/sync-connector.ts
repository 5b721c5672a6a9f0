import { exitCodes } from '../app/exit-codes.js';
import type { SyncRequest } from '../app/connector-request.js';
import { sleep } from '../core/clock.js';
import { AbortedError, ConfigError, PermanentError } from '../core/errors.js';
import { retrying } from '../core/retry.js';
import type { ConnectorDocument } from './connector-document.js';
import type { ConnectorTools } from './connector-tools.js';
import { findConnector } from './find-connector.js';
import type { JobDocument } from './job-document.js';
import { isIncomplete } from './job-end.js';
import { jobJson } from './job-json.js';
import { newJob } from './new-job.js';

type Tools = Pick<ConnectorTools, 'protocol' | 'clock' | 'random' | 'log' | 'say' | 'newId' | 'stop'>;

const lookEveryMs = 1_000;
/** How long a job may wait before the person is told that nobody has taken it. */
const patienceMs = 20_000;

/**
 * Creates a job for the service that has the connector, and with `follow` shows its progress until it ends. Resolves to
 * the exit code of the sync: complete, failed, incomplete, or interrupted if it was cancelled or the person has seen
 * enough, and then the job goes on.
 */
export async function syncConnector(tools: Tools, request: SyncRequest): Promise<number> {
  const { protocol, clock, log, say } = tools;
  const connector = await findConnector(protocol, request.id);
  const problem = whyNot(connector);
  if (problem !== null) throw new ConfigError([`Cannot sync the connector "${request.id}": ${problem}`]);
  const [before] = await protocol.openJobs([connector.id]);
  if (before !== undefined)
    log.info(`The job ${before.id} of this connector is ${before.status}: this one comes after it`);
  const id = tools.newId();
  const { type: kind, allowDeletes } = request;
  await protocol.createJob(
    id,
    newJob(connector, { kind, trigger: 'on_demand', now: new Date(clock.now()), allowDeletes }),
  );
  if (!request.follow) {
    if (request.json) say(JSON.stringify({ id, connector_id: connector.id, status: 'pending' }));
    else say(`Job ${id} (${kind}) is created; "connector show ${connector.id}" says how it gets on`);
    return exitCodes.complete;
  }
  log.info(`Job ${id} (${kind}) is created`);
  try {
    const job = await followed(tools, id, !request.json);
    if (request.json) say(JSON.stringify(jobJson(job)));
    else say(`Job ${id} is ${job.status}: ${countsOf(job)}${job.error === null ? '' : `: ${job.error}`}`);
    return exitCodeOf(job);
  } catch (error) {
    if (!(error instanceof AbortedError)) throw error;
    log.warn(`Job ${id} goes on without being watched; "connector cancel" ends it`);
    return exitCodes.interrupted;
  }
}

function whyNot({ status, indexName }: ConnectorDocument): string | null {
  if (indexName === null) return 'it has no index, expected one to be attached to it in Kibana';
  if (status === 'created' || status === 'needs_configuration') {
    return `it is ${status}, expected its form to be filled in, in Kibana or by "connector create --from-config"`;
  }
  return null;
}

/** The job when it has ended. One that is suspended is waited for: the next service goes on with it. */
async function followed({ protocol, clock, random, log, say, stop }: Tools, id: string, isSaid: boolean) {
  const startedAt = clock.now();
  let last = '';
  let isPatient = true;
  for (;;) {
    const job = await retrying(() => protocol.job(id), { clock, random, maxAttempts: 20, maxElapsedMs: 60_000 }, stop);
    if (job === undefined) {
      throw new PermanentError(`Cannot follow the job "${id}": it is gone, expected it to stay until it has ended`);
    }
    if (isOver(job)) return job;
    const line = `${job.status}: ${countsOf(job)}`;
    if (isSaid && line !== last) say(line);
    last = line;
    if (isPatient && job.status === 'pending' && clock.now() - startedAt > patienceMs) {
      isPatient = false;
      log.warn(
        `No service has taken the job for ${patienceMs / 1_000} s, expected one that runs with "${job.connectorId}" under "connectors"`,
      );
    }
    await sleep(clock, lookEveryMs, stop);
  }
}

function isOver({ status }: JobDocument): boolean {
  return status === 'completed' || status === 'error' || status === 'canceled';
}

function countsOf({ counts, total }: JobDocument): string {
  const all = total === null ? '' : `, ${total} in the index`;
  return `${counts.indexed} indexed, ${counts.deleted} deleted${all}`;
}

function exitCodeOf({ status, error }: JobDocument): number {
  if (status === 'completed') return exitCodes.complete;
  if (status === 'canceled') return exitCodes.interrupted;
  return isIncomplete(error) ? exitCodes.incomplete : exitCodes.failed;
}
