import type { StoredToken, TokenStore } from '../../src/box/token-store.js';

/** A TokenStore without a disk; `saved` has every pair in the order of saving. */
export class MemoryTokenStore implements TokenStore {
  readonly saved: StoredToken[] = [];
  readonly #tokens = new Map<string, StoredToken>();

  load(account: string): StoredToken | undefined {
    return this.#tokens.get(account);
  }

  save(account: string, token: StoredToken): void {
    this.saved.push(token);
    this.#tokens.set(account, token);
  }
}
