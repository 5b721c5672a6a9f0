import { firstValueFrom } from 'rxjs';
import { AdmissionQueue } from '../core/admission-queue.js';
import { atMost } from '../core/at-most.js';
import { AbortedError } from '../core/errors.js';
import { claimJob } from './claim-job.js';
import type { ConnectorDocument } from './connector-document.js';
import { ConnectorWatch } from './connector-watch.js';
import { type JobDocument, withoutSecrets } from './job-document.js';
import { failureText } from './job-end.js';
import { abandonedAt, isAbandoned, nextJob } from './job-ownership.js';
import { pingBox } from './ping-box.js';
import type { ConnectorSelection } from './protocol.js';
import { runJob } from './run-job.js';
import { selectedConnectors } from './selected-connectors.js';
import { scheduleMemory } from './schedule-memory.js';
import type { ServiceDeps, WholeServiceDeps } from './service-deps.js';

/** Two looks are at least this far apart, whatever wakes the service. */
const shortestPauseMs = 50;

/** What is cut off has so long to put away what it has: a sign-in to Box that is under way, first of all. */
const longestEndMs = 6_000;

/** How many of the things that are not waited for are named. */
const mostNamed = 10;

/** Each has a state open and a connection to Box: with hundreds of connectors, at their start, that would be a lot. */
const pingsAtOnce = 16;

/**
 * Runs all connectors of the configuration until `stop` is aborted: looks every `service.idling` seconds (and when
 * something is known to be due) at connectors and jobs, has a watch for each connector, and runs jobs, at most
 * `service.max_concurrent_content_syncs` at once and one for a connector. Then suspends what runs and resolves.
 *
 * Rejects when more than `service.max_errors` looks have failed within `service.max_errors_span` seconds, once the jobs
 * that run have ended. Whatever it is, `kill` ends it within seconds, and the log says what is not waited for.
 */
export async function runService(deps: WholeServiceDeps): Promise<void> {
  const { clock, kill } = deps;
  const service = new Service(deps);
  const ended = (async () => {
    try {
      await service.run();
    } finally {
      await service.drained();
    }
  })();
  await new Promise<void>((resolve, reject) => {
    const onKill = () => {
      service.sayWhatIsLeft();
      // Everything listens to the same signal; should something not, it is not waited for.
      atMost(clock, longestEndMs, ended).then(() => resolve(), reject);
    };
    ended.then(resolve, reject).finally(() => kill.removeEventListener('abort', onKill));
    kill.addEventListener('abort', onKill, { once: true });
    if (kill.aborted) onKill();
  });
}

class Service {
  readonly #deps: WholeServiceDeps;
  readonly #watches = new Map<string, ConnectorWatch>();
  /** By connector. */
  readonly #running = new Map<string, { readonly job: string; readonly ended: Promise<void> }>();
  readonly #looks = new Set<Promise<void>>();
  readonly #pings = new AdmissionQueue(pingsAtOnce);
  /** Connectors with a job that waits for the look that is under way. */
  readonly #held = new Set<string>();
  /** Connectors that the log has said to be missing. */
  readonly #missing = new Set<string>();
  /** Connectors that the log has said to be of another type. */
  readonly #foreign = new Set<string>();
  #isLooking = false;
  #failures: readonly number[] = [];
  #cleanedAt = Number.NEGATIVE_INFINITY;
  #wake: () => void = () => {};
  #woken = false;

  constructor(deps: WholeServiceDeps) {
    this.#deps = deps;
  }

  #depsOf(connectorId: string): ServiceDeps {
    return { ...this.#deps, protocol: this.#deps.protocols.of(connectorId) };
  }

  async run(): Promise<void> {
    const { clock, config, endpoint, log, stop } = this.#deps;
    const { service } = config;
    while (!stop.aborted) {
      let nextLookAt = clock.now() + service.idling * 1_000;
      this.#isLooking = true;
      try {
        nextLookAt = Math.min(nextLookAt, await this.#look());
        endpoint?.ready();
      } catch (error) {
        if (error instanceof AbortedError) return;
        log.error(`The connectors could not be looked at: ${failureText(error)}`);
        const since = clock.now() - service.max_errors_span * 1_000;
        this.#failures = [...this.#failures.filter((at) => at > since), clock.now()];
        if (this.#failures.length > service.max_errors) {
          this.#sayGivenUp();
          throw error;
        }
      } finally {
        this.#isLooking = false;
      }
      // Never longer than that, whatever the clock is set to meanwhile.
      const pauseMs = Math.min(nextLookAt - clock.now(), service.idling * 1_000);
      await this.#pause(Math.max(pauseMs, shortestPauseMs));
    }
  }

  /** Everything that was begun has ended. */
  async drained(): Promise<void> {
    await Promise.all([...[...this.#running.values()].map(({ ended }) => ended), ...this.#looks]);
  }

  /** Before the jobs that still run have ended, which may take hours. */
  #sayGivenUp(): void {
    const { config, log } = this.#deps;
    const { max_errors: most, max_errors_span: span } = config.service;
    const jobs = this.#running.size;
    const first = jobs === 0 ? '' : `; before that it waits for what runs: ${named(this.#jobs())}`;
    log.error(
      `The service gives up and ends: more than ${most} looks at the connectors have failed within ${span} s (service.max_errors)${first}. Look whether Elasticsearch answers, and start it again`,
    );
  }

  /** Says what is not waited for any longer, if there is something. */
  sayWhatIsLeft(): void {
    const looks = [...this.#watches].filter(([, { looking }]) => looking).map(([id]) => `the look at "${id}"`);
    const left = [...this.#jobs(), ...looks, ...(this.#isLooking ? ['the look for connectors and jobs'] : [])];
    if (left.length === 0) return;
    this.#deps.log.warn(
      `The end of the service does not wait any longer for ${named(left)}. Look whether Elasticsearch and Box answer; a job whose end could not be written is gone on with once a service runs again`,
    );
  }

  #jobs(): readonly string[] {
    return [...this.#running].map(([connector, { job }]) => `the job ${job} of "${connector}"`);
  }

  /** One look at everything; resolves to when the next is due at the latest. */
  async #look(): Promise<number> {
    const { protocols, clock, config, hostname } = this.#deps;
    const selection = selectedConnectors(config);
    const found = await protocols.overview.connectors(selection);
    this.#sayMissing(selection, found);
    const connectors = found.filter((connector) => this.#isOurs(connector));
    for (const connector of connectors) this.#deps.endpoint?.figures.of(connector.id).seen(figuresOf(connector));
    const ids = connectors.map(({ id }) => id);
    const jobs = ids.length === 0 ? [] : await protocols.overview.openJobs(ids);
    const jobsOf = (id: string) => jobs.filter(({ connectorId }) => connectorId === id);
    await this.#closeDead(jobs);
    // Before the looks, which may take long: what waits for one is begun when it has ended.
    this.#dispatch(connectors, jobsOf);
    for (const connector of connectors) {
      const { id } = connector;
      const running = this.#running.has(id);
      const watch = this.#watchOf(id);
      if (watch.looking) continue;
      const look = watch.look(connector, { busy: running || jobsOf(id).length > 0, running });
      this.#looks.add(look);
      void look.then(() => {
        this.#looks.delete(look);
        if (this.#held.delete(id)) this.#wakeUp();
      });
    }
    const now = clock.now();
    if (now - this.#cleanedAt >= config.service.job_cleanup_interval * 1_000) {
      await this.#endOrphans();
      this.#cleanedAt = now;
    }
    const foreign = jobs.filter(({ connectorId }) => !this.#running.has(connectorId));
    const due = [
      ...foreign.map((job) => abandonedAt(job, hostname)),
      ...[...this.#watches.values()].map(({ nextLookAt }) => nextLookAt),
    ].filter((at) => at !== null);
    return Math.min(...due.filter((at) => at > now), Number.POSITIVE_INFINITY);
  }

  #watchOf(id: string): ConnectorWatch {
    const known = this.#watches.get(id);
    if (known !== undefined) return known;
    const log = this.#deps.log.child({ connector: id });
    const deps = this.#depsOf(id);
    const watch = new ConnectorWatch({
      ...deps,
      log,
      heartbeatMs: this.#deps.config.service.heartbeat * 1_000,
      ping: async (values) => {
        await firstValueFrom(this.#pings.admit(1));
        try {
          return await pingBox({ ...deps, log }, id, values);
        } finally {
          this.#pings.release(1);
        }
      },
      memory: scheduleMemory(this.#deps, id),
      onJob: () => this.#wakeUp(),
    });
    this.#watches.set(id, watch);
    return watch;
  }

  /** Begins jobs, the oldest first, as long as there are slots. */
  #dispatch(connectors: readonly ConnectorDocument[], jobsOf: (connectorId: string) => readonly JobDocument[]): void {
    const { clock, config, hostname, stop } = this.#deps;
    const next = connectors
      .filter(({ id }) => !this.#running.has(id))
      .flatMap((connector) => {
        const job = nextJob(jobsOf(connector.id), hostname, clock.now());
        if (job === undefined) return [];
        if (!this.#watchOf(connector.id).looking) return [{ connector, job }];
        this.#held.add(connector.id);
        return [];
      })
      .toSorted((one, other) => (one.job.createdAt ?? 0) - (other.job.createdAt ?? 0));
    for (const { connector, job } of next) {
      if (stop.aborted || this.#running.size >= config.service.max_concurrent_content_syncs) return;
      const log = this.#deps.log.child({ connector: connector.id, job: job.id });
      const ended = this.#run(connector, job)
        .catch((error: unknown) => {
          log.error(`The job could not be finished: ${failureText(error)}`);
          return false;
        })
        .then((isOver) => {
          this.#running.delete(connector.id);
          // One that was put back waits for the next look.
          if (isOver) this.#wakeUp();
        });
      this.#running.set(connector.id, { job: job.id, ended });
    }
  }

  /** Resolves to whether the job is over, so that the next can begin. */
  async #run({ id }: ConnectorDocument, job: JobDocument): Promise<boolean> {
    const { config, log } = this.#deps;
    const deps = { ...this.#depsOf(id), log: log.child({ connector: id, job: job.id }) };
    if (job.type !== 'full' && job.type !== 'incremental') {
      await this.#end(job, 'error', `Cannot run a job of the type "${job.type}": expected full or incremental`);
      return true;
    }
    const claimed = await claimJob(deps, job);
    if (claimed === undefined) return false;
    // As it is now: somebody may have changed it since the last look.
    const connector = await deps.protocol.connector(id);
    if (connector === undefined) return false;
    const entry = config.connectors.find(({ connector_id }) => connector_id === id);
    return runJob(deps, claimed, connector, entry?.api_key ?? null);
  }

  /** Jobs that were to be cancelled when their process was lost. */
  async #closeDead(jobs: readonly JobDocument[]): Promise<void> {
    const { clock, hostname, protocols } = this.#deps;
    for (const job of jobs) {
      if (job.status !== 'canceling' || this.#running.has(job.connectorId)) continue;
      if (!isAbandoned(job, hostname, clock.now())) continue;
      await this.#end(job, 'canceled', null);
      await protocols.of(job.connectorId).updateConnector(job.connectorId, { last_sync_status: 'canceled' });
    }
  }

  /** Jobs whose connector does not exist any more. */
  async #endOrphans(): Promise<void> {
    const { overview } = this.#deps.protocols;
    const active = (await overview.openJobs(null)).filter(
      ({ status }) => status === 'in_progress' || status === 'canceling',
    );
    const ids = [...new Set(active.map(({ connectorId }) => connectorId))];
    const unknown = new Set(await overview.unknownConnectors(ids));
    for (const job of active) {
      if (unknown.has(job.connectorId)) {
        await this.#end(job, 'error', 'The connector of this job does not exist any more');
      }
    }
  }

  async #end(job: JobDocument, status: 'error' | 'canceled', error: string | null): Promise<void> {
    const now = new Date(this.#deps.clock.now()).toISOString();
    const at = { completed_at: now, ...(status === 'canceled' && { canceled_at: now }) };
    const protocol = this.#deps.protocols.of(job.connectorId);
    const state = await protocol.changeJob(job.id, { status, error, ...at, ...withoutSecrets(job) }, job);
    if (state !== undefined)
      this.#deps.log.info({ job: job.id }, `A job was closed as ${status}${error === null ? '' : `: ${error}`}`);
  }

  /** A connector of another type is left to its own service. */
  #isOurs({ id, serviceType }: ConnectorDocument): boolean {
    const isOurs = serviceType === null || serviceType === 'box';
    if (isOurs) this.#foreign.delete(id);
    else if (!this.#foreign.has(id)) {
      this.#foreign.add(id);
      this.#deps.log.warn(`The connector "${id}" is left alone: its service_type is ${serviceType}, not box`);
    }
    return isOurs;
  }

  #sayMissing({ ids }: ConnectorSelection, found: readonly ConnectorDocument[]): void {
    for (const id of ids) {
      if (found.some((connector) => connector.id === id)) this.#missing.delete(id);
      else if (!this.#missing.has(id)) {
        this.#missing.add(id);
        this.#deps.log.warn(
          `Cannot find the connector "${id}" of the configuration in Elasticsearch: expected the id that Kibana shows. It is looked for again`,
        );
      }
    }
  }

  #wakeUp(): void {
    this.#woken = true;
    this.#wake();
  }

  /** Until it is time, something has happened, or the service stops. */
  async #pause(ms: number): Promise<void> {
    const { clock, stop } = this.#deps;
    await new Promise<void>((resolve) => {
      const end = () => {
        cancel();
        stop.removeEventListener('abort', end);
        resolve();
      };
      let cancel = clock.after(this.#woken ? shortestPauseMs : ms, end);
      this.#wake = () => {
        cancel();
        cancel = clock.after(shortestPauseMs, end);
      };
      stop.addEventListener('abort', end, { once: true });
      if (stop.aborted) end();
    });
    this.#wake = () => {};
    this.#woken = false;
  }
}

function named(things: readonly string[]): string {
  const more = things.length - mostNamed;
  return `${things.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function figuresOf({ lastSyncStatus, lastSynced, status }: ConnectorDocument) {
  // The date is that of the last sync however it ended.
  return { lastSuccess: lastSyncStatus === 'completed' ? lastSynced : null, inError: status === 'error' };
}
