import { fingerprint } from '../core/fingerprint.js';
import { checkConfigurationValues, type ConfigurationValues } from './configuration-values.js';
import { type ConnectorDocument, type DocumentState, lastScheduledField, type Schedule } from './connector-document.js';
import { checkDraft } from './filtering.js';
import { failureText } from './job-end.js';
import type { Members } from './json-members.js';
import { newJob } from './new-job.js';
import type { Pinged } from './ping-box.js';
import { prepareConnector } from './prepare-connector.js';
import { type DueRun, type KnownSchedules, Timetable } from './schedule/timetable.js';
import type { ScheduleMemory } from './schedule-memory.js';
import type { ServiceDeps } from './service-deps.js';

export interface ConnectorWatchDeps extends Pick<ServiceDeps, 'protocol' | 'clock' | 'log' | 'config'> {
  readonly ping: (values: ConfigurationValues) => Promise<Pinged>;
  readonly memory: ScheduleMemory;
  /** Milliseconds between two signs of life, and between two pings of a connector that is well. */
  readonly heartbeatMs: number;
  /** Told when a job was created. */
  readonly onJob: () => void;
}

/** How it stands with the connector's jobs. */
export interface ConnectorJobs {
  /** One waits, runs or is suspended. */
  readonly busy: boolean;
  /** One runs in this process. */
  readonly running: boolean;
}

/**
 * What the service does for one connector beside its jobs: keeps its schema and features complete, gives signs of life,
 * judges edited sync rules, checks the configuration and the sign-in to Box, and creates the jobs that are due. Each
 * connector has its own, so that a slow one delays no other.
 */
export class ConnectorWatch {
  readonly #deps: ConnectorWatchDeps;
  readonly #timetable = new Timetable();
  #looking = false;
  /** `last_seen` as this process found it. */
  #lastSeenBefore: number | null | undefined;
  #heartbeatAt = Number.NEGATIVE_INFINITY;
  #pinged: { readonly configuration: string; readonly at: number } | undefined;
  #nextLookAt: number | null = null;
  /** What `memory` holds, if that is known. */
  #known: KnownSchedules | undefined;

  constructor(deps: ConnectorWatchDeps) {
    this.#deps = deps;
  }

  /** A look is under way, and may use the connector's state and sign-in: no job can begin. */
  get looking(): boolean {
    return this.#looking;
  }

  /** When a schedule comes next; milliseconds since 1970. */
  get nextLookAt(): number | null {
    return this.#nextLookAt;
  }

  /** One look. Never rejects; does nothing while the one before is under way. */
  async look(connector: ConnectorDocument, jobs: ConnectorJobs): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      await this.#look(connector, jobs);
    } catch (error) {
      this.#deps.log.warn(`The connector could not be looked after: ${failureText(error)}`);
    } finally {
      this.#looking = false;
    }
  }

  async #look(found: ConnectorDocument, { busy, running }: ConnectorJobs): Promise<void> {
    const { clock, config, log } = this.#deps;
    if (this.#lastSeenBefore === undefined) this.#lastSeenBefore = found.lastSeen;
    const connector = await this.#prepared(found);
    if (connector === undefined || connector.status === 'created' || connector.status === 'needs_configuration') return;

    const draft = checkDraft(connector.filtering, new Date(clock.now()));
    let state: DocumentState | undefined = connector;
    if (draft !== null) {
      log.info(`The edited sync rules are ${draft.state}`);
      state = await this.#change(connector, { filtering: draft.filtering }, state);
    }
    const checked = checkConfigurationValues(connector.configuration, config);
    // The sign-in is the running job's; should it fail, the job says so.
    const problem =
      'problem' in checked ? checked.problem : running ? null : await this.#boxProblem(connector, checked.values);
    if (problem !== null) {
      await this.#say(connector, { status: 'error', error: problem }, state);
      return;
    }
    if (this.#pinged === undefined) return;
    await this.#schedule(connector, busy, state);
  }

  /** Writes what is missing in the document, and the sign of life with it; `undefined` if somebody else was quicker. */
  async #prepared(connector: ConnectorDocument): Promise<ConnectorDocument | undefined> {
    const { clock, heartbeatMs, protocol, log } = this.#deps;
    const changes = prepareConnector(connector, 'box');
    const now = clock.now();
    // Or the clock was set back.
    const isDue = now - this.#heartbeatAt >= heartbeatMs || now < this.#heartbeatAt;
    if (changes === null && !isDue) return connector;
    const sign = { last_seen: new Date(now).toISOString() };
    if (changes === null) {
      // Without a condition, since a sign of life does not depend on what the document says.
      await protocol.updateConnector(connector.id, sign);
      this.#heartbeatAt = now;
      return protocol.connector(connector.id);
    }
    const state = await protocol.changeConnector(connector.id, { ...changes, ...sign }, connector);
    if (state === undefined && isDue) await protocol.updateConnector(connector.id, sign);
    this.#heartbeatAt = now;
    if (state === undefined) return undefined;
    log.info(`The connector lacked ${Object.keys(changes).join(', ')}: written`);
    return protocol.connector(connector.id);
  }

  /** What keeps it from Box; `null`: nothing, or nothing that is known. */
  async #boxProblem({ status }: ConnectorDocument, values: ConfigurationValues): Promise<string | null> {
    const { clock, heartbeatMs, ping } = this.#deps;
    // Without the token that rotates with every sign-in of ours.
    const configuration = fingerprint({ ...values, refreshToken: null });
    const isKnown = this.#pinged?.configuration === configuration && clock.now() - this.#pinged.at < heartbeatMs;
    // "configured" is what Kibana says when somebody has saved the form.
    if (isKnown && status !== 'configured') return null;
    const pinged = await ping(values);
    if (pinged.kind === 'skipped') return null;
    this.#pinged = pinged.kind === 'ok' ? { configuration, at: clock.now() } : undefined;
    return pinged.kind === 'ok' ? null : pinged.problem;
  }

  async #schedule(connector: ConnectorDocument, busy: boolean, state: DocumentState | undefined): Promise<void> {
    const { clock, memory } = this.#deps;
    const textOf = (schedule: Schedule | null) => (schedule?.enabled === true ? schedule.interval : null);
    const now = { full: textOf(connector.scheduling.full), incremental: textOf(connector.scheduling.incremental) };
    let before: KnownSchedules | null = null;
    if (this.#known?.full !== now.full || this.#known.incremental !== now.incremental) {
      const swapped = await memory.swap(now);
      if (swapped !== undefined) {
        before = swapped.before;
        this.#known = now;
      }
    }
    const kindFacts = (kind: 'full' | 'incremental') => {
      const schedule = connector.scheduling[kind];
      const last = connector.lastScheduled[kind];
      return schedule && { ...schedule, lastScheduledAt: last === null ? null : new Date(last) };
    };
    const full = kindFacts('full');
    const incremental = kindFacts('incremental');
    const { due, nextLookAt, problems } = this.#timetable.look(
      {
        schedules: { ...(full && { full }), ...(incremental && { incremental }) },
        lastSeenAt: typeof this.#lastSeenBefore === 'number' ? new Date(this.#lastSeenBefore) : null,
        known: before,
        busy,
      },
      new Date(clock.now()),
    );
    this.#nextLookAt = nextLookAt?.getTime() ?? null;
    const health =
      problems.length > 0
        ? { status: 'error', error: problems.join('; ') }
        : connector.lastSyncError === null
          ? { status: 'connected', error: null }
          : // An error stays until a sync succeeds.
            { status: 'error', error: connector.lastSyncError };
    const written = await this.#say(connector, health, state);
    if (due !== null) await this.#create(connector, due, written);
  }

  /** The job first, under an id that is the same for every service that finds it due: then it exists once. */
  async #create(connector: ConnectorDocument, run: DueRun, state: DocumentState | undefined): Promise<void> {
    const { clock, log, protocol, onJob } = this.#deps;
    const now = new Date(clock.now());
    const made = await protocol.createJob(
      `${connector.id}-${run.kind}-${run.scheduledAt.getTime() / 1_000}`,
      newJob(connector, { kind: run.kind, trigger: 'scheduled', now, allowDeletes: false }),
    );
    this.#timetable.scheduled(run);
    if (made) {
      log.info(`A ${run.kind} sync was due at ${run.scheduledAt.toISOString()}: its job is created`);
      onJob();
    }
    const field = { [lastScheduledField[run.kind]]: run.scheduledAt.toISOString() };
    if ((await this.#change(connector, field, state)) !== undefined) return;
    const current = await protocol.connector(connector.id);
    if (current === undefined || (current.lastScheduled[run.kind] ?? 0) >= run.scheduledAt.getTime()) return;
    // If that fails as well, the next look finds the job under its id and writes only this.
    await protocol.changeConnector(connector.id, field, current);
  }

  /** Writes status and error if the document says something else. */
  async #say(
    connector: ConnectorDocument,
    health: { readonly status: string; readonly error: string | null },
    state: DocumentState | undefined,
  ): Promise<DocumentState | undefined> {
    if (connector.status === health.status && connector.error === health.error) return state;
    if (health.error === null) this.#deps.log.info(`The connector is ${health.status}`);
    else this.#deps.log.warn(`The connector is in error: ${health.error}`);
    return this.#change(connector, health, state);
  }

  /** `undefined` when the document has changed meanwhile: the next look starts from there. */
  async #change(
    { id }: ConnectorDocument,
    fields: Members,
    state: DocumentState | undefined,
  ): Promise<DocumentState | undefined> {
    return state === undefined ? undefined : this.#deps.protocol.changeConnector(id, fields, state);
  }
}
