import { parse as parseYaml } from 'yaml';
import { inOneLine, kindOf, show } from './shown.js';

/** What does not fit in a value: `at` is the place inside it (`[0].connector_id`), empty for the whole value. */
export interface Fault {
  readonly at: string;
  /** As it may be shown: never a secret. */
  readonly found: string;
  readonly expected: string;
}

export type Parsed<T> =
  { readonly kind: 'value'; readonly value: T } | { readonly kind: 'faults'; readonly faults: readonly Fault[] };

/**
 * The kind of value that a key takes. It is a function because that is what convict calls to check a value; our loader
 * calls `parse`, which also reads the text forms (`"1000"`, `"yes"`, `"32mb"`, `"a, b"`) that come from environment
 * variables. `parse` gives its own results back unchanged.
 */
export interface Format<T> {
  (value: unknown): void;
  /** Completes "expected ...". */
  readonly expected: string;
  readonly parse: (found: unknown) => Parsed<T>;
  /** As it is written in a file: for the reference page. */
  show(value: T): string;
}

/**
 * Text of one line, as all that ends in a header, a name or a path has to be: a file that somebody has written with
 * `echo` ends in a line break, and what is sent with it would be blamed for it, far away from here. `lines`: of several.
 */
export function text(expected = 'text', { lines = false }: { readonly lines?: boolean } = {}): Format<string> {
  return format(expected, (found) => {
    if (typeof found !== 'string') return fault(found, quotesFor(found, expected));
    if (found.trim() === '') return fault(found, `${expected} that is not empty`);
    return lines || !hasControl(found) ? value(found) : { kind: 'faults', faults: controlFaults('', expected) };
  });
}

/** A key or a token, as it is put into a header. */
export function headerText(expected: string): Format<string> {
  return format(expected, (found) => {
    if (typeof found !== 'string') return fault(found, quotesFor(found, expected));
    if (hasControl(found)) return { kind: 'faults', faults: controlFaults('', expected) };
    return /^[\x20-\x7e]+$/.test(found) && found.trim() !== '' ? value(found) : fault(found, expected);
  });
}

/** A line break or another character that no line has. */
export function hasControl(found: string): boolean {
  return /\p{Cc}/u.test(found);
}

/** Without the text, which may be a secret. */
export function controlFaults(at: string, expected = 'text'): readonly Fault[] {
  const found = 'text with a line break or another control character';
  return [{ at, found, expected: `${expected}, of one line, with nothing behind it` }];
}

/** Text of a given shape. */
export function textLike(shape: RegExp, expected: string): Format<string> {
  return format(expected, (found) =>
    typeof found === 'string' && shape.test(found) ? value(found) : fault(found, quotesFor(found, expected)),
  );
}

export function oneOf<const T extends string>(...choices: readonly T[]): Format<T> {
  const expected = listed(choices.map((choice) => `\`${choice}\``));
  return format(expected, (found) => {
    const choice = choices.find((candidate) => candidate === found);
    return choice === undefined ? fault(found, expected.replaceAll('`', '')) : value(choice);
  });
}

export function flag(): Format<boolean> {
  const words = new Map([
    ...['true', 'yes', 'on', '1'].map((word) => [word, true] as const),
    ...['false', 'no', 'off', '0'].map((word) => [word, false] as const),
  ]);
  return format('true or false', (found) => {
    const read = typeof found === 'string' ? words.get(found.trim().toLowerCase()) : found;
    return typeof read === 'boolean' ? value(read) : fault(found, 'true or false');
  });
}

interface Range {
  readonly min?: number;
  readonly max?: number;
}

export function wholeNumber(range: Range = {}): Format<number> {
  return numberFormat(`a whole number${inWords(range)}`, range, Number.isSafeInteger);
}

export function anyNumber(range: Range = {}): Format<number> {
  return numberFormat(`a number${inWords(range)}`, range, Number.isFinite);
}

/** A span of time in seconds; fractions are allowed. */
export function seconds(range: Range = { min: 0 }): Format<number> {
  return numberFormat(`seconds: a number${inWords(range)}`, range, Number.isFinite);
}

const powers: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3 };

/** A number of bytes, or text as Elasticsearch has it: `32mb` and `32MiB` are both 32 x 1024 x 1024. */
export function byteSize(range: Range = {}): Format<number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = range;
  const limits = `${min > 0 ? `, at least ${showBytes(min)}` : ''}${range.max === undefined ? '' : `, at most ${showBytes(max)}`}`;
  const expected = `bytes: a number or text such as 512kb or 32mb${limits}`;
  const parse = (found: unknown) => {
    // Anything else has no text to read: an object's toString may be whatever the file says.
    const written = typeof found === 'string' || Number.isSafeInteger(found) ? String(found).trim() : '';
    const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmg]?)i?b?$/i.exec(written) ?? [];
    const bytes = Math.round(Number(digits) * 1024 ** (powers[unit.toLowerCase()] ?? 0));
    return bytes >= min && bytes <= max ? value(bytes) : fault(found, expected);
  };
  return format(expected, parse, showBytes);
}

/**
 * An `http:` or `https:` address; a slash at the end is dropped, so that paths can be put behind it. `bare`: whoever uses it
 * takes no user name in it, and what is put behind a `?` or a `#` would be no path.
 */
export function httpUrl({ bare = false }: { readonly bare?: boolean } = {}): Format<string> {
  const expected = `a URL that starts with http:// or https://${bare ? ', without user name, "?" and "#"' : ''}`;
  return format(expected, (found) => {
    const isUrl =
      typeof found === 'string' &&
      /^https?:\/\/[^\s/]/i.test(found) &&
      URL.canParse(found) &&
      !(bare && (/[?#]/.test(found) || new URL(found).username !== '' || new URL(found).password !== ''));
    if (isUrl) return value(found.replace(/\/+$/, ''));
    // Somebody's password may stand before the @.
    return fault(typeof found === 'string' ? found.replace(/^(\w+:\/\/)?.*@/s, '$1[redacted]@') : found, expected);
  });
}

/** An id is text; what YAML reads as a whole number is taken as its digits. */
export function boxId(): Format<string> {
  return format('an id: digits or text', (found) => {
    const id = idText(found);
    return id === undefined ? fault(found, 'an id (put long numbers in quotes)') : value(id);
  });
}

export function boxIds(): Format<readonly string[]> {
  return listOf('a list of ids', 'an id (put long numbers in quotes)', idText);
}

export function texts(): Format<readonly string[]> {
  return listOf('a list of texts', 'text that is not empty', (item) =>
    typeof item === 'string' && item.trim() !== '' ? item.trim() : undefined,
  );
}

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof levels)[number];

/** Our levels, and Python's names for them in any case. */
export function logLevel(): Format<LogLevel> {
  const expected = listed(levels.map((level) => `\`${level}\``));
  const synonyms: Readonly<Record<string, LogLevel>> = { warning: 'warn', critical: 'fatal' };
  return format(expected, (found) => {
    const word = typeof found === 'string' ? found.trim().toLowerCase() : undefined;
    const level = levels.find((candidate) => candidate === word) ?? synonyms[word ?? ''];
    return level === undefined ? fault(found, expected.replaceAll('`', '')) : value(level);
  });
}

/** Header names and their values. Names with a dot are refused: convict would take them for nested keys. */
export function headers(): Format<Readonly<Record<string, string>>> {
  const expected = 'header names, each with its value as text';
  return format(expected, (found) => {
    const members = structure(found);
    if (!isRecord(members)) return fault(found, expected);
    const faults: Fault[] = [];
    for (const [name, content] of Object.entries(members)) {
      const at = `.${inOneLine(name)}`;
      if (!/^[a-z][a-z0-9_-]*$/i.test(name)) {
        faults.push({ at, found: 'a header name', expected: 'letters, digits, - and _ in it' });
      } else if (typeof content !== 'string' || /[\r\n\0]/.test(content)) {
        faults.push({ at, found: kindOf(content), expected: 'text of one line, in quotes' });
      }
    }
    if (faults.length > 0) return { kind: 'faults', faults };
    return value(Object.fromEntries(Object.entries(members).map(([name, content]) => [name, String(content)])));
  });
}

/** A list whose members another part of the program parses and checks. */
export function uncheckedList(expected: string): Format<readonly unknown[]> {
  return format(expected, (found) => {
    const list = structure(found);
    return Array.isArray(list) ? value<readonly unknown[]>(list) : fault(found, expected);
  });
}

/** For keys that have no meaning here. */
export function ignored(): Format<null> {
  return format('anything', () => value(null));
}

export function isRecord(found: unknown): found is Readonly<Record<string, unknown>> {
  return typeof found === 'object' && found !== null && !Array.isArray(found);
}

/** Makes a format from its parser; `showValue` is for values that are written otherwise than JSON has them. */
export function format<T>(
  expected: string,
  parse: (found: unknown) => Parsed<T>,
  showValue?: (value: T) => string,
): Format<T> {
  const check = (found: unknown) => {
    const parsed = parse(found);
    if (parsed.kind === 'faults') throw new Error(`expected ${expected}`);
  };
  const shown = showValue ?? ((item: T) => (typeof item === 'string' ? item : JSON.stringify(item)));
  return Object.assign(check, { expected, parse, show: shown });
}

function numberFormat(expected: string, { min, max }: Range, fits: (found: unknown) => boolean): Format<number> {
  return format(expected, (found) => {
    const digits = typeof found === 'string' && /^\s*[+-]?\d+(\.\d+)?\s*$/.test(found);
    const read = digits ? Number(found) : found;
    const inRange = typeof read === 'number' && fits(read) && read >= (min ?? read) && read <= (max ?? read);
    return inRange ? value(read) : fault(found, expected);
  });
}

function listOf(
  expected: string,
  expectedItem: string,
  parseItem: (item: unknown) => string | undefined,
): Format<readonly string[]> {
  return format(`${expected}; as text, with commas between them`, (found) => {
    const items = typeof found === 'string' ? found.split(',').filter((item) => item.trim() !== '') : found;
    if (!Array.isArray(items)) return fault(found, expected);
    const parsed = items.map((item: unknown) => ({ item, text: parseItem(item) }));
    const faults = parsed.flatMap(({ item, text: id }, index) =>
      id === undefined ? [{ at: `[${index}]`, found: show(item), expected: expectedItem }] : [],
    );
    if (faults.length > 0) return { kind: 'faults', faults };
    return value(parsed.flatMap((item) => (item.text === undefined ? [] : [item.text])));
  });
}

function idText(found: unknown): string | undefined {
  if (typeof found === 'number') return Number.isSafeInteger(found) && found >= 0 ? String(found) : undefined;
  return typeof found === 'string' && /^\S+$/.test(found.trim()) ? found.trim() : undefined;
}

/** Lists and sections may be given as JSON or YAML text: environment variables hold nothing else. */
export function structure(found: unknown): unknown {
  if (typeof found !== 'string') return found;
  try {
    return parseYaml(found, { logLevel: 'error' });
  } catch {
    return found;
  }
}

function inWords({ min, max }: Range): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return `, at least ${min}`;
  return max === undefined ? '' : `, at most ${max}`;
}

/** What YAML takes for a number or a boolean, although text is meant. */
function quotesFor(found: unknown, expected: string): string {
  return typeof found === 'number' || typeof found === 'boolean' ? `${expected}, in quotes` : expected;
}

function showBytes(bytes: number): string {
  for (const [unit, size] of [['gb', 1024 ** 3] as const, ['mb', 1024 ** 2] as const, ['kb', 1024] as const]) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}

function listed(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), ...words.slice(-1)].join(' or ');
}

export function value<T>(parsed: T): Parsed<T> {
  return { kind: 'value', value: parsed };
}

export function fault(found: unknown, expected: string): Parsed<never> {
  return { kind: 'faults', faults: [{ at: '', found: show(found), expected }] };
}
