import { asyncScheduler } from 'rxjs';
import { boxAccess } from '../app/box-access.js';
import { connectorStatePath } from '../app/connector-state-path.js';
import { elasticsearchTarget } from '../app/elasticsearch-target.js';
import { explainResult } from '../app/explain-result.js';
import { followedSync } from '../app/followed-sync.js';
import { settledBytes } from '../app/settled-bytes.js';
import { AbortedError } from '../core/errors.js';
import type { Outcome } from '../core/outcome.js';
import { retrying } from '../core/retry.js';
import { Waits } from '../core/waits.js';
import type { Store } from '../state/store.js';
import { type ClaimedJob, releaseJob } from './claim-job.js';
import { checkConfigurationValues } from './configuration-values.js';
import { connectorConfig } from './connector-config.js';
import type { ConnectorDocument } from './connector-document.js';
import { withConnectorState } from './connector-state.js';
import { activeProblem, activeRules } from './filtering.js';
import { JobCounter } from './job-counter.js';
import { bytesPerMiB, type JobCounts, withoutSecrets } from './job-document.js';
import { endOfRun, failureText, type JobEnd } from './job-end.js';
import { type Interference, watchJob } from './job-watch.js';
import type { ServiceDeps } from './service-deps.js';
import { writeBackTokens } from './write-back-tokens.js';

/** The fact in a state that says whose run it holds. */
const jobFact = 'service.job';

/** How long the count at the end may take. */
const countMs = 10_000;

interface Ended extends JobEnd {
  readonly total: number | null;
  /** It went to an end, but not everything could be read, written or deleted. */
  readonly incomplete?: boolean;
}

/**
 * Runs a job that was claimed, to its end: one run on the connector's own state, its counts written as it goes, and then
 * how it ended on the job and on the connector. Cancelled while it runs, it stops with all calls; when the service
 * stops, it is suspended, and goes on from there the next time.
 *
 * Resolves to whether it is over: not if it was put back, or is another's by now. Never rejects for what is wrong with
 * the job; rejects if its end could not be written, and then the job counts as abandoned after a while.
 */
export async function runJob(
  deps: ServiceDeps,
  claimed: ClaimedJob,
  connector: ConnectorDocument,
  apiKey: string | null,
): Promise<boolean> {
  const { protocol, clock, config, endpoint, log } = deps;
  const { job } = claimed;
  const counts = new JobCounter(job.counts);
  const cancel = new AbortController();
  const reason: { lost: boolean } = { lost: false };
  const interfere = (why: Interference) => {
    reason.lost ||= why === 'lost';
    cancel.abort();
  };
  const stopWatching = watchJob(deps, claimed, { report: () => fieldsOf(counts.now()), interfere });
  try {
    await protocol.updateConnector(connector.id, { last_sync_status: 'in_progress', last_seen: isoNow(deps) });
  } catch (error) {
    log.warn(`The connector could not be told that its job runs: ${failureText(error)}`);
  }
  log.info(`Job ${job.id} (${job.type}) ${job.status === 'pending' ? 'begins' : 'is gone on with'}`);

  let ended: Ended | undefined;
  try {
    ended = await withConnectorState(connectorStatePath(config, connector.id), deps, (store) =>
      runInState(deps, { claimed, connector, apiKey, store, counts, cancel: cancel.signal }),
    );
  } catch (error) {
    log.debug(error, 'Job failed');
    ended = { status: 'error', error: failureText(error), total: null };
  }
  await stopWatching();
  if (reason.lost) {
    log.warn(`Job ${job.id} is not this process's any more: nothing is written to it`);
    return false;
  }
  if (ended === undefined) {
    log.warn(`Job ${job.id} waits: another process works on the state of its connector`);
    await releaseJob(deps, claimed);
    return false;
  }
  await writeEnd(deps, claimed, connector, ended, counts.now());
  const { status, error, incomplete = false } = ended;
  endpoint?.figures
    .of(connector.id)
    .ended(status === 'error' ? (incomplete ? 'incomplete' : 'failed') : status, clock.now());
  log[status === 'error' ? 'warn' : 'info'](`Job ${job.id} is ${status}${error === null ? '' : `: ${error}`}`);
  return true;
}

interface Inside {
  readonly claimed: ClaimedJob;
  readonly connector: ConnectorDocument;
  readonly apiKey: string | null;
  readonly store: Store;
  readonly counts: JobCounter;
  readonly cancel: AbortSignal;
}

async function runInState(
  deps: ServiceDeps,
  { claimed: { job }, connector, apiKey, store, counts, cancel }: Inside,
): Promise<Ended> {
  const { random, log, env, version, stop } = deps;
  const waits = new Waits(deps.clock);
  const { clock } = waits;
  const abort = AbortSignal.any([deps.abort, cancel]);
  const checked = checkConfigurationValues(connector.configuration, deps.config);
  const problem =
    'problem' in checked
      ? checked.problem
      : connector.indexName === null
        ? 'Cannot sync: the connector has no index, expected one to be attached to it'
        : activeProblem(connector.filtering);
  if ('problem' in checked || problem !== null || connector.indexName === null) {
    return { status: 'error', error: problem, total: null };
  }
  const config = connectorConfig(deps.config, {
    values: checked.values,
    indexName: connector.indexName,
    pipeline: job.pipeline ?? connector.pipeline,
    rules: activeRules(connector.filtering),
    apiKey,
  });
  const isSameJob = store.facts.get(jobFact) === job.id;
  store.facts.set(jobFact, job.id);
  const kept = { tokens: store.tokens, configured: checked.values.refreshToken };
  const { tokens, done } = writeBackTokens(deps, connector.id, kept);
  const access = boxAccess({ clock, random, log, tokens, env, version }, config);
  const target = elasticsearchTarget(
    { clock, random, log, version, scheduler: waits.scheduler(asyncScheduler) },
    config,
  );
  const total = async () => {
    try {
      return await target.count(AbortSignal.any([deps.kill, AbortSignal.timeout(countMs)]));
    } catch (error) {
      log.warn(`The documents of the index could not be counted: ${failureText(error)}`);
      return null;
    }
  };
  const accepted = (outcome: Outcome['kind'], bytes: number) => {
    if (outcome === 'written') counts.accepted(bytes);
  };
  const asked = () => (cancel.aborted ? 'cancel' : stop.aborted || deps.abort.aborted ? 'suspend' : 'nothing');
  try {
    const result = await followedSync(
      deps.endpoint?.figures.of(connector.id) ?? null,
      {
        store,
        access,
        target: { ...target, sink: (source) => settledBytes(target.sink, accepted)(source) },
        clock,
        waits,
        random,
        log,
        stop,
        abort,
        onRun: (run) => counts.follow(() => run.tally.report(), isSameJob),
      },
      { config, kind: job.type === 'full' ? 'full' : 'incremental', rewrite: false, allowDeletes: job.allowDeletes },
    );
    explainResult(result, log, config);
    const end = endOfRun(result, asked());
    return { ...end, total: end.status === 'suspended' ? null : await total(), incomplete: result.state !== 'failed' };
  } catch (error) {
    if (error instanceof AbortedError && asked() !== 'nothing') {
      return { status: asked() === 'cancel' ? 'canceled' : 'suspended', error: null, total: null };
    }
    log.debug(error, 'Run failed');
    return { status: 'error', error: failureText(error), total: await total() };
  } finally {
    await target.close();
    await access.close();
    await done();
  }
}

async function writeEnd(
  deps: ServiceDeps,
  { job, startedAt }: ClaimedJob,
  connector: ConnectorDocument,
  { status, error, total }: Ended,
  counts: JobCounts,
): Promise<void> {
  const { protocol, clock, random, kill } = deps;
  const now = isoNow(deps);
  const isOver = status !== 'suspended';
  const numbers = { ...fieldsOf(counts), ...(total === null ? {} : { total_document_count: total }) };
  await retrying(
    async () => {
      const current = await protocol.job(job.id);
      const isOurs = current?.startedAt === startedAt;
      if (isOurs) {
        await protocol.updateJob(job.id, {
          ...numbers,
          status,
          error,
          last_seen: now,
          ...(isOver && { completed_at: now }),
          ...(status === 'canceled' && { canceled_at: now }),
          ...(isOver && withoutSecrets(current)),
        });
      }
      await protocol.updateConnector(connector.id, {
        last_sync_status: status,
        last_seen: now,
        ...(isOver && {
          last_synced: now,
          last_indexed_document_count: counts.indexed,
          last_deleted_document_count: counts.deleted,
        }),
        // An error stays until a sync succeeds.
        ...(status === 'completed' && { status: 'connected', error: null, last_sync_error: null }),
        ...(status === 'error' && { status: 'error', error, last_sync_error: error }),
      });
    },
    {
      clock,
      random,
      maxAttempts: 20,
      maxElapsedMs: 120_000,
    },
    kill,
  );
}

function fieldsOf({ indexed, deleted, volume }: JobCounts): Readonly<Record<string, number>> {
  return {
    indexed_document_count: indexed,
    deleted_document_count: deleted,
    // Whole MiB, as Elastic's service writes it; the field is a whole number in its mapping.
    indexed_document_volume: Math.round(volume / bytesPerMiB),
  };
}

function isoNow({ clock }: Pick<ServiceDeps, 'clock'>): string {
  return new Date(clock.now()).toISOString();
}
