import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { Timetable, type ScheduledKind, type TimetableFacts } from '../../../src/service/schedule/timetable.js';
import { suite } from '../../support/suite.js';
import { bruteForce } from './quartz-matcher.js';

const at = (text: string) => new Date(`2026-11-${text}Z`);

/** The documents of a connector, said in short: texts of schedules that are on, and when they were last scheduled. */
function facts(options: {
  readonly full?: string;
  readonly incremental?: string;
  readonly lastFull?: string;
  readonly lastIncremental?: string;
  readonly lastSeen?: string;
  /** The schedules that a service has looked at last. */
  readonly known?: { readonly full?: string; readonly incremental?: string };
  readonly busy?: boolean;
}): TimetableFacts {
  const of = (interval: string | undefined, last: string | undefined) => ({
    enabled: interval !== undefined,
    interval: interval ?? '0 0 0 * * ?',
    lastScheduledAt: last === undefined ? null : at(last),
  });
  return {
    schedules: {
      full: of(options.full, options.lastFull),
      incremental: of(options.incremental, options.lastIncremental),
    },
    lastSeenAt: options.lastSeen === undefined ? null : at(options.lastSeen),
    known: options.known ? { full: options.known.full ?? null, incremental: options.known.incremental ?? null } : null,
    busy: options.busy ?? false,
  };
}

const hourly = '0 0 * * * ?';
const daily = '0 0 3 * * ?';
const run = (kind: ScheduledKind, scheduledAt: string) => ({ kind, scheduledAt: at(scheduledAt) });

suite(
  'Timetable',
  (test) => {
    test('nothing is due before its time, and the next look is then', () => {
      const look = new Timetable().look(facts({ full: hourly, lastFull: '24T10:00:00' }), at('24T10:59:59.999'));
      assert.equal(look, { due: null, nextLookAt: at('24T11:00:00'), problems: [] });
    });

    test('a run is due at its time, at every look until its job exists', () => {
      const timetable = new Timetable();
      const document = facts({ full: hourly, lastFull: '24T10:00:00' });
      for (const now of ['24T11:00:00', '24T11:00:30']) {
        assert.equal(timetable.look(document, at(now)).due, run('full', '24T11:00:00'));
      }
      timetable.scheduled(run('full', '24T11:00:00'));
      const look = timetable.look(document, at('24T11:01:00'));
      assert.is(look.due, null, 'the document was read in its old state, and the run came twice');
      assert.equal(look.nextLookAt, at('24T12:00:00'));
    });

    test('another service that has scheduled the run is heard', () => {
      const timetable = new Timetable();
      timetable.look(facts({ full: hourly, lastFull: '24T10:00:00' }), at('24T10:59:00'));
      const look = timetable.look(facts({ full: hourly, lastFull: '24T11:00:00' }), at('24T11:00:20'));
      assert.is(look.due, null);
    });

    test('what fell due while the service was down is caught up once', () => {
      const timetable = new Timetable();
      const document = facts({ full: hourly, lastFull: '20T10:00:00' });
      assert.equal(timetable.look(document, at('24T11:20:00')).due, run('full', '24T11:00:00'));
      timetable.scheduled(run('full', '24T11:00:00'));
      assert.is(timetable.look(document, at('24T11:59:59')).due, null);
      assert.equal(timetable.look(document, at('24T12:00:00')).due, run('full', '24T12:00:00'));
    });

    test('a kind that was never scheduled counts from when a service was last there', () => {
      const document = { full: daily, lastSeen: '24T02:55:00' };
      assert.equal(new Timetable().look(facts(document), at('24T05:00:00')).due, run('full', '24T03:00:00'));
      assert.is(new Timetable().look(facts({ full: daily }), at('24T05:00:00')).due, null, 'nobody has seen it yet');
    });

    test('the heartbeat counts at the first look only', () => {
      const timetable = new Timetable();
      timetable.look(facts({ full: daily, lastSeen: '24T02:00:00' }), at('24T02:10:00'));
      const look = timetable.look(facts({ full: daily, lastSeen: '24T03:00:05' }), at('24T03:00:10'));
      assert.equal(look.due, run('full', '24T03:00:00'));
    });

    test('what fell due while a job was under way is caught up once, when it has ended', () => {
      const timetable = new Timetable();
      const document = { full: hourly, lastFull: '24T10:00:00' };
      for (const now of ['24T11:00:00', '24T12:00:00', '24T13:10:00']) {
        const look = timetable.look(facts({ ...document, busy: true }), at(now));
        assert.is(look.due, null);
        assert.ok(look.nextLookAt !== null && look.nextLookAt > at(now));
      }
      assert.equal(timetable.look(facts(document), at('24T13:20:00')).due, run('full', '24T13:00:00'));
    });

    test('of two kinds the one that waits longer goes first, full if both wait as long', () => {
      const timetable = new Timetable();
      const document = { full: daily, incremental: '0 0/20 * * * ?' };
      const both = facts({ ...document, lastFull: '23T03:00:00', lastIncremental: '24T02:40:00' });
      assert.equal(timetable.look(both, at('24T03:00:01')).due, run('full', '24T03:00:00'));
      timetable.scheduled(run('full', '24T03:00:00'));
      assert.equal(timetable.look(both, at('24T04:30:00')).due, run('incremental', '24T04:20:00'));

      const older = facts({ ...document, lastFull: '23T03:00:00', lastIncremental: '24T02:20:00' });
      assert.equal(new Timetable().look(older, at('24T03:00:01')).due, run('incremental', '24T03:00:00'));
    });

    test('full runs that take longer than their interval do not starve the incremental ones', () => {
      const timetable = new Timetable();
      const document = facts({ full: hourly, incremental: '0 30 * * * ?', lastFull: '24T00:00:00' });
      const kinds: string[] = [];
      for (let hour = 1; hour < 20; hour += 2) {
        const { due } = timetable.look(document, at(`24T${String(hour).padStart(2, '0')}:45:00`));
        if (due === null) continue;
        timetable.scheduled(due);
        kinds.push(due.kind);
      }
      assert.ok(kinds.filter((kind) => kind === 'incremental').length >= 4, kinds.join());
      assert.ok(kinds.filter((kind) => kind === 'full').length >= 4, kinds.join());
    });

    test('what passed while a schedule was off is not caught up', () => {
      const timetable = new Timetable();
      timetable.look(facts({ lastFull: '01T03:00:00' }), at('24T12:00:00'));
      assert.is(timetable.look(facts({ lastFull: '01T03:00:00' }), at('24T12:00:30')).nextLookAt, null);
      const look = timetable.look(facts({ full: daily, lastFull: '01T03:00:00' }), at('24T12:01:00'));
      assert.is(look.due, null);
      assert.equal(look.nextLookAt, at('25T03:00:00'));
    });

    test('a schedule that is switched on between two looks misses no time between them', () => {
      const timetable = new Timetable();
      timetable.look(facts({}), at('24T02:59:50'));
      assert.equal(timetable.look(facts({ full: daily }), at('24T03:00:20')).due, run('full', '24T03:00:00'));
    });

    test('a changed schedule counts from the last look under the old one', () => {
      const timetable = new Timetable();
      timetable.look(facts({ full: daily, lastFull: '24T03:00:00' }), at('24T12:00:00'));
      const look = timetable.look(facts({ full: '0 0 11 * * ?', lastFull: '24T03:00:00' }), at('24T12:00:30'));
      assert.is(look.due, null, '11:00 was before the change');
      assert.equal(look.nextLookAt, at('25T11:00:00'));
    });

    test('one that was switched on or changed while no service was there is not missed from before that', () => {
      const before = { lastFull: '01T03:00:00', lastSeen: '24T11:58:00' };
      for (const known of [{}, { full: '0 0 4 ? * SUN' }]) {
        const timetable = new Timetable();
        const look = timetable.look(facts({ full: daily, ...before, known }), at('24T12:10:00'));
        assert.is(look.due, null);
        assert.equal(look.nextLookAt, at('25T03:00:00'));
        assert.equal(timetable.look(facts({ full: daily, ...before, known }), at('25T03:00:00')).due?.kind, 'full');
      }
      // Whether it was on at 12:00 nobody can know: rather a run too many than one too few.
      const since = new Timetable().look(facts({ full: hourly, ...before, known: {} }), at('24T12:10:00'));
      assert.equal(since.due, run('full', '24T12:00:00'));
    });

    test('one that is as it was known to be is caught up, whatever has become of the other kind', () => {
      const known = { full: daily, incremental: hourly };
      const document = { full: daily, lastFull: '23T03:00:00', lastSeen: '24T11:58:00', known };
      assert.equal(new Timetable().look(facts(document), at('24T12:10:00')).due, run('full', '24T03:00:00'));
      const both = { ...document, incremental: '0 0/15 * * * ?', lastIncremental: '24T02:00:00' };
      assert.equal(new Timetable().look(facts(both), at('24T12:10:00')).due, run('full', '24T03:00:00'));
    });

    test('a schedule that cannot be read is a problem, and the other kind goes on', () => {
      const timetable = new Timetable();
      const document = { incremental: hourly, lastIncremental: '24T10:00:00', lastFull: '23T03:00:00' };
      const look = timetable.look(facts({ ...document, full: '0 0 0 30 2 ?' }), at('24T11:00:00'));
      assert.is(look.problems.length, 1);
      assert.match(look.problems[0]!, /Cannot read schedule "0 0 0 30 2 \?": no such date.*\(scheduling\.full\)/);
      assert.equal(look.due, run('incremental', '24T11:00:00'));

      const mended = timetable.look(facts({ ...document, full: '0 0 12 * * ?' }), at('24T12:00:00'));
      assert.equal(mended.problems, []);
      assert.equal(mended.due?.kind, 'incremental');
    });

    test('a wrong text that is switched off is nobody’s problem', () => {
      const document: TimetableFacts = {
        schedules: { full: { enabled: false, interval: 'never', lastScheduledAt: null } },
        lastSeenAt: null,
        known: null,
        busy: false,
      };
      assert.equal(new Timetable().look(document, at('24T11:00:00')), { due: null, nextLookAt: null, problems: [] });
    });

    test('a clock that is a little ahead elsewhere doubles nothing, one that is far ahead stops nothing', () => {
      const timetable = new Timetable();
      const ahead = facts({ full: hourly, lastFull: '24T11:00:00' });
      assert.is(timetable.look(ahead, at('24T10:59:58')).due, null);
      assert.is(timetable.look(ahead, at('24T11:00:00')).due, null);
      assert.equal(timetable.look(ahead, at('24T12:00:00')).due, run('full', '24T12:00:00'));

      const wild = new Timetable();
      const nextWeek = facts({ full: hourly, lastFull: '30T00:00:00', lastSeen: '24T09:59:00' });
      assert.equal(wild.look(nextWeek, at('24T10:30:00')).due, run('full', '24T10:00:00'));
    });

    test('dates of a document that are none are taken as missing', () => {
      const broken: TimetableFacts = {
        schedules: { full: { enabled: true, interval: hourly, lastScheduledAt: new Date('soon') } },
        lastSeenAt: new Date('now'),
        known: null,
        busy: false,
      };
      const look = new Timetable().look(broken, at('24T10:30:00'));
      assert.equal(look, { due: null, nextLookAt: at('24T11:00:00'), problems: [] });
    });

    test('a time that comes once is caught up, and then there is no next look', () => {
      const timetable = new Timetable();
      const once = facts({ full: '0 0 3 24 11 ? 2026', lastSeen: '24T02:00:00' });
      const look = timetable.look(once, at('24T05:00:00'));
      assert.equal(look, { due: run('full', '24T03:00:00'), nextLookAt: null, problems: [] });
    });

    test('scheduledAt is the last time that has come, whatever the schedule and the delay', () => {
      const texts = [
        '* * * * * ?',
        '7/20 * * * * ?',
        '0 0/15 9-17 ? * MON-FRI',
        daily,
        '0 0 0 L-3 * ?',
        '0 0 6 ? * MON#1',
      ];
      const start = at('01T00:00:00').getTime();
      fc.assert(
        fc.property(fc.constantFrom(...texts), fc.nat(5_000_000_000), fc.nat(200_000), (text, begin, delay) => {
          const last = new Date(start + begin);
          const now = new Date(last.getTime() + delay * (text.startsWith('0 0 ') ? 20_000 : 20));
          const times = bruteForce(text, last, 5_000, { untilYear: 2027 }).filter((time) => time <= now);
          const document = {
            schedules: { full: { enabled: true, interval: text, lastScheduledAt: last } },
            lastSeenAt: null,
            known: null,
            busy: false,
          };
          assert.equal(new Timetable().look(document, now).due?.scheduledAt, times.at(-1));
        }),
        { numRuns: 100 },
      );
    });
  },
  { timeoutMs: 20_000 },
);
