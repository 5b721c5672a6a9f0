import { retrying } from '../core/retry.js';
import type { Grant, GrantDeps } from './grant.js';
import { postToken } from './post-token.js';
import type { Subject } from './sign-in.js';

/** Client credentials: a token of the app's service account (`enterprise`) or of one user. */
export function clientCredentialsGrant(
  deps: GrantDeps,
  {
    clientId,
    clientSecret,
    subject,
  }: { readonly clientId: string; readonly clientSecret: string; readonly subject: Subject },
): Grant {
  const form = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    box_subject_type: subject.type,
    box_subject_id: subject.id,
  };
  return (_, signal) => retrying((aborts, failure) => postToken(deps, form, aborts, failure), deps.retry, signal);
}
