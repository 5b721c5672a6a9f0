import { randomBytes } from 'node:crypto';
import {
  insufficientScope,
  invalidToken,
  noPermission,
  boxError,
  notFound,
  oauthError,
  type Answer,
} from './answer.js';
import type { BoxModel } from './box-model.js';
import type { Acting, Call } from './call.js';
import { jsonText } from './json-text.js';
import { verifyAssertion, type JwtKey } from './verify-assertion.js';

/** The app as the developer console knows it. */
export interface AppCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Public keys by which assertions are checked. */
  readonly keys: readonly JwtKey[];
}

interface AccessToken {
  readonly userId: string;
  readonly expiresAt: number;
  readonly scopes: ReadonlySet<string>;
  readonly restrictedTo: string | null;
  /** The refresh token given out with it. */
  readonly refreshToken: string | null;
}

interface RefreshToken {
  readonly userId: string;
  readonly expiresAt: number;
  /** What it has been exchanged for, and when. */
  spent?: { readonly at: number; readonly accessToken: string; readonly refreshToken: string };
}

interface AuthorizationCode {
  readonly userId: string;
  readonly expiresAt: number;
}

const codeSeconds = 30;
const manyTokens = 10_000;

/** Gives out tokens and knows what they are good for. Holds up to 10,000 tokens, then drops those that have expired. */
export class TokenDesk {
  readonly #box: BoxModel;
  readonly #app: AppCredentials;
  readonly #access = new Map<string, AccessToken>();
  readonly #refresh = new Map<string, RefreshToken>();
  readonly #codes = new Map<string, AuthorizationCode>();
  readonly #usedJti = new Map<string, number>();

  constructor(box: BoxModel, app: AppCredentials) {
    this.#box = box;
    this.#app = app;
  }

  /** A refresh token for a user, as the end of a sign-in in the browser gives it. */
  issueRefreshToken(userId: string, token = secret()): string {
    const expiresAt = this.#box.now() + this.#box.settings.tokens.refreshExpiresIn * 1000;
    this.#refresh.set(token, { userId, expiresAt });
    return token;
  }

  /** An access token for a user without any grant. */
  issueAccessToken(userId: string, refreshToken: string | null = null, more: Partial<AccessToken> = {}): string {
    const token = secret();
    const { tokens, app } = this.#box.settings;
    if (this.#access.size >= manyTokens) this.#dropExpired();
    const expiresAt = this.#box.now() + tokens.expiresIn * 1000;
    const scopes = new Set(app.scopes);
    this.#access.set(token, { userId, expiresAt, scopes, restrictedTo: null, refreshToken, ...more });
    return token;
  }

  /** Makes every access token invalid, or those of one user. Refresh tokens stay. */
  expireAccessTokens(userId?: string): void {
    for (const [token, { userId: of }] of this.#access)
      if (userId === undefined || of === userId) this.#access.delete(token);
  }

  /** Makes every refresh token invalid, as a changed password does. */
  revokeRefreshTokens(): void {
    this.#refresh.clear();
  }

  /** `GET /api/oauth2/authorize`: signs in at once and sends the browser back. */
  authorize({ query }: Call): Answer {
    const target = query.get('redirect_uri');
    if (query.get('client_id') !== this.#app.clientId) return page(400, 'client_id is missing or unknown');
    if (query.get('response_type') !== 'code') return page(400, 'response_type must be code');
    if (target === null || !URL.canParse(target)) return page(400, 'redirect_uri_missing');
    const [first] = [...this.#box.people.managed()];
    const userId = query.get('user_id') ?? first?.id ?? '';
    const code = secret();
    this.#codes.set(code, { userId, expiresAt: this.#box.now() + codeSeconds * 1000 });
    const location = new URL(target);
    location.searchParams.set('code', code);
    const state = query.get('state');
    if (state !== null) location.searchParams.set('state', state);
    return { status: 302, headers: { Location: location.href } };
  }

  /** `POST /oauth2/token`. */
  async token(call: Call): Promise<Answer> {
    const form = new URLSearchParams(call.body);
    const grant = form.get('grant_type') ?? '';
    const isOurs = form.get('client_id') === this.#app.clientId && form.get('client_secret') === this.#app.clientSecret;
    if (grant === 'urn:ietf:params:oauth:grant-type:token-exchange') return this.#exchanged(form);
    const grants: Readonly<Record<string, (() => Answer | Promise<Answer>) | undefined>> = {
      authorization_code: () => this.#fromCode(form.get('code') ?? ''),
      refresh_token: () => this.#fromRefreshToken(form.get('refresh_token') ?? ''),
      client_credentials: () => this.#fromCredentials(form),
      'urn:ietf:params:oauth:grant-type:jwt-bearer': () => this.#fromAssertion(form.get('assertion') ?? ''),
    };
    const exchange = Object.hasOwn(grants, grant) ? grants[grant] : undefined;
    if (!exchange) return oauthError('invalid_request', 'Invalid grant_type parameter or parameter missing');
    if (isOurs) return exchange();
    return grant === 'client_credentials' ? invalidGrant('Grant credentials are invalid') : wrongClient;
  }

  /** `POST /oauth2/revoke`: kills both of a pair. */
  revoke({ body }: Call): Answer {
    const form = new URLSearchParams(body);
    if (form.get('client_id') !== this.#app.clientId || form.get('client_secret') !== this.#app.clientSecret) {
      return wrongClient;
    }
    const token = form.get('token') ?? '';
    const refreshToken = this.#access.get(token)?.refreshToken ?? token;
    this.#access.delete(token);
    this.#refresh.delete(refreshToken);
    for (const [key, value] of this.#access) if (value.refreshToken === refreshToken) this.#access.delete(key);
    return { status: 200 };
  }

  /** Who calls, or the refusal. */
  authenticate({ headers, query }: Call): Acting | Answer {
    const [scheme = '', given = ''] = (headers.authorization ?? '').split(' ');
    const key = scheme.toLowerCase() === 'bearer' ? given : (query.get('access_token') ?? '');
    const token = this.#access.get(key);
    if (!token || token.expiresAt <= this.#box.now()) {
      this.#access.delete(key);
      return invalidToken;
    }
    const { userId: tokenUserId, scopes, restrictedTo } = token;
    const asUser = headers['as-user'];
    const tokenUser = this.#box.people.user(tokenUserId);
    if (!tokenUser) return invalidToken;
    if (tokenUser.status === 'inactive') return this.#inactive();
    if (typeof asUser !== 'string') return { userId: tokenUserId, tokenUserId, scopes, restrictedTo };
    if (!this.#box.settings.app.asUser || !scopes.has('manage_managed_users')) return insufficientScope;
    const target = this.#box.people.user(asUser);
    if (!target) return notFound('user', asUser);
    if (tokenUser.kind !== 'service' && tokenUser.role === 'user') return noPermission;
    if (target.kind === 'service' || target.kind === 'external') return noPermission;
    if (tokenUser.role === 'coadmin' && target.role !== 'user' && target.id !== tokenUserId) return noPermission;
    if (target.status === 'inactive') return this.#inactive();
    return { userId: asUser, tokenUserId, scopes, restrictedTo };
  }

  #inactive(): Answer {
    const status = this.#box.settings.inactiveStatus;
    const code = status === 401 ? 'unauthorized' : 'access_denied_insufficient_permissions';
    return boxError(status, code, 'Unauthorized - User has been deactivated');
  }

  #fromCode(code: string): Answer {
    const known = this.#codes.get(code);
    this.#codes.delete(code);
    if (!known) return invalidGrant("Auth code doesn't exist or is invalid for the client");
    if (known.expiresAt <= this.#box.now()) return invalidGrant('The authorization code has expired');
    return this.#pair(known.userId);
  }

  #fromRefreshToken(token: string): Answer {
    const known = this.#refresh.get(token);
    if (!known) return invalidGrant('Invalid refresh token');
    if (known.expiresAt <= this.#box.now()) return invalidGrant('Refresh token has expired');
    if (known.spent) {
      const { at, accessToken, refreshToken } = known.spent;
      if (this.#box.now() - at > this.#box.settings.tokens.graceSeconds * 1000) {
        return invalidGrant('Refresh token has expired');
      }
      return granted(accessToken, this.#remaining(accessToken), refreshToken);
    }
    const refreshToken = this.issueRefreshToken(known.userId);
    const accessToken = this.issueAccessToken(known.userId, refreshToken);
    known.spent = { at: this.#box.now(), accessToken, refreshToken };
    return granted(accessToken, this.#remaining(accessToken), refreshToken);
  }

  #pair(userId: string): Answer {
    const refreshToken = this.issueRefreshToken(userId);
    const accessToken = this.issueAccessToken(userId, refreshToken);
    return granted(accessToken, this.#remaining(accessToken), refreshToken);
  }

  #fromCredentials(form: URLSearchParams): Answer {
    const subject = form.get('box_subject_id') ?? '';
    const { enterpriseId, serviceAccountId, people, settings } = this.#box;
    if (enterpriseId === null) {
      return oauthError('unauthorized_client', 'The grant type is unauthorized for this client_id');
    }
    if (!settings.app.authorized) {
      return oauthError('unauthorized_client', 'This app is not authorized by the enterprise admin');
    }
    const type = form.get('box_subject_type');
    if (type === 'enterprise' && subject === enterpriseId) return this.#alone(serviceAccountId);
    const kind = people.user(subject)?.kind;
    if (type === 'user' && settings.app.userTokens && kind !== undefined && kind !== 'external') {
      return this.#alone(subject);
    }
    return invalidGrant('Grant credentials are invalid');
  }

  async #fromAssertion(assertion: string): Promise<Answer> {
    const { enterpriseId, serviceAccountId, people, settings } = this.#box;
    const now = this.#now();
    const verified = await verifyAssertion(assertion, { keys: this.#app.keys, clientId: this.#app.clientId, now });
    if (verified.kind === 'refused') return oauthError(verified.error, verified.description);
    for (const [jti, until] of this.#usedJti) if (until <= now) this.#usedJti.delete(jti);
    if (this.#usedJti.has(verified.jti)) {
      return invalidGrant("Please check the 'jti' claim. A unique 'jti' value is required.");
    }
    this.#usedJti.set(verified.jti, verified.expiresAt);
    if (!settings.app.authorized) {
      return oauthError('unauthorized_client', 'This app is not authorized by the enterprise admin');
    }
    if (verified.subjectType === 'enterprise') {
      return verified.subject === enterpriseId ? this.#alone(serviceAccountId) : invalidSubject;
    }
    const user = people.user(verified.subject);
    if (!user || user.kind === 'external') return invalidSubject;
    if (!settings.app.userTokens) {
      const description = 'Cannot obtain user token based on the enterprise configuration for your app';
      return oauthError('invalid_request', description);
    }
    return this.#alone(verified.subject);
  }

  #exchanged(form: URLSearchParams): Answer {
    const subject = this.#access.get(form.get('subject_token') ?? '');
    if (!subject || subject.expiresAt <= this.#box.now()) {
      return invalidGrant('The subject_token provided is invalid');
    }
    const scopes = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
    const resource = /\/(file|folder)s\/(\d+)$/.exec(form.get('resource') ?? '');
    const [, type = '', id = ''] = resource ?? [];
    const token = this.issueAccessToken(subject.userId, null, {
      expiresAt: subject.expiresAt,
      // Content scopes of a downscoped token are a part of reading everything.
      scopes: new Set(scopes.some((scope) => /^(item|base|root)_/.test(scope)) ? ['root_readonly', ...scopes] : scopes),
      restrictedTo: resource ? `${type}/${id}` : subject.restrictedTo,
    });
    const object = { type, id };
    const restricted = resource ? scopes.map((scope) => ({ scope, object })) : [];
    return json({
      access_token: token,
      expires_in: this.#remaining(token),
      token_type: 'bearer',
      restricted_to: restricted,
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    });
  }

  #alone(userId: string): Answer {
    const accessToken = this.issueAccessToken(userId);
    return granted(accessToken, this.#remaining(accessToken));
  }

  #remaining(accessToken: string): number {
    return Math.max(0, Math.round(((this.#access.get(accessToken)?.expiresAt ?? 0) - this.#box.now()) / 1000));
  }

  /** The server's clock, which may differ from the client's. */
  #now(): number {
    return this.#box.now() + this.#box.settings.clockSkewMs;
  }

  #dropExpired(): void {
    const now = this.#box.now();
    for (const [token, { expiresAt }] of this.#access) if (expiresAt <= now) this.#access.delete(token);
  }
}

const wrongClient = oauthError('invalid_client', 'The client credentials are invalid');
const invalidSubject = oauthError('invalid_grant', "Please check the 'sub' claim. The 'sub' specified is invalid.");

function invalidGrant(description: string): Answer {
  return oauthError('invalid_grant', description);
}

function granted(accessToken: string, expiresIn: number, refreshToken?: string): Answer {
  const refresh = refreshToken === undefined ? {} : { refresh_token: refreshToken };
  return json({
    access_token: accessToken,
    expires_in: expiresIn,
    restricted_to: [],
    ...refresh,
    token_type: 'bearer',
  });
}

function json(body: object): Answer {
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
    body: jsonText(body),
  };
}

function page(status: number, message: string): Answer {
  return { status, headers: { 'Content-Type': 'text/html' }, body: `<html><body><h1>${message}</h1></body></html>` };
}

function secret(): string {
  return randomBytes(24).toString('base64url').replaceAll(/[-_]/g, 'x');
}
