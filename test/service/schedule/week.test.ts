import * as assert from 'uvu/assert';
import { type KnownSchedules, Timetable, type ScheduledKind } from '../../../src/service/schedule/timetable.js';
import { suite } from '../../support/suite.js';
import { bruteForce } from './quartz-matcher.js';

const minute = 60_000;
const hour = 60 * minute;
/** Monday to Monday. */
const begin = Date.parse('2026-11-23T00:00:00Z');
const end = begin + 7 * 24 * hour;
/** The service is down on Wednesday, from 00:50 to 06:20. */
const down = { from: begin + 48 * hour + 50 * minute, to: begin + 54 * hour + 20 * minute };
/** How often the service looks without a reason; a job that could not be created is tried again then. */
const poll = 5 * minute;
/** How long the cluster shows a document as it was before the last write. */
const lag = 1_000;

interface Plan {
  readonly text: string;
  readonly takesMs: number;
}

interface Job {
  readonly kind: ScheduledKind;
  readonly scheduledAt: number;
  readonly createdAt: number;
  endsAt: number;
}

/** A connector with its documents, which outlive the service, and the timetable that a service keeps of it. */
class SimulatedConnector {
  readonly jobs: Job[] = [];
  /** Times when the creation of a job was refused. */
  refused = 0;
  readonly #plans: Partial<Record<ScheduledKind, Plan>>;
  readonly #written: { kind: ScheduledKind; at: number; value: number }[] = [];
  #lastSeen: number | undefined;
  #known: KnownSchedules | null = null;
  #attempts = 0;
  #timetable = new Timetable();
  #lookAt = begin;

  constructor(plans: Partial<Record<ScheduledKind, Plan>>) {
    this.#plans = plans;
  }

  planOf(kind: ScheduledKind): Plan {
    return this.#plans[kind]!;
  }

  get kinds(): readonly ScheduledKind[] {
    return Object.keys(this.#plans) as ScheduledKind[];
  }

  /** When something is to be done next. */
  get nextAt(): number {
    return this.#lookAt;
  }

  stop(): void {
    // A job under way is suspended, and goes on after the start.
    const running = this.#running(down.from);
    if (running) running.endsAt += down.to - down.from;
  }

  start(): void {
    this.#timetable = new Timetable();
    this.#lookAt = down.to;
  }

  look(now: number): void {
    const busy = this.#running(now) !== undefined;
    const of = (kind: ScheduledKind) => {
      const last = this.#written.filter((write) => write.kind === kind && write.at + lag <= now).at(-1);
      const plan = this.#plans[kind];
      return {
        enabled: plan !== undefined,
        interval: plan?.text ?? '',
        lastScheduledAt: last === undefined ? null : new Date(last.value),
      };
    };
    const look = this.#timetable.look(
      {
        schedules: { full: of('full'), incremental: of('incremental') },
        lastSeenAt: this.#lastSeen === undefined ? null : new Date(this.#lastSeen),
        known: this.#known,
        busy,
      },
      new Date(now),
    );
    assert.equal(look.problems, []);
    this.#lastSeen = now;
    this.#known = { full: this.#plans.full?.text ?? null, incremental: this.#plans.incremental?.text ?? null };
    if (look.due) this.#create(look.due, now);
    const jobEndsAt = this.#running(now)?.endsAt ?? Infinity;
    this.#lookAt = Math.min(now + poll, look.nextLookAt?.getTime() ?? Infinity, jobEndsAt);
  }

  #create(due: { kind: ScheduledKind; scheduledAt: Date }, now: number): void {
    this.#attempts += 1;
    if (this.#attempts % 5 === 0) {
      this.refused += 1;
      return;
    }
    const scheduledAt = due.scheduledAt.getTime();
    this.jobs.push({ kind: due.kind, scheduledAt, createdAt: now, endsAt: now + this.planOf(due.kind).takesMs });
    this.#written.push({ kind: due.kind, at: now, value: scheduledAt });
    this.#timetable.scheduled(due);
  }

  #running(now: number): Job | undefined {
    return this.jobs.find((job) => job.createdAt <= now && now < job.endsAt);
  }
}

function simulateWeek(connectors: readonly SimulatedConnector[]): void {
  let isDown = false;
  for (;;) {
    const next = connectors.reduce((first, other) => (other.nextAt < first.nextAt ? other : first));
    if (!isDown && next.nextAt >= down.from && next.nextAt < down.to) {
      for (const connector of connectors) connector.stop();
      for (const connector of connectors) connector.start();
      isDown = true;
      continue;
    }
    if (next.nextAt > end) return;
    next.look(next.nextAt);
  }
}

const shown = (time: number) => new Date(time).toISOString();

/** Each time of the schedule has its run, as soon as the service is there and the connector free; no run has no time. */
function assertNoneLostNoneDoubled(connector: SimulatedConnector): void {
  for (const kind of connector.kinds) {
    const { text } = connector.planOf(kind);
    const times = bruteForce(text, new Date(begin), 5_000, { untilYear: 2026 })
      .map((time) => time.getTime())
      .filter((time) => time <= end);
    const jobs = connector.jobs.filter((job) => job.kind === kind);
    let covered = begin;
    for (const { scheduledAt, createdAt } of jobs) {
      assert.ok(times.includes(scheduledAt), `${text}: ${shown(scheduledAt)} is no time of the schedule`);
      assert.ok(scheduledAt > covered, `${text}: ${shown(scheduledAt)} has two runs`);
      assert.ok(createdAt >= scheduledAt, `${text}: ${shown(scheduledAt)} came early`);
      covered = scheduledAt;
    }
    for (const time of times) {
      const job = jobs.find(({ scheduledAt }) => scheduledAt >= time);
      const latest = startsBy(connector, kind, time);
      if (latest >= end && job === undefined) continue;
      assert.ok(job !== undefined, `${text}: ${shown(time)} was lost`);
      assert.ok(job.createdAt <= latest, `${text}: ${shown(time)} was run at ${shown(job.createdAt)} only`);
    }
  }
}

/** When the run of `time` has to be there: the service up, the connector free, and one refusal allowed for. */
function startsBy(connector: SimulatedConnector, kind: ScheduledKind, time: number): number {
  let free = time;
  for (;;) {
    const inTheWay = connector.jobs.find(
      (job) => (job.kind !== kind || job.scheduledAt < time) && job.createdAt <= free + poll && free < job.endsAt,
    );
    if (free >= down.from && free < down.to) free = down.to;
    else if (inTheWay) free = inTheWay.endsAt;
    else return free + poll;
  }
}

suite(
  'a week of schedules',
  (test) => {
    const fast = new SimulatedConnector({ full: { text: '0 0 * * * ?', takesMs: 4 * minute } });
    const slow = new SimulatedConnector({
      full: { text: '0 0 1 * * ?', takesMs: 9 * hour },
      incremental: { text: '0 0/30 * * * ?', takesMs: 7 * minute },
    });
    const weekend = new SimulatedConnector({
      full: { text: '0 30 3 ? * SAT', takesMs: 26 * hour },
      incremental: { text: '0 15 0/4 * * ?', takesMs: hour },
    });
    const overrun = new SimulatedConnector({ full: { text: '20 0/10 * * * ?', takesMs: 23 * minute } });
    const all = [fast, slow, weekend, overrun];
    const count = (connector: SimulatedConnector, kind: ScheduledKind) =>
      connector.jobs.filter((job) => job.kind === kind).length;

    test.before(() => simulateWeek(all));

    test('no run is lost and none doubled, with slow jobs, a restart, refusals and documents that lag', () => {
      for (const connector of all) assertNoneLostNoneDoubled(connector);
      assert.ok(all.every(({ refused }) => refused > 0));
    });

    test('hourly: 168 times, of which six passed while the service was down and became one run', () => {
      assert.is(count(fast, 'full'), 163);
    });

    test('a long daily run holds back the incremental ones, which become one at its end', () => {
      assert.is(count(slow, 'full'), 7);
      // 336 half hours; on six days those from 01:00 to 10:00 (19) are one, on Wednesday those from 01:00 to 15:00 (29).
      assert.is(count(slow, 'incremental'), 336 - 6 * 18 - 28);
    });

    test('a run over more than a day is caught up behind; a suspended one goes on after the restart', () => {
      assert.is(count(weekend, 'full'), 1);
      // 42 times; those from Saturday 04:15 to Sunday 04:15 (7) are one.
      assert.is(count(weekend, 'incremental'), 36);
      const suspended = weekend.jobs.find((job) => job.createdAt < down.from && job.endsAt > down.to);
      assert.ok(suspended);
      const behind = weekend.jobs.find((job) => job.createdAt > down.to)!;
      assert.is(behind.scheduledAt, Date.parse('2026-11-25T04:15:00Z'));
      assert.ok(behind.createdAt >= suspended.endsAt);
    });

    test('a schedule denser than its runs keeps the connector at work without a queue', () => {
      const latest = overrun.jobs.at(-1)!;
      assert.ok(latest.createdAt - latest.scheduledAt < 10 * minute + poll);
      // 24 minutes at the least and 30 at the most from one run to the next.
      assert.ok(count(overrun, 'full') > (7 * 24 - 6) * 2 - 20, `${count(overrun, 'full')} runs`);
    });

    test('one slow connector delays no other', () => {
      const late = fast.jobs.filter((job) => job.createdAt - job.scheduledAt > poll);
      assert.is(late.length, 1);
      assert.ok(late.every(({ createdAt }) => createdAt >= down.to && createdAt <= down.to + poll));
    });
  },
  { timeoutMs: 20_000 },
);
