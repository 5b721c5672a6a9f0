import { printable } from '../core/printable.js';

/** Characters of a text that are shown. */
const shown = 60;

/** What was found in a field, for a message: `number -1`, `text "abc"`, `a list`. On one line, and short. */
export function foundValue(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (typeof value === 'string') {
    return `text ${printable(JSON.stringify(value.length > shown ? `${value.slice(0, shown)}...` : value))}`;
  }
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'number' || typeof value === 'boolean' ? `${typeof value} ${value}` : typeof value;
}
