/** A character that makes V8 keep the whole text with two bytes for each. */
const wide = /[^\0-\xff]/;

/** Bytes of memory that a text takes: one or two for each UTF-16 unit. */
export function textBytes(text: string): number {
  return wide.test(text) ? text.length * 2 : text.length;
}
