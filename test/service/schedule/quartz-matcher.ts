/**
 * Quartz by its definition, the slow way: does this moment match this text? Written apart from the product (no sets, no
 * croner, every rule as a question about one date), so that the two can be held against each other.
 */
export function matchesQuartz(text: string, at: Date): boolean {
  const [s, m, h] = text.split(' ');
  return (
    matchesDate(text, at) &&
    matchesField(s!, at.getUTCSeconds(), 0, 59) &&
    matchesField(m!, at.getUTCMinutes(), 0, 59) &&
    matchesField(h!, at.getUTCHours(), 0, 23)
  );
}

/** The next `count` times after `after`, found by trying every day, and every second of each day that fits. */
export function bruteForce(text: string, after: Date, count: number, { untilYear = 2099 } = {}): readonly Date[] {
  const [s, m, h] = text.split(' ');
  const all = (max: number) => Array.from({ length: max + 1 }, (_, value) => value);
  const fitting = {
    hours: all(23).filter((value) => matchesField(h!, value, 0, 23)),
    minutes: all(59).filter((value) => matchesField(m!, value, 0, 59)),
    seconds: all(59).filter((value) => matchesField(s!, value, 0, 59)),
  };
  const found: Date[] = [];
  const day = new Date(Date.UTC(after.getUTCFullYear(), after.getUTCMonth(), after.getUTCDate()));
  for (; day.getUTCFullYear() <= untilYear; day.setUTCDate(day.getUTCDate() + 1)) {
    if (!matchesDate(text, day)) continue;
    for (const hour of fitting.hours) {
      for (const minute of fitting.minutes) {
        for (const second of fitting.seconds) {
          const at = new Date(day.getTime() + ((hour * 60 + minute) * 60 + second) * 1000);
          if (at.getTime() <= after.getTime()) continue;
          found.push(at);
          if (found.length === count) return found;
        }
      }
    }
  }
  return found;
}

const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

function matchesDate(text: string, date: Date): boolean {
  const [, , , day, month, weekday, year = '*'] = text.split(' ');
  return (
    matchesField(year, date.getUTCFullYear(), 1970, 2099) &&
    matchesField(asNumbers(month!, monthNames), date.getUTCMonth() + 1, 1, 12) &&
    matchesDayOfMonth(day!, date) &&
    matchesDayOfWeek(asNumbers(weekday!, dayNames), date)
  );
}

function matchesDayOfMonth(text: string, date: Date): boolean {
  const day = date.getUTCDate();
  if (text === '?') return true;
  if (text.endsWith('W')) {
    const wanted = text.startsWith('L') ? fromEnd(text.slice(0, -1), date) : Number(text.slice(0, -1));
    return day === nearestWeekday(wanted, date);
  }
  if (text.startsWith('L')) return day === fromEnd(text, date);
  return matchesField(text, day, 1, 31);
}

function matchesDayOfWeek(text: string, date: Date): boolean {
  const weekday = date.getUTCDay() + 1;
  if (text === '?') return true;
  if (text === 'L') return weekday === 7;
  if (text.endsWith('L')) return weekday === Number(text.slice(0, -1)) && !isInMonthOf(date, date.getUTCDate() + 7);
  if (text.includes('#')) {
    const [wanted, nth] = text.split('#').map(Number);
    return weekday === wanted && Math.ceil(date.getUTCDate() / 7) === nth;
  }
  return matchesField(text, weekday, 1, 7);
}

function matchesField(text: string, value: number, min: number, max: number): boolean {
  return text.split(',').some((item) => {
    const [span = '', step] = item.split('/');
    const [from, to] = span === '*' || span === '' ? [min, max] : span.split('-').map(Number);
    const end = to ?? (step === undefined ? from! : max);
    const size = max - min + 1;
    const behind = (value - from! + size) % size;
    return behind <= (end - from! + size) % size && behind % Number(step ?? 1) === 0;
  });
}

/** Of the weekdays in the month of `date`, the one that is nearest to `wanted`; none where the month has no such day. */
function nearestWeekday(wanted: number, date: Date): number | undefined {
  if (!isInMonthOf(date, wanted)) return undefined;
  const weekdays = Array.from({ length: 31 }, (_, index) => index + 1).filter(
    (day) => isInMonthOf(date, day) && ![0, 6].includes(inMonthOf(date, day).getUTCDay()),
  );
  return weekdays.sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))[0];
}

/** `L`, `L-3`: the day of the month, which may be none (0 or less). */
function fromEnd(text: string, date: Date): number {
  let last = 31;
  while (!isInMonthOf(date, last)) last -= 1;
  return last - Number(text.split('-')[1] ?? 0);
}

function inMonthOf(date: Date, day: number): Date {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day));
}

function isInMonthOf(date: Date, day: number): boolean {
  return inMonthOf(date, day).getUTCMonth() === date.getUTCMonth();
}

function asNumbers(text: string, names: readonly string[]): string {
  return names.reduce((rest, name, index) => rest.replaceAll(name, String(index + 1)), text);
}
