/** A token pair as it is kept between runs. */
export interface StoredToken {
  readonly accessToken: string;
  /** `null` for sign-ins that have none (client credentials, JWT). */
  readonly refreshToken: string | null;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Hash of the configured refresh token that this pair descends from: another one configured means start again. */
  readonly origin: string;
}

/** Where tokens live. `save` returns only after the pair is on disk (fsync), in a file of mode 0600. */
export interface TokenStore {
  load(account: string): StoredToken | undefined;
  save(account: string, token: StoredToken): void;
}
