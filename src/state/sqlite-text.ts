/**
 * Begins a code unit that SQLite cannot keep. A text without one, and without this mark, is kept as it is, so that
 * nearly every text is compared, searched and read by others as what it is.
 */
const mark = '\u001b';

/** Two cells of braille say which code unit: no letters, so that the words around it stay words for a full-text search. */
const cell = 0x2800;

/**
 * A text as it is given to SQLite, which ends a text at NUL, while the driver ends the process at half a surrogate pair.
 * Names of Box may hold both. Two different texts stay different, and `fromSqlText` gives the same text back.
 */
export function toSqlText(text: string): string {
  if (text.isWellFormed() && !text.includes('\0') && !text.includes(mark)) return text;
  return text.replace(/[\0\u001b]|\p{Surrogate}/gu, (found) => {
    const unit = found.charCodeAt(0);
    return `${mark}${String.fromCharCode(cell + (unit >> 8), cell + (unit & 0xff))}`;
  });
}

/** The text that `toSqlText` was given. */
export function fromSqlText(text: string): string {
  if (!text.includes(mark)) return text;
  return text.replace(/\u001b([\u2800-\u28ff])([\u2800-\u28ff])/g, (_, high: string, low: string) =>
    String.fromCharCode(((high.charCodeAt(0) - cell) << 8) | (low.charCodeAt(0) - cell)),
  );
}
