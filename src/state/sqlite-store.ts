import { PermanentError, type StateError } from '../core/errors.js';
import { makePrivateFile } from './make-private-file.js';
import { absenceSchema2, absenceSchema, sqliteAbsence } from './sqlite-absence.js';
import { catalogueSchema, sqliteCatalogue } from './sqlite-catalogue.js';
import { censusSchema, sqliteCensus } from './sqlite-census.js';
import { contentTriesSchema, sqliteContentTries } from './sqlite-content-tries.js';
import { openSqlite, type Sqlite } from './sqlite-database.js';
import { deadLetterSchema, sqliteDeadLetters } from './sqlite-dead-letters.js';
import { frontierSchema, frontierSchema2, sqliteFrontier } from './sqlite-frontier.js';
import { runSchema, runSchema2, sqliteRuns } from './sqlite-runs.js';
import { sqliteTokens, tokenSchema } from './sqlite-tokens.js';
import type { Facts, Store } from './store.js';
import { messageOf } from '../core/message-of.js';

/**
 * What turns format n into n + 1, in one transaction each; the first makes an empty file. Never change a line of one
 * that was released: add the next.
 */
const migrations: readonly string[] = [
  `CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
   ${catalogueSchema} ${frontierSchema} ${absenceSchema} ${censusSchema} ${runSchema} ${deadLetterSchema} ${tokenSchema}`,
  `${frontierSchema2} ${runSchema2} ${absenceSchema2} ${contentTriesSchema}`,
];

export interface SqliteStoreOptions {
  /** Called with each error that says what is wrong with the file or disk, before it is thrown. */
  readonly onError?: (error: StateError) => void;
}

/**
 * Opens (or makes) the state file at `path`, mode 0600, or a store in memory for `:memory:`.
 *
 * Throws `PermanentError` if the file is damaged, is no state file or was written by a newer version. It takes no lock:
 * see `lockState`; a run opens it with `openState`.
 */
export function sqliteStore(path: string, { onError }: SqliteStoreOptions = {}): Store {
  if (path !== ':memory:') makePrivateFile(path);
  let db: Sqlite | undefined;
  try {
    db = openSqlite(path, {
      ifDamaged: `Run "sync" again, or let the service run its next job: the file is kept as "${path}.damaged", and what the index holds is read back`,
      ...(onError && { onError }),
    });
    migrate(db, path);
  } catch (error) {
    db?.close();
    if (error instanceof PermanentError) throw error;
    throw new PermanentError(
      `Cannot open the state "${path}": ${messageOf(error)}, expected a state file of this connector. Move the file away to start with an empty state; the index is then read again`,
      { cause: error },
    );
  }
  const open = db;
  return {
    catalogue: sqliteCatalogue(open),
    frontier: sqliteFrontier(open),
    absence: sqliteAbsence(open),
    census: sqliteCensus(open),
    runs: sqliteRuns(open),
    deadLetters: sqliteDeadLetters(open),
    contentTries: sqliteContentTries(open),
    tokens: sqliteTokens(open),
    facts: sqliteFacts(open),
    transaction(work) {
      open.exec('BEGIN IMMEDIATE');
      try {
        work();
      } catch (error) {
        rollBack(open);
        throw error;
      }
      open.exec('COMMIT');
    },
    copyTo(copy) {
      open.exec(`VACUUM INTO '${copy.replaceAll("'", "''")}'`);
    },
    close: () => open.close(),
  };
}

/** A full disk has ended the transaction already. */
function rollBack(db: Sqlite): void {
  try {
    db.exec('ROLLBACK');
  } catch {
    // The error that led here says more.
  }
}

function migrate(db: Sqlite, path: string): void {
  const [row] = db.prepare('PRAGMA user_version').raw(true).all() as [number][];
  const version = row?.[0] ?? 0;
  if (version > migrations.length) {
    throw new PermanentError(
      `Cannot use the state "${path}": its format is ${version}, expected at most ${migrations.length}. It was written by a newer version of this connector: use that one, or move the file away: what the index holds is then read back`,
    );
  }
  for (const [index, migration] of migrations.entries()) {
    if (index < version) continue;
    db.exec(`BEGIN IMMEDIATE; ${migration} PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}

function sqliteFacts(db: Sqlite): Facts {
  const select = db.prepare('SELECT value FROM fact WHERE name = ?').raw(true);
  const upsert = db.prepare(
    'INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  return {
    get(name) {
      const [row] = select.all(name) as [string][];
      return row?.[0];
    },
    set(name, value) {
      upsert.run(name, value);
    },
  };
}
