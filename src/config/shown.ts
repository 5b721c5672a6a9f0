/** A value as it may stand in a message: one short line. Not for secrets. */
export function show(found: unknown): string {
  if (typeof found !== 'string') return found === null || typeof found !== 'object' ? String(found) : kindOf(found);
  return `"${inOneLine(found)}"`;
}

/** What kind of value it is, in words: for where the value itself should not be shown. */
export function kindOf(found: unknown): string {
  if (found === null || found === undefined) return 'nothing';
  if (Array.isArray(found)) return 'a list';
  if (typeof found === 'string') return found === '' ? 'empty text' : 'text';
  return typeof found === 'object' ? 'a section' : `a ${typeof found}`;
}

/** Foreign text for a message: no line breaks or control characters, and not longer than 80 characters. */
export function inOneLine(found: string): string {
  const line = JSON.stringify(found.length > 80 ? `${found.slice(0, 79)}…` : found).slice(1, -1);
  return line.replaceAll('\\"', '"');
}
