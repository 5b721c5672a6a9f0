import { atMost } from '../core/at-most.js';
import type { Clock } from '../core/clock.js';
import { AbortedError } from '../core/errors.js';
import type { Grant, GrantedToken } from './grant.js';
import { GrantRefusedError } from './grant-refused-error.js';
import { tokenOrigin } from './token-origin.js';
import type { StoredToken, TokenStore } from './token-store.js';

/** A token is renewed this long before it expires, but at most a third of its life before. */
const marginMs = 180_000;

/** Box answers a sign-in within a second or two: so long it is waited for at the end. */
const longestAnswerMs = 5_000;

/** Gives out access tokens. However many callers ask, one sign-in at a time is under way for all of them. */
export interface TokenSource {
  /** A token that is good for a while. */
  token(signal: AbortSignal): Promise<string>;
  /** Box has refused `staleToken`: another one. */
  renew(staleToken: string, signal: AbortSignal): Promise<string>;
  /**
   * Before the process ends, since Box takes a refresh token once: begins no further try, waits for the sign-in that is
   * under way, and resolves to whether it has ended in 5 s, with what it has brought stored. Rejects if that cannot be.
   */
  settled(): Promise<boolean>;
}

export interface TokenSourceDeps {
  readonly grant: Grant;
  readonly clock: Clock;
  /** Where a pair that rotates is kept; `null` for sign-ins without a refresh token, of which nothing is kept. */
  readonly kept: KeptTokens | null;
}

export interface KeptTokens {
  readonly store: TokenStore;
  /** Key in the store: the client id. */
  readonly account: string;
  readonly configuredRefreshToken: string | null;
}

interface Live {
  readonly token: StoredToken;
  /** From this moment on it is renewed before use. */
  readonly renewAt: number;
}

/** A sign-in under way, for `waiting` callers. */
interface Renewal {
  readonly result: Promise<string>;
  readonly abandon: AbortController;
  waiting: number;
}

/**
 * The token source over one grant.
 *
 * A rotated pair is saved before anybody gets its access token; if saving fails, the pair waits in memory and is saved
 * first thing at the next call. After a restart the stored pair wins over the configured refresh token, unless that
 * one has changed. When Box refuses the refresh token, the store is read once more: `login` or another process may
 * have put a newer pair there. An abort fails only the caller who aborted; when all have, no further try is made.
 */
export function tokenSource(deps: TokenSourceDeps): TokenSource {
  return new Source(deps);
}

class Source implements TokenSource {
  readonly #grant: Grant;
  readonly #clock: Clock;
  readonly #kept: KeptTokens | null;
  readonly #origin: string;
  #live: Live | undefined;
  /** Rotated and not on disk yet. */
  #unsaved: Live | undefined;
  #renewal: Renewal | undefined;

  constructor({ grant, clock, kept }: TokenSourceDeps) {
    this.#grant = grant;
    this.#clock = clock;
    this.#kept = kept;
    this.#origin = tokenOrigin(kept?.configuredRefreshToken ?? null);
  }

  async token(signal: AbortSignal): Promise<string> {
    if (this.#renewal === undefined) {
      const live = this.#current();
      if (live !== undefined && this.#clock.now() < live.renewAt) return live.token.accessToken;
    }
    return this.#renewed(signal);
  }

  async renew(staleToken: string, signal: AbortSignal): Promise<string> {
    const live = this.#current();
    // Somebody else was refused the same token and has renewed it meanwhile.
    if (live !== undefined && live.token.accessToken !== staleToken) return this.token(signal);
    return this.#renewed(signal);
  }

  settled(): Promise<boolean> {
    return atMost(this.#clock, longestAnswerMs, this.#ended());
  }

  async #ended(): Promise<void> {
    // Another may have been begun meanwhile, behind one that nobody waited for any more.
    for (let underWay = this.#renewal; underWay !== undefined; underWay = this.#renewal) {
      underWay.abandon.abort();
      // What it fails with is for those who wait for its token.
      await underWay.result.catch(() => {});
    }
    if (this.#unsaved !== undefined) this.#keep(this.#unsaved);
  }

  /** What is in memory, else what is in the store and descends from the configured refresh token. */
  #current(): Live | undefined {
    if (this.#unsaved !== undefined) this.#keep(this.#unsaved);
    this.#live ??= this.#stored();
    return this.#live;
  }

  #stored(): Live | undefined {
    if (this.#kept === null) return undefined;
    const { store, account, configuredRefreshToken } = this.#kept;
    const token = store.load(account);
    if (token === undefined) return undefined;
    const descends =
      configuredRefreshToken === null ||
      token.origin === this.#origin ||
      // What a service has written back to the configuration is no change by the user.
      token.refreshToken === configuredRefreshToken;
    return descends ? { token, renewAt: token.expiresAt - marginMs } : undefined;
  }

  /** Joins the sign-in that is under way, or begins one. */
  #renewed(signal: AbortSignal): Promise<string> {
    if (signal.aborted) return Promise.reject(new AbortedError());
    const underWay = this.#renewal;
    const renewal = underWay === undefined || underWay.abandon.signal.aborted ? this.#begin(underWay) : underWay;
    renewal.waiting += 1;
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        renewal.waiting -= 1;
        if (renewal.waiting === 0) renewal.abandon.abort();
        reject(new AbortedError());
      };
      signal.addEventListener('abort', onAbort, { once: true });
      renewal.result.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    });
  }

  /** `abandoned`: a sign-in that nobody waits for any more; it may still bring a pair, so it is waited for. */
  #begin(abandoned: Renewal | undefined): Renewal {
    const abandon = new AbortController();
    const signIn = () => this.#signIn(abandon.signal);
    const result = abandoned === undefined ? signIn() : abandoned.result.catch(signIn);
    const renewal: Renewal = { result, abandon, waiting: 0 };
    this.#renewal = renewal;
    const end = () => {
      if (this.#renewal === renewal) this.#renewal = undefined;
    };
    result.then(end, end);
    return renewal;
  }

  async #signIn(signal: AbortSignal): Promise<string> {
    const spent = this.#live?.token.refreshToken ?? this.#kept?.configuredRefreshToken ?? null;
    try {
      return await this.#spend(spent, signal);
    } catch (error) {
      if (!(error instanceof GrantRefusedError) || error.code !== 'invalid_grant' || this.#kept === null) throw error;
      const stored = this.#kept.store.load(this.#kept.account);
      if (stored === undefined || stored.refreshToken === null || stored.refreshToken === spent) throw error;
      return this.#adopt(stored, signal);
    }
  }

  /** Takes up a pair that somebody else has stored; its access token only if it is still good for a while. */
  async #adopt(stored: StoredToken, signal: AbortSignal): Promise<string> {
    const refused = this.#live?.token.accessToken;
    this.#live = { token: stored, renewAt: stored.expiresAt - marginMs };
    if (stored.accessToken !== refused && this.#clock.now() < this.#live.renewAt) return stored.accessToken;
    return this.#spend(stored.refreshToken, signal);
  }

  async #spend(refreshToken: string | null, signal: AbortSignal): Promise<string> {
    const askedAt = this.#clock.now();
    const granted = await this.#grant(refreshToken, signal);
    this.#keep(this.#liveOf(granted, askedAt, refreshToken));
    return granted.accessToken;
  }

  #liveOf({ accessToken, refreshToken, expiresInMs }: GrantedToken, askedAt: number, spent: string | null): Live {
    const expiresAt = Math.round(askedAt + expiresInMs);
    return {
      // A grant that rotates and answers without a new refresh token leaves the old one good.
      token: { accessToken, refreshToken: refreshToken ?? spent, expiresAt, origin: this.#origin },
      renewAt: expiresAt - Math.min(marginMs, expiresInMs / 3),
    };
  }

  /** On disk first, then in use. */
  #keep(live: Live): void {
    this.#unsaved = live;
    this.#kept?.store.save(this.#kept.account, live.token);
    this.#unsaved = undefined;
    this.#live = live;
  }
}
