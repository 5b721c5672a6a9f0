import type { StoredToken, TokenStore } from '../box/token-store.js';
import type { Sqlite } from './sqlite-database.js';

export const tokenSchema = `
  CREATE TABLE token (
    account TEXT PRIMARY KEY,
    access TEXT NOT NULL,
    refresh TEXT,
    expires_at INTEGER NOT NULL,
    origin TEXT NOT NULL
  );
`;

/** Tokens in SQLite. `save` commits with `synchronous = FULL`: the pair is on the disk when it returns. */
export function sqliteTokens(db: Sqlite): TokenStore {
  const select = db.prepare('SELECT access, refresh, expires_at, origin FROM token WHERE account = ?').raw(true);
  const upsert = db.prepare(`
    INSERT INTO token (account, access, refresh, expires_at, origin) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (account) DO UPDATE SET access = excluded.access, refresh = excluded.refresh,
      expires_at = excluded.expires_at, origin = excluded.origin`);
  return {
    load(account): StoredToken | undefined {
      const [row] = select.all(account) as [string, string | null, number, string][];
      if (row === undefined) return undefined;
      const [accessToken, refreshToken, expiresAt, origin] = row;
      return { accessToken, refreshToken, expiresAt, origin };
    },
    save(account, token) {
      db.exec('PRAGMA synchronous = FULL');
      try {
        upsert.run(account, token.accessToken, token.refreshToken, token.expiresAt, token.origin);
      } finally {
        db.exec('PRAGMA synchronous = NORMAL');
      }
    },
  };
}
