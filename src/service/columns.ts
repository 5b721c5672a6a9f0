import { printable } from '../core/printable.js';

/**
 * Rows of cells as lines with aligned columns. What could break a line or move a terminal's cursor is escaped first, so
 * that the columns stay where they are; a cell is cut at `widest` characters, but for the last.
 */
export function columns(rows: readonly (readonly string[])[], widest = 60): readonly string[] {
  const safe = rows.map((row) =>
    row.map((cell, index) => {
      const text = printable(cell);
      return index < row.length - 1 && text.length > widest ? `${text.slice(0, widest - 3)}...` : text;
    }),
  );
  const widths = safe.reduce<readonly number[]>(
    (known, row) => row.map((cell, index) => Math.max(cell.length, known[index] ?? 0)),
    [],
  );
  return safe.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
