import { rmSync, statSync } from 'node:fs';
import Database from 'libsql';
import type { StateError } from '../core/errors.js';
import { sqliteError } from './sqlite-error.js';
import { fromSqlText, toSqlText } from './sqlite-text.js';

/** A value that a statement takes. JSON that SQLite looks into is made with `toSqlJson`. */
export type SqlValue = string | number | bigint | null;

/** What is used of a statement. Every text goes in through `toSqlText` and comes out through `fromSqlText`. */
export interface Statement {
  run(...parameters: readonly SqlValue[]): { readonly changes: number };
  all(...parameters: readonly SqlValue[]): unknown[];
  /** Rows come as arrays. */
  raw(isRaw: boolean): Statement;
}

/** What is used of a database; what is wrong with its file or disk is a `StateError`. */
export interface Sqlite {
  prepare(sql: string): Statement;
  exec(sql: string): void;
  readonly inTransaction: boolean;
  close(): void;
}

export interface OpenSqliteOptions {
  /** For the message about a file whose content is broken: what to do. */
  readonly ifDamaged: string;
  /** Called with each error that says what is wrong with the file or disk, before it is thrown. */
  readonly onError?: (error: StateError) => void;
}

/**
 * Opens a SQLite file. The write-ahead log makes each transaction survive `kill -9`; `synchronous` is raised to FULL
 * only for what must survive a power cut (tokens).
 */
export function openSqlite(path: string, options: OpenSqliteOptions): Sqlite {
  if (path !== ':memory:') dropOrphanedLog(path);
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      const said = sqliteError(error, path, options);
      if (said === undefined) throw error;
      options.onError?.(said);
      throw said;
    }
  };
  const db = withStateErrors(
    attempt(() => new Database(path)),
    attempt,
  );
  try {
    db.exec(settings);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

const settings = `
  PRAGMA busy_timeout = 5000;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -6000;
`;

/**
 * Whoever deletes a database may leave its log beside it (a process that was killed leaves one): SQLite would take it
 * for that of the new file, and fail to read it.
 */
function dropOrphanedLog(path: string): void {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0) return;
  for (const part of ['-wal', '-shm']) rmSync(`${path}${part}`, { force: true });
}

function withStateErrors(db: Database.Database, attempt: <T>(work: () => T) => T): Sqlite {
  const wrap = (prepare: () => Database.Statement): Statement => {
    // At first use: a state that is opened for one fact, as for each connector of a service, would prepare them all.
    let statement: Database.Statement | undefined;
    const prepared = () => (statement ??= prepare());
    return {
      run: (...parameters) => attempt(() => prepared().run(...parameters.map(bound))),
      all: (...parameters) =>
        attempt(() =>
          prepared()
            .all(...parameters.map(bound))
            .map(read),
        ),
      raw: (isRaw) => wrap(() => prepared().raw(isRaw)),
    };
  };
  return {
    prepare: (sql) => wrap(() => db.prepare(sql)),
    exec(sql) {
      attempt(() => db.exec(sql));
    },
    get inTransaction() {
      return db.inTransaction;
    },
    close() {
      foldLog(db);
      db.close();
    },
  };
}

/**
 * The driver gives a database back when it is collected, which may not be before the process has ended: the log would stay
 * beside the file. Where another process works on it as well, nobody waits; and nothing is lost if it cannot be done.
 */
function foldLog(db: Database.Database): void {
  try {
    db.exec('PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE);');
  } catch {
    // SQLite does it when the file is opened next.
  }
}

function bound(value: SqlValue): SqlValue {
  return typeof value === 'string' ? toSqlText(value) : value;
}

/** One row, an array or an object. */
function read(row: unknown): unknown {
  if (Array.isArray(row)) return row.map(readValue);
  if (typeof row !== 'object' || row === null) return row;
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, readValue(value)]));
}

function readValue(value: unknown): unknown {
  return typeof value === 'string' ? fromSqlText(value) : value;
}
