const dateTime = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(?: ?([Zz]|[+-]\d\d(?::?\d\d)?))?)?$/;

/**
 * The instant that an ISO 8601 or RFC 3339 date means, in milliseconds since 1970, or `null` for any other text. A date
 * without a time is its first moment; without an offset it is UTC. Less than a day (`2024`, `2024-05`) is no date here.
 */
export function dateInstant(text: string): number | null {
  // Most texts that rules look at are names: say no before any work.
  if (text.length < 10 || text.charCodeAt(4) !== hyphen || text.charCodeAt(7) !== hyphen) return null;
  const found = dateTime.exec(text);
  if (found === null) return null;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part));
  if (year === undefined || month === undefined || day === undefined) return null;
  const hours = numberOr0(hour);
  const minutes = numberOr0(minute);
  const seconds = numberOr0(second);
  // 60 is a leap second.
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return null;
  if (hours > 23 || minutes > 59 || seconds > 60) return null;
  const offset = offsetMinutes(found[8]);
  if (offset === null) return null;
  const midnight = new Date(0).setUTCFullYear(year, month - 1, day);
  return midnight + ((hours * 60 + minutes - offset) * 60 + seconds + Number(found[7] ?? 0)) * 1000;
}

const hyphen = 0x2d;

function numberOr0(value: number | undefined): number {
  return value === undefined || Number.isNaN(value) ? 0 : value;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function offsetMinutes(offset: string | undefined): number | null {
  if (offset === undefined || offset === 'Z' || offset === 'z') return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(3).replace(':', ''));
  if (hours > 23 || minutes > 59) return null;
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
