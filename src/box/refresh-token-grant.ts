import { AuthError } from '../core/errors.js';
import { retrying } from '../core/retry.js';
import type { Grant, GrantDeps } from './grant.js';
import { postToken } from './post-token.js';

/**
 * OAuth 2: spends a refresh token for a new pair. A post that has begun is never aborted, since its answer holds the
 * only token that is still good; an abort ends the waits between tries.
 */
export function refreshTokenGrant(
  deps: GrantDeps,
  { clientId, clientSecret }: { readonly clientId: string; readonly clientSecret: string },
): Grant {
  return (refreshToken, signal) => {
    if (refreshToken === null) {
      return Promise.reject(
        new AuthError('Cannot sign in to Box: there is no refresh token; run "box-connector login" to get one'),
      );
    }
    const form = {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: clientId,
      client_secret: clientSecret,
    };
    return retrying((_, failure) => postToken(deps, form, new AbortController().signal, failure), deps.retry, signal);
  };
}
