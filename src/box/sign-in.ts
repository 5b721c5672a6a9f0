import type { JwtConfig } from './jwt-config.js';

/** Whom the app signs in for: its service account in an enterprise, or one user. */
export interface Subject {
  readonly type: 'enterprise' | 'user';
  readonly id: string;
}

/**
 * How the connector signs in to Box:
 *
 * - `refresh-token`: OAuth 2 as one user. `refreshToken` is the configured one, `null` where only `login` has stored
 *   a pair. Its tokens rotate and are kept in the TokenStore.
 * - `client-credentials`, `jwt`: as an app. Nothing is kept: each process signs in anew.
 */
export type SignIn =
  | {
      readonly kind: 'refresh-token';
      readonly clientId: string;
      readonly clientSecret: string;
      readonly refreshToken: string | null;
    }
  | {
      readonly kind: 'client-credentials';
      readonly clientId: string;
      readonly clientSecret: string;
      readonly subject: Subject;
    }
  | { readonly kind: 'jwt'; readonly config: JwtConfig; readonly subject: Subject };
