import { assertNever } from '../../core/assert-never.js';
import { dateInstant } from './date-instant.js';
import { pythonPattern } from './python-pattern.js';
import { pythonText } from './python-text.js';
import type { SyncRule } from './sync-rule.js';

/**
 * Whether a document matches a rule, as Elastic's connectors see it (the rule's value takes the type of the document's
 * value) with these differences: what cannot be compared does not match, instead of ending the run; two dates are compared
 * as instants; a boolean can equal `true`. Throws RE2's error for a regular expression that it cannot run.
 */
export function ruleCondition(rule: SyncRule): (document: Readonly<Record<string, unknown>>) => boolean {
  const { field } = rule;
  const test = valueTest(rule);
  return (document) => {
    // Own members only: a field called `constructor` or `__proto__` is a field like any other.
    if (!Object.hasOwn(document, field)) return false;
    const value = document[field];
    return value !== undefined && test(value);
  };
}

function valueTest({ rule, value: text }: SyncRule): (value: unknown) => boolean {
  switch (rule) {
    case 'equals':
      return equals(text);
    case '>':
      return comparison(text, (difference) => difference > 0);
    case '<':
      return comparison(text, (difference) => difference < 0);
    case 'starts_with':
      return (value) => pythonText(value).startsWith(text);
    case 'ends_with':
      return (value) => pythonText(value).endsWith(text);
    case 'contains':
      return (value) => pythonText(value).includes(text);
    case 'regex': {
      const matches = pythonPattern(text);
      return (value) => matches(pythonText(value));
    }
    default:
      return assertNever(rule);
  }
}

function equals(text: string): (value: unknown) => boolean {
  const number = pythonFloat(text);
  const boolean = pythonBoolean(text);
  const instant = dateInstant(text);
  return (value) => {
    if (typeof value === 'string') return value === text || (instant !== null && dateInstant(value) === instant);
    if (typeof value === 'boolean') return value === boolean;
    if (typeof value === 'number') return value === number;
    // Objects, lists and null are never equal to a text; a date (of a custom document) is to the same instant.
    return value instanceof Date && value.getTime() === instant;
  };
}

function comparison(text: string, holds: (difference: number) => boolean): (value: unknown) => boolean {
  const number = pythonFloat(text);
  const instant = dateInstant(text);
  return (value) => {
    if (typeof value === 'string') {
      const at = instant === null ? null : dateInstant(value);
      return holds(at === null || instant === null ? compareCodePoints(value, text) : at - instant);
    }
    // Not by subtraction: two infinities are equal.
    if (typeof value === 'number') return number !== null && holds(Number(value > number) - Number(value < number));
    return instant !== null && value instanceof Date && holds(value.getTime() - instant);
  };
}

/** Python orders texts by code point, JavaScript by UTF-16 unit: they differ where an emoji meets U+E000 to U+FFFF. */
function compareCodePoints(left: string, right: string): number {
  const shorter = Math.min(left.length, right.length);
  for (let index = 0; index < shorter; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

/** Puts the surrogates behind all other units. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

const float = /^[+-]?(?:(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+)?|inf(?:inity)?|nan)$/i;

/** What Python's `float()` makes of a text, `null` where it refuses. */
function pythonFloat(text: string): number | null {
  const trimmed = text.trim();
  if (!float.test(trimmed)) return null;
  if (/nan/i.test(trimmed)) return Number.NaN;
  if (/inf/i.test(trimmed)) return trimmed.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(trimmed.replaceAll('_', ''));
}

function pythonBoolean(text: string): boolean | null {
  if (/^(?:true|t|yes|y|on)$/i.test(text)) return true;
  return /^(?:false|f|no|n|off)$/i.test(text) ? false : null;
}
