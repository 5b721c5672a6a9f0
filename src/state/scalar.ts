import type { SqlValue, Statement } from './sqlite-database.js';

/** The number in the first column of a raw statement's first row; 0 without a row. */
export function scalar(statement: Statement, ...values: SqlValue[]): number {
  const [row] = statement.all(...values) as [number][];
  return row?.[0] ?? 0;
}
