import { rmSync, statSync } from 'node:fs';
import Database from 'libsql';
import { StateError } from '../core/errors.js';

/** What is used of a statement. */
export interface Statement {
  run(...parameters: readonly unknown[]): { readonly changes: number };
  all(...parameters: readonly unknown[]): unknown[];
  /** Rows come as arrays. */
  raw(isRaw: boolean): Statement;
}

/** What is used of a database; a full or broken disk is a `StateError`. */
export interface Sqlite {
  prepare(sql: string): Statement;
  exec(sql: string): void;
  readonly inTransaction: boolean;
  close(): void;
}

/**
 * Opens a SQLite file. The write-ahead log makes each transaction survive `kill -9`; `synchronous` is raised to FULL
 * only for what must survive a power cut (tokens).
 */
export function openSqlite(path: string): Sqlite {
  if (path !== ':memory:') dropOrphanedLog(path);
  const db = withStateErrors(new Database(path), path);
  db.exec(`
    PRAGMA busy_timeout = 5000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -6000;
  `);
  return db;
}

/**
 * Whoever deletes a database may leave its log beside it (a process that was killed leaves one): SQLite would take it
 * for that of the new file, and fail to read it.
 */
function dropOrphanedLog(path: string): void {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0) return;
  for (const part of ['-wal', '-shm']) rmSync(`${path}${part}`, { force: true });
}

function withStateErrors(db: Database.Database, path: string): Sqlite {
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw diskError(error, path) ?? error;
    }
  };
  const wrap = (prepare: () => Database.Statement): Statement => {
    // At first use: a state that is opened for one fact, as for each connector of a service, would prepare them all.
    let statement: Database.Statement | undefined;
    const prepared = () => (statement ??= prepare());
    return {
      run: (...parameters) => attempt(() => prepared().run(...parameters)),
      all: (...parameters) => attempt(() => prepared().all(...parameters)),
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
      db.close();
    },
  };
}

function diskError(error: unknown, path: string): StateError | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  const { code, message } = error;
  const then = 'and start again: the run goes on where it was';
  if (code === 'SQLITE_FULL') {
    return new StateError(`Cannot write "${path}": the disk is full, expected room for it. Free some space ${then}`, {
      cause: error,
      code,
    });
  }
  if (!code.startsWith('SQLITE_IOERR')) return undefined;
  return new StateError(
    `Cannot read or write "${path}": ${message} (${code}), expected a working disk with free space. Look after the disk ${then}`,
    { cause: error, code },
  );
}
