import Database from 'libsql';

export type Sqlite = Database.Database;
export type Statement = Database.Statement;

/**
 * Opens a SQLite file. The write-ahead log makes each transaction survive `kill -9`; `synchronous` is raised to FULL
 * only for what must survive a power cut (tokens).
 */
export function openSqlite(path: string): Sqlite {
  const db = new Database(path);
  db.exec(`
    PRAGMA busy_timeout = 5000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -6000;
  `);
  return db;
}
