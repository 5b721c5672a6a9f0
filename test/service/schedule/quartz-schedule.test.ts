import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { parseQuartz, type QuartzSchedule } from '../../../src/service/schedule/quartz-schedule.js';
import { suite } from '../../support/suite.js';
import { bruteForce, matchesQuartz } from './quartz-matcher.js';
import { quartzTable } from './quartz-table.js';

const shown = (date: Date) => date.toISOString().replace(/\.000Z$/, '');

function scheduleOf(text: string): QuartzSchedule {
  const parsed = parseQuartz(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.schedule;
}

function nextTimes(schedule: QuartzSchedule, after: Date, count: number): readonly Date[] {
  const found: Date[] = [];
  for (let at = schedule.next(after); at !== null; at = schedule.next(at)) {
    found.push(at);
    if (found.length === count) break;
  }
  return found;
}

suite(
  'parseQuartz()',
  (test) => {
    test('gives the next five times of every schedule of the table', () => {
      assert.ok(quartzTable.length >= 60, `only ${quartzTable.length} schedules`);
      for (const { text, after, next } of quartzTable) {
        assert.equal(nextTimes(scheduleOf(text), new Date(`${after}Z`), 5).map(shown), next, text);
      }
    });

    test('agrees on the table with the matcher that tries every second', () => {
      for (const { text, after, next } of quartzTable) {
        assert.equal(bruteForce(text, new Date(`${after}Z`), 5).map(shown), next, text);
      }
    });

    const same: readonly (readonly [string, string])[] = [
      ['0 0 3 ? * mon-Fri', '0 0 3 ? * 2-6'],
      ['0 0 0 l jan ?', '0 0 0 L 1 ?'],
      ['  0  0\t0 1 * ? ', '0 0 0 1 * ? *'],
      // One wildcard in a day field is as good as the other; elsewhere than in Quartz both are common.
      ['0 0 0 * * *', '0 0 0 ? * *'],
      ['0 0 0 ? * ?', '0 0 0 * * ?'],
      ['0 0 0 * * MON', '0 0 0 ? * MON'],
      ['0 0 0 L-0 * ?', '0 0 0 L * ?'],
      ['0 0 0 ? * SATL', '0 0 0 ? * 7L'],
      ['0 0 3,1,2,1 * * ?', '0 0 1-3 * * ?'],
    ];
    for (const [one, other] of same) {
      test(`reads ${JSON.stringify(one)} as ${JSON.stringify(other)}`, () => {
        const after = new Date('2026-11-24T00:00:00Z');
        assert.equal(nextTimes(scheduleOf(one), after, 20), nextTimes(scheduleOf(other), after, 20));
      });
    }

    const wrong: readonly (readonly [string, RegExp])[] = [
      ['', /^Cannot read schedule "": 0 fields, expected 6 or 7: seconds, minutes/],
      ['   ', /0 fields, expected 6 or 7/],
      ['0 0 * * *', /5 fields, expected 6 or 7/],
      ['0 0 0 * * ? 2027 1', /8 fields, expected 6 or 7/],
      ['@daily', /1 fields, expected 6 or 7/],
      ['2027-01-01T00:00:00', /1 fields, expected 6 or 7/],
      ['60 0 0 * * ?', /"60" in seconds, expected 0 to 59/],
      ['0 60 0 * * ?', /"60" in minutes, expected 0 to 59/],
      ['0 0 24 * * ?', /"24" in hours, expected 0 to 23/],
      ['0 0 0 0 * ?', /"0" in day of month, expected 1 to 31/],
      ['0 0 0 32 * ?', /"32" in day of month/],
      ['0 0 0 1 13 ?', /"13" in month, expected 1 to 12/],
      ['0 0 0 1 JANUARY ?', /"JANUARY" in month/],
      ['0 0 0 ? * 0', /"0" in day of week, expected 1 to 7.*1 is Sunday/],
      ['0 0 0 ? * 8', /"8" in day of week/],
      ['0 0 0 ? * MONDAY', /"MONDAY" in day of week/],
      ['0 0 0 1 1 ? 1969', /"1969" in year, expected 1970 to 2099/],
      ['0 0 0 1 1 ? 2100', /"2100" in year/],
      ['0 0 0 1 1 ? 2030-2027', /range 2030-2027 in year goes backwards/],
      ['? 0 0 * * ?', /"\?" in seconds/],
      ['0 0/0 0 * * ?', /step 0 in minutes, expected 1 to 59/],
      ['0 0/60 * * * ?', /step 60 in minutes/],
      ['0 0 0/24 * * ?', /step 24 in hours/],
      ['0 0 0 */-2 * ?', /"\*\/-2" in day of month/],
      ['0 1,,2 0 * * ?', /"" in minutes/],
      ['0 1- 0 * * ?', /"1-" in minutes/],
      ['0 -1 0 * * ?', /"-1" in minutes/],
      ['0 *-5 0 * * ?', /"\*-5" in minutes/],
      ['0 1.5 0 * * ?', /"1\.5" in minutes/],
      ['0 0x10 0 * * ?', /"0X10" in minutes/],
      ['0 0 0 15 * MON', /both a day of month and a day of week, expected one of the two to be "\?"/],
      ['0 0 0 L * 6L', /both a day of month and a day of week/],
      ['0 0 0 L-31 * ?', /"L-31" in day of month, expected 0 to 30/],
      ['0 0 0 L,15 * ?', /"L" in day of month/],
      ['0 0 0 1-5W * ?', /"1-5W" in day of month/],
      ['0 0 0 32W * ?', /"32" in day of month/],
      ['0 0 0 W * ?', /"W" in day of month/],
      ['0 0 0 ? * MON#0', /"MON#0" in day of week, expected #1 to #5/],
      ['0 0 0 ? * MON#6', /"MON#6" in day of week, expected #1 to #5/],
      ['0 0 0 ? * 9#1', /"9" in day of week/],
      ['0 0 0 ? * MON#1,FRI', /"MON#1" in day of week/],
      ['0 0 0 ? * 9L', /"9L" in day of week/],
      ['0 0 0 ? * L-3', /"L" .*|"L-3" in day of week/],
      ['0 0 0 30 2 ?', /no such date from 1970 to 2099/],
      ['0 0 0 31 4,6,9,11 ?', /no such date/],
      ['0 0 0 31W APR ?', /no such date/],
      ['0 0 0 29 2 ? 2027', /no such date/],
      ['0 0 0 ? 2 MON#5 2027', /no such date/],
      ['0 0 0 L-30 2,4 ?', /no such date/],
      ['0 0 0 L-28 2 ? 2027-2027', /no such date/],
      ['0 0 0 L-29W 2 ?', /no such date/],
      ['every day at noon or so', /"EVERY" in seconds/],
    ];
    for (const [text, expected] of wrong) {
      test(`says what is wrong with ${JSON.stringify(text)}`, () => {
        const parsed = parseQuartz(text);
        assert.ok('problem' in parsed, 'was accepted');
        assert.match(parsed.problem, expected);
      });
    }

    test('names every fault in one line, however the text looks', () => {
      const parsed = parseQuartz(`61 0 25 \n * * \u0001"`);
      assert.ok('problem' in parsed);
      assert.match(parsed.problem, /"61" in seconds.*; "25" in hours.*; .* in day of week/);
      assert.not.match(parsed.problem, /[\n\u0001]/);
    });

    test('refuses a very long text, and shows only its beginning', () => {
      const parsed = parseQuartz(`0 0 0 * * ${'?'.repeat(1_000_000)} `);
      assert.ok('problem' in parsed);
      assert.match(parsed.problem, /: 1000011 characters, expected at most 1000$/);
      assert.ok(parsed.problem.length < 300, `${parsed.problem.length} characters`);
    });

    test('next() is strictly increasing, and finds what the matcher finds', () => {
      fc.assert(
        fc.property(expressions, moments, (text, after) => {
          const parsed = parseQuartz(text);
          if ('problem' in parsed) {
            assert.match(parsed.problem, /no such date/, text);
            assert.equal(bruteForce(text, new Date(-1), 1), [], text);
            return;
          }
          const untilYear = after.getUTCFullYear() + 5;
          const found = nextTimes(parsed.schedule, after, 5);
          assert.ok(
            found.every((at, index) => at > (found[index - 1] ?? after)),
            text,
          );
          assert.ok(
            found.every((at) => matchesQuartz(text, at)),
            text,
          );
          assert.equal(
            found.filter((at) => at.getUTCFullYear() <= untilYear).map(shown),
            bruteForce(text, after, 5, { untilYear }).map(shown),
            `${text} after ${after.toISOString()}`,
          );
        }),
        { numRuns: 400 },
      );
    });

    test('any text gives a schedule or a problem', () => {
      const pieces = [
        ...'0123456789*?/,-LW#'.split(''),
        'MON',
        'FRI',
        'JAN',
        '15W',
        'L-3',
        '6L',
        '2#1',
        '99',
        'x',
        ' ',
      ];
      const field = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
      const texts = fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(field, { minLength: 5, maxLength: 8 }).map((fields) => fields.join(' ')),
        fc
          .record({ fields: fc.constant('0 0 0 * * ? *'.split(' ')), index: fc.nat(6), field })
          .map(({ fields, index, field: other }) => fields.with(index, other).join(' ')),
      );
      let schedules = 0;
      fc.assert(
        fc.property(texts, moments, (text, after) => {
          const parsed = parseQuartz(text);
          if ('problem' in parsed) {
            assert.match(parsed.problem, /^Cannot read schedule ".*": .+, expected /s);
          } else {
            schedules += 1;
            const next = parsed.schedule.next(after);
            assert.ok(next === null || next > after);
          }
        }),
        { numRuns: 2_000 },
      );
      assert.ok(schedules > 20, `only ${schedules} were valid`);
    });
  },
  { timeoutMs: 60_000 },
);

const moments = fc
  .date({ min: new Date('1972-01-01T00:00:00Z'), max: new Date('2093-12-31T23:59:59Z'), noInvalidDate: true })
  .chain((date) => fc.constantFrom(date, new Date(Math.floor(date.getTime() / 86_400_000) * 86_400_000)));

/** Lists, ranges (over the end too) and steps between `min` and `max`, with names for some of the numbers. */
function fieldOf(
  min: number,
  max: number,
  { names = [], wraps = true }: { names?: string[]; wraps?: boolean } = {},
): fc.Arbitrary<string> {
  const number = fc.integer({ min, max });
  const named = fc.record({ value: number, byName: fc.boolean() }).map(({ value, byName }) => ({
    value,
    text: (byName ? names[value - min] : undefined) ?? String(value),
  }));
  const range = fc
    .tuple(named, named)
    .map(([a, b]) => (!wraps && a.value > b.value ? `${b.text}-${a.text}` : `${a.text}-${b.text}`));
  const step = fc.integer({ min: 1, max: Math.min(max, 40) });
  const item = fc.oneof(
    named.map(({ text }) => text),
    range,
    fc.tuple(fc.oneof(fc.constantFrom('*', ''), number.map(String), range), step).map((parts) => parts.join('/')),
  );
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant('*') },
    { weight: 3, arbitrary: item },
    { weight: 1, arbitrary: fc.array(item, { minLength: 2, maxLength: 3 }).map((items) => items.join()) },
  );
}

const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const oneDay = fc.oneof(fc.integer({ min: 1, max: 7 }).map(String), fc.constantFrom(...dayNames));

const days = fc.oneof(
  fc.tuple(fc.constant('?'), fieldOf(1, 7, { names: dayNames })),
  fc.tuple(fc.constant('?'), fc.constant('L')),
  oneDay.map((day) => ['?', `${day}L`] as const),
  fc.tuple(oneDay, fc.integer({ min: 1, max: 5 })).map(([day, nth]) => ['?', `${day}#${nth}`] as const),
  fc.tuple(fieldOf(1, 31), fc.constant('?')),
  fc.tuple(fc.constantFrom('L', 'LW'), fc.constant('?')),
  fc
    .tuple(fc.integer({ min: 0, max: 30 }), fc.constantFrom('', 'W'))
    .map(([before, mark]) => [`L-${before}${mark}`, '?'] as const),
  fc.integer({ min: 1, max: 31 }).map((day) => [`${day}W`, '?'] as const),
);

const expressions = fc
  .record({
    time: fc.tuple(fieldOf(0, 59), fieldOf(0, 59), fieldOf(0, 23)),
    days,
    month: fieldOf(1, 12, { names: monthNames }),
    year: fc.oneof({ weight: 4, arbitrary: fc.constant('') }, fieldOf(1970, 2099, { wraps: false })),
  })
  .map(({ time, days: [day, weekday], month, year }) => [...time, day, month, weekday, year].join(' ').trim());
