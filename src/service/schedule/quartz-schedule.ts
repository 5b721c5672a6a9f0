import { Cron } from 'croner';
import { quartzNumber, readQuartzField, type QuartzField } from './quartz-field.js';

/** When something is to happen, in UTC, to the second. */
export interface QuartzSchedule {
  /** The first time after `after` (never `after` itself), or null when there is none any more. */
  next(after: Date): Date | null;
}

const firstYear = 1970;
const lastYear = 2099;
/** More than any schedule needs; what follows a text around (messages, patterns) is bounded by it. */
const maxCharacters = 1_000;
/** How much of a wrong text is shown. */
const shownCharacters = 100;

const numbers = (min: number, max: number) => `${min} to ${max}, lists, ranges and steps of these`;
const counted = (name: string, max: number): QuartzField => ({
  ...{ name, min: 0, max, names: [], wraps: true },
  expected: numbers(0, max),
});
const seconds = counted('seconds', 59);
const minutes = counted('minutes', 59);
const hours = counted('hours', 23);
const dayOfMonth: QuartzField = {
  ...{ name: 'day of month', min: 1, max: 31, names: [], wraps: true },
  expected: `${numbers(1, 31)}, or alone ?, *, L, L-3, LW or 15W`,
};
const month: QuartzField = {
  ...{ name: 'month', min: 1, max: 12, wraps: true },
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  expected: `${numbers(1, 12)} or of JAN to DEC`,
};
const dayOfWeek: QuartzField = {
  ...{ name: 'day of week', min: 1, max: 7, wraps: true },
  names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
  expected: `${numbers(1, 7)} (1 is Sunday) or of SUN to SAT, or alone ?, *, L, 6L, FRIL or MON#1`,
};
const year: QuartzField = {
  ...{ name: 'year', min: firstYear, max: lastYear, names: [], wraps: false },
  expected: numbers(firstYear, lastYear),
};

/** How long months are, and which. February has two entries, as the day before its last depends on the year. */
const monthsByLength = [
  { length: 31, months: [1, 3, 5, 7, 8, 10, 12], isIn: () => true },
  { length: 30, months: [4, 6, 9, 11], isIn: () => true },
  { length: 29, months: [2], isIn: (of: number) => isLeap(of) },
  { length: 28, months: [2], isIn: (of: number) => !isLeap(of) },
];

type DayOfMonth = { readonly days: string } | { readonly daysBeforeLast: number; readonly nearestWeekday: boolean };

/**
 * Reads a schedule as Quartz defines it and Kibana writes it: six or seven fields (seconds, minutes, hours, day of
 * month, month, day of week, and perhaps year) with lists, ranges (over the end too, `FRI-MON`), steps, names, and the
 * Quartz forms `?`, `L`, `L-3`, `LW`, `L-3W`, `15W`, `6L` and `MON#1`, each of which stands alone in its field. One of
 * the two day fields has to be `?` or `*`. Years go from 1970 to 2099.
 *
 * A text that is wrong, or that no date fits (`0 0 0 30 2 ?`), gives `problem`: every fault in one line.
 */
export function parseQuartz(text: string): { readonly schedule: QuartzSchedule } | { readonly problem: string } {
  const problems: string[] = [];
  const fault = (problem: string): { readonly problem: string } => {
    const shown = text.length > shownCharacters ? `${text.slice(0, shownCharacters)}...` : text;
    return { problem: `Cannot read schedule ${JSON.stringify(shown)}: ${problem}` };
  };

  if (text.length > maxCharacters) return fault(`${text.length} characters, expected at most ${maxCharacters}`);
  const fields = text.trim().toUpperCase().split(/\s+/);
  if (fields.length < 6 || fields.length > 7 || fields[0] === '') {
    const found = fields[0] === '' ? 0 : fields.length;
    return fault(
      `${found} fields, expected 6 or 7: seconds, minutes, hours, day of month, month, day of week, and perhaps year`,
    );
  }
  const values = (field: QuartzField, fieldText: string): readonly number[] => {
    const read = readQuartzField(field, fieldText);
    if ('values' in read) return read.values;
    problems.push(read.problem);
    return [];
  };
  const [secondText = '', minuteText = '', hourText = '', dayText = '', monthText = '', weekdayText = ''] = fields;
  const time = [values(seconds, secondText), values(minutes, minuteText), values(hours, hourText)].join(' ');
  const day = readDayOfMonth(dayText, values, problems);
  const months = values(month, monthText);
  const weekday = readDayOfWeek(weekdayText, values, problems);
  const years = values(year, fields[6] ?? '*');
  if (!isAny(dayText) && !isAny(weekdayText)) {
    problems.push(`both a day of month and a day of week, expected one of the two to be "?"`);
  }
  if (problems.length > 0) return fault(problems.join('; '));

  // An offset of 0 is UTC as `timezone` would be, but without its way over Intl, which takes five times as long.
  const crons = patterns({ time, day, months, weekday, years }).map(
    (pattern) => new Cron(pattern, { alternativeWeekdays: true, mode: '7-part', paused: true, utcOffset: 0 }),
  );
  const schedule: QuartzSchedule = {
    next: (after) =>
      crons.reduce<Date | null>((earliest, cron) => {
        const next = cron.nextRun(after);
        return next !== null && (earliest === null || next < earliest) ? next : earliest;
      }, null),
  };
  const beforeAll = new Date(Date.UTC(firstYear, 0, 1) - 1);
  if (schedule.next(beforeAll) === null) {
    return fault(`no such date from ${firstYear} to ${lastYear}, expected a day that its months and years have`);
  }
  return { schedule };
}

function readDayOfMonth(
  text: string,
  values: (field: QuartzField, text: string) => readonly number[],
  problems: string[],
): DayOfMonth {
  if (isAny(text)) return { days: '*' };
  const last = /^L(?:-(\d{1,2}))?(W?)$/.exec(text);
  if (last) {
    const [, before = '0', weekday] = last;
    if (Number(before) > 30) problems.push(`"${text}" in ${dayOfMonth.name}, expected 0 to 30 days before the last`);
    return { daysBeforeLast: Number(before), nearestWeekday: weekday === 'W' };
  }
  const nearest = /^(\d{1,2})W$/.exec(text)?.[1];
  if (nearest !== undefined) return { days: `${values(dayOfMonth, nearest).join()}W` };
  return { days: values(dayOfMonth, text).join() };
}

function readDayOfWeek(
  text: string,
  values: (field: QuartzField, text: string) => readonly number[],
  problems: string[],
): string {
  if (isAny(text)) return '*';
  // The last day of a week that begins with Sunday.
  if (text === 'L') return '7';
  const last = /^(\w+)L$/.exec(text)?.[1];
  if (last !== undefined && quartzNumber(dayOfWeek, last) !== undefined) return `${values(dayOfWeek, last).join()}#L`;
  const [, nthDay, nth] = /^(\w+)#(\d+)$/.exec(text) ?? [];
  if (nthDay !== undefined && nth !== undefined) {
    if (!/^[1-5]$/.test(nth)) problems.push(`"${text}" in ${dayOfWeek.name}, expected #1 to #5`);
    return `${values(dayOfWeek, nthDay).join()}#${nth}`;
  }
  return values(dayOfWeek, text).join();
}

/**
 * As croner reads it. What differs between the dialects (steps, ranges over the end, names) is numbers by now; a day
 * counted from the end of the month, which croner does not know, becomes one pattern for each length of month.
 */
function patterns(read: {
  readonly time: string;
  readonly day: DayOfMonth;
  readonly months: readonly number[];
  readonly weekday: string;
  readonly years: readonly number[];
}): readonly string[] {
  const { time, day, months, weekday, years } = read;
  if ('days' in day) return [[time, day.days, months, weekday, years].join(' ')];
  const mark = day.nearestWeekday ? 'W' : '';
  if (day.daysBeforeLast === 0) return [[time, `L${mark}`, months, weekday, years].join(' ')];
  return monthsByLength.flatMap(({ length, months: ofLength, isIn }) => {
    const chosenMonths = months.filter((one) => ofLength.includes(one));
    const chosenYears = years.filter(isIn);
    const date = length - day.daysBeforeLast;
    if (date < 1 || chosenMonths.length === 0 || chosenYears.length === 0) return [];
    return [[time, `${date}${mark}`, chosenMonths, weekday, chosenYears].join(' ')];
  });
}

function isAny(text: string): boolean {
  return text === '?' || text === '*';
}

function isLeap(of: number): boolean {
  return of % 4 === 0 && (of % 100 !== 0 || of % 400 === 0);
}
