import { assertNever } from '../core/assert-never.js';
import { clientCredentialsGrant } from './client-credentials-grant.js';
import { type JwtGrantDeps, jwtGrant } from './jwt-grant.js';
import { refreshTokenGrant } from './refresh-token-grant.js';
import type { SignIn } from './sign-in.js';
import { type TokenSource, tokenSource } from './token-source.js';
import type { TokenStore } from './token-store.js';

export interface TokensDeps extends JwtGrantDeps {
  readonly store: TokenStore;
}

/** The token source for a sign-in. A pair that rotates is kept under the client id. */
export function tokensFor(deps: TokensDeps, signIn: SignIn): TokenSource {
  const { clock, store } = deps;
  switch (signIn.kind) {
    case 'refresh-token': {
      const kept = { store, account: signIn.clientId, configuredRefreshToken: signIn.refreshToken };
      return tokenSource({ grant: refreshTokenGrant(deps, signIn), clock, kept });
    }
    case 'client-credentials':
      return tokenSource({ grant: clientCredentialsGrant(deps, signIn), clock, kept: null });
    case 'jwt':
      return tokenSource({ grant: jwtGrant(deps, signIn), clock, kept: null });
    default:
      return assertNever(signIn);
  }
}
