import { fromSqlText, toSqlText } from './sqlite-text.js';

/** What a text that `toSqlText` changes looks like in JSON. */
const hostile = /\\u(?:0000|001b|d[89a-f])/;

/**
 * A value as JSON that SQLite may look into (`json_each`, `->>`): what SQLite takes out of it is what it would have been
 * given for the same text as a parameter. `JSON.stringify` alone will not do: it writes NUL and half a surrogate pair
 * as escapes, and SQLite turns them back into what it cannot keep. For values without own `toJSON`; keys are left alone.
 */
export function toSqlJson(value: unknown): string {
  const text = JSON.stringify(value);
  if (!hostile.test(text)) return text;
  return JSON.stringify(value, (_, member: unknown) => (typeof member === 'string' ? toSqlText(member) : member));
}

/** The value that `toSqlJson` was given, or that SQLite has made JSON of. */
export function fromSqlJson(text: string): unknown {
  if (!text.includes('\\u001b') && !text.includes('\u001b')) return JSON.parse(text);
  return JSON.parse(text, (_, member: unknown) =>
    typeof member === 'string' ? fromSqlText(member) : member,
  ) as unknown;
}
