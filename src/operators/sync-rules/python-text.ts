/** Deeper than this a document is written as `...`; Python itself gives up at about twice the depth. */
const deepest = 500;
const notPrintable = /[\\'"\p{C}\p{Z}]/u;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', ' ': ' ' };

/**
 * `value` as Python's `str()` writes it: `True`, `None`, `{'name': 'a', 'tags': ['x']}`. Elastic's rules compare that
 * text, so a rule that was written for them finds the same here. Two things are lost in JavaScript: JSON's `5.0` is
 * `5`, and keys that are whole numbers come first.
 */
export function pythonText(value: unknown): string {
  return typeof value === 'string' ? value : representation(value, 0);
}

function representation(value: unknown, depth: number): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'bigint') return value.toString();
  // JSON writes null for undefined, a function or a symbol inside a list.
  if (typeof value !== 'object' || value === null) return 'None';
  if (depth > deepest) return '...';
  if (Array.isArray(value)) return `[${value.map((entry) => representation(entry, depth + 1)).join(', ')}]`;
  // As it would be indexed; only at the top is it not inside quotes.
  if (value instanceof Date) return depth === 0 ? dateText(value) : quoted(dateText(value));
  const members = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return `{${members.map(([key, entry]) => `${quoted(key)}: ${representation(entry, depth + 1)}`).join(', ')}}`;
}

function dateText(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'None' : date.toISOString();
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  if (!notPrintable.test(text)) return `${quote}${text}${quote}`;
  let body = '';
  for (const character of text) {
    if (character === quote) body += `\\${quote}`;
    else if (character === "'" || character === '"' || !notPrintable.test(character)) body += character;
    else body += escapes[character] ?? codePointEscape(character);
  }
  return `${quote}${body}${quote}`;
}

function codePointEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-4 && size < 1e16)) return String(value);
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  return `${mantissa}e${exponent.charAt(0)}${exponent.slice(1).padStart(2, '0')}`;
}
