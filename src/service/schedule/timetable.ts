import { parseQuartz, type QuartzSchedule } from './quartz-schedule.js';

export type ScheduledKind = 'full' | 'incremental';

/** What the connector's document says of one kind of sync. */
export interface ScheduleFacts {
  readonly enabled: boolean;
  /** Quartz text, as in `scheduling.full.interval`. */
  readonly interval: string;
  /** `last_sync_scheduled_at` or `last_incremental_sync_scheduled_at`. */
  readonly lastScheduledAt: Date | null;
}

export interface TimetableFacts {
  /** A kind that the connector does not have is left out. */
  readonly schedules: Readonly<Partial<Record<ScheduledKind, ScheduleFacts>>>;
  /**
   * `last_seen` as it was before this process wrote it: up to then somebody watched over the schedules. Counts at the
   * first look only, for a kind that was never scheduled.
   */
  readonly lastSeenAt: Date | null;
  /**
   * The schedules that a service has looked at last, also one before this process; null if nobody knows. Counts at the
   * first look only: a schedule that is another than then has not been missed before `lastSeenAt`.
   */
  readonly known: KnownSchedules | null;
  /** A job of the connector waits, runs or is suspended. */
  readonly busy: boolean;
}

/** By kind: the schedule, as text; null while it is switched off. */
export type KnownSchedules = Readonly<Record<ScheduledKind, string | null>>;

/** One sync to start. However many times of its schedule have gone by, it stands for all of them up to `scheduledAt`. */
export interface DueRun {
  readonly kind: ScheduledKind;
  /** The last time of the schedule that has come: the new `last_*_scheduled_at`. */
  readonly scheduledAt: Date;
}

export interface Look {
  /**
   * What to start, null if nothing. Where both kinds have fallen due, that which has waited longer (full, if the same);
   * the other comes up when its job has ended. Found again at every look until `scheduled` is called.
   */
  readonly due: DueRun | null;
  /** The next time of an enabled schedule after now; null if there is none. One should also look when a job has ended. */
  readonly nextLookAt: Date | null;
  /** Schedules that cannot be read, a line for each; the other one goes on. */
  readonly problems: readonly string[];
}

interface Watched {
  /** Undefined while it is switched off. */
  readonly interval: string | undefined;
  readonly parsed: ReturnType<typeof parseQuartz> | undefined;
  /** Times up to here are dealt with. */
  readonly since: Date;
}

const kinds: readonly ScheduledKind[] = ['full', 'incremental'];
/** A `last_*_scheduled_at` further ahead than clocks differ is an error of a clock, and would stop the schedule. */
const clocksDifferByMs = 3_600_000;

/**
 * Decides for one connector which scheduled sync is due. It knows no clock and starts nothing: whoever looks brings the
 * time and the facts, and calls `scheduled` when the job of the due run has been created.
 *
 * Times that passed while the service was down, or while a job of the connector was under way, are caught up by one run.
 * After a start they count from `lastScheduledAt`, or from `lastSeenAt` for a kind that was never scheduled; those of a
 * schedule that was switched on or changed count from the last look before that, which is `lastSeenAt` if that happened
 * while no service was there.
 *
 * Holds one schedule for each kind.
 */
export class Timetable {
  readonly #watched = new Map<ScheduledKind, Watched>();
  #lastLookAt: Date | undefined;

  look(facts: TimetableFacts, now: Date): Look {
    let due: (DueRun & { readonly waitsFrom: Date }) | null = null;
    let nextLookAt: Date | null = null;
    const problems: string[] = [];
    for (const kind of kinds) {
      const { parsed, since } = this.#watch(kind, facts, now);
      if (parsed === undefined) continue;
      if ('problem' in parsed) {
        problems.push(`${parsed.problem} (scheduling.${kind})`);
        continue;
      }
      const waitsFrom = parsed.schedule.next(since);
      const isDue = !facts.busy && waitsFrom !== null && waitsFrom <= now;
      if (isDue && (due === null || waitsFrom < due.waitsFrom)) {
        due = { kind, scheduledAt: latest(parsed.schedule, waitsFrom, now), waitsFrom };
      }
      const next = parsed.schedule.next(now);
      if (next !== null && (nextLookAt === null || next < nextLookAt)) nextLookAt = next;
    }
    this.#lastLookAt = now;
    return { due: due && { kind: due.kind, scheduledAt: due.scheduledAt }, nextLookAt, problems };
  }

  /** The job of a due run exists: its times do not come up again, even if the document is read in an older state. */
  scheduled({ kind, scheduledAt }: DueRun): void {
    const watched = this.#watched.get(kind);
    if (watched) this.#watched.set(kind, { ...watched, since: later(watched.since, scheduledAt) });
  }

  #watch(kind: ScheduledKind, { schedules, lastSeenAt, known }: TimetableFacts, now: Date): Watched {
    const facts = schedules[kind];
    const interval = facts?.enabled === true ? facts.interval : undefined;
    const lastScheduledAt = credible(facts?.lastScheduledAt ?? null, now);
    const before = this.#watched.get(kind);
    const isSame = before !== undefined && before.interval === interval;

    const isNew = known !== null && known[kind] !== (interval ?? null);
    const missedFrom = (isNew ? null : lastScheduledAt) ?? credible(lastSeenAt, now) ?? now;
    const begin = isSame ? before.since : (this.#lastLookAt ?? missedFrom);
    const watched = {
      interval,
      parsed: isSame ? before.parsed : interval === undefined ? undefined : parseQuartz(interval),
      since: lastScheduledAt === null ? begin : later(begin, lastScheduledAt),
    };
    this.#watched.set(kind, watched);
    return watched;
  }
}

/** The last time of the schedule up to `until`, of which `first` is one. Found by halving: they may be a second apart. */
function latest(schedule: QuartzSchedule, first: Date, until: Date): Date {
  let found = first;
  // No time lies after this one, up to `until`.
  let end = until.getTime();
  while (found.getTime() < end) {
    const middle = Math.floor((found.getTime() + end) / 2);
    const next = schedule.next(new Date(middle));
    if (next !== null && next <= until) found = next;
    else end = middle;
  }
  return found;
}

/** An invalid date is none either. */
function credible(at: Date | null, now: Date): Date | null {
  return at !== null && at.getTime() <= now.getTime() + clocksDifferByMs ? at : null;
}

function later(a: Date, b: Date): Date {
  return a < b ? b : a;
}
