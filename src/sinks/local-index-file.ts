import { existsSync } from 'node:fs';
import { PermanentError } from '../core/errors.js';
import { makePrivateFile } from '../state/make-private-file.js';
import { type Sqlite, openSqlite } from '../state/sqlite-database.js';
import { messageOf } from '../core/message-of.js';

const format = 1;

// The full-text table keeps no text of its own: it reads `doc` for snippets, and the triggers keep it in step.
const schema = `
  CREATE TABLE doc (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    body TEXT NOT NULL,
    document TEXT NOT NULL
  );
  CREATE VIRTUAL TABLE words USING fts5(
    name, path, body, content = 'doc', content_rowid = 'n', tokenize = 'unicode61 remove_diacritics 2'
  );
  CREATE TRIGGER doc_insert AFTER INSERT ON doc BEGIN
    INSERT INTO words (rowid, name, path, body) VALUES (new.n, new.name, new.path, new.body);
  END;
  CREATE TRIGGER doc_delete AFTER DELETE ON doc BEGIN
    INSERT INTO words (words, rowid, name, path, body) VALUES ('delete', old.n, old.name, old.path, old.body);
  END;
  CREATE TRIGGER doc_update AFTER UPDATE OF name, path, body ON doc
  WHEN old.name <> new.name OR old.path <> new.path OR old.body <> new.body BEGIN
    INSERT INTO words (words, rowid, name, path, body) VALUES ('delete', old.n, old.name, old.path, old.body);
    INSERT INTO words (rowid, name, path, body) VALUES (new.n, new.name, new.path, new.body);
  END;
  PRAGMA user_version = ${format};
`;

/** Opens the index to write, making it (mode 0600) if it is missing. Throws `PermanentError` if the file is no such index. */
export function createLocalIndex(path: string): Sqlite {
  return open(path, () => makePrivateFile(path));
}

/** Opens an index that exists. */
export function openLocalIndex(path: string): Sqlite {
  return open(path, () => {
    if (existsSync(path)) return;
    throw new PermanentError(
      `Cannot open the local index "${path}": there is no such file, expected one that a sync has written. Run "sync" with "sink: local_index" first`,
    );
  });
}

function open(path: string, prepare: () => void): Sqlite {
  let db: Sqlite | undefined;
  try {
    prepare();
    db = openSqlite(path, {
      ifDamaged: 'If it is a local index, delete it and sync again, else name another file in "local_index.path"',
    });
    const [row] = db.prepare('PRAGMA user_version').raw(true).all() as [number][];
    const version = row?.[0] ?? 0;
    if (version > format) {
      throw new PermanentError(
        `Cannot open the local index "${path}": its format is ${version}, expected at most ${format}. Use the newer version of this connector that wrote it, or delete the file and sync again`,
      );
    }
    if (version === 0) db.exec(`BEGIN IMMEDIATE; ${schema} COMMIT;`);
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof PermanentError) throw error;
    const found = messageOf(error);
    throw new PermanentError(
      `Cannot open the local index "${path}": ${found}, expected an index of this connector. Delete the file and sync again`,
      { cause: error },
    );
  }
}
