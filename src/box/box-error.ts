import { assertNever } from '../core/assert-never.js';
import { AuthError, PermanentError, TransientError } from '../core/errors.js';
import type { Answer, Failure } from './classify.js';
import { parseErrorBody } from './error-body.js';
import type { HttpRequest } from './http-client.js';
import { requestLabel } from './request-label.js';

/**
 * The error for an answer that is not what was asked for: which call, what Box said (status, code, message, request
 * id) and what to do.
 *
 * `AuthError` concerns the sign-in as a whole. What is refused to one acting user, or of one item, is a `PermanentError`,
 * since the rest can be read: `concerns` says which of the two a refusal is that may be either. Left out, want of a scope
 * concerns all, and so does every other refusal of a token that acts as nobody else.
 */
export function boxError(
  failure: Failure,
  answer: Omit<Answer, 'route'>,
  request: HttpRequest,
  concerns?: 'one' | 'all',
): TransientError | PermanentError | AuthError {
  const { status } = answer;
  const refused = `Cannot ${requestLabel(request)}: ${said(answer)}`;
  switch (failure.kind) {
    case 'not-ready':
      return new TransientError(`${refused}: the content is not ready yet`, {
        status,
        retryAfterMs: failure.retryAfterMs,
      });
    case 'transient':
      return new TransientError(`${refused}${failure.code === 'html' ? htmlFound(status) : ''}`, {
        status,
        retryAfterMs: failure.retryAfterMs,
      });
    case 'expired-url':
      return new TransientError(`${refused}: the download URL no longer works`, { status });
    case 'redirect':
      return new PermanentError(
        `${refused} (a redirect), expected an answer; check that box.base_url names the Box API itself`,
        { status, code: 'redirect' },
      );
    case 'expired-token':
      return signInRefused(
        `${refused} to a token that was renewed just now`,
        'expired_token',
        answer,
        request,
        concerns,
      );
    case 'auth':
      return signInRefused(refused, failure.code, answer, request, concerns);
    case 'permanent':
      if (concerns === 'all') {
        return signInRefused(refused, failure.code, answer, request, concerns);
      }
      return new PermanentError(withAdvice(refused, adviceFor(status, failure.code, request)), {
        status,
        code: failure.code,
      });
    default:
      return assertNever(failure);
  }
}

/** A gateway's page comes with 5xx; one under 200 is not of the API at all. */
function htmlFound(status: number): string {
  const advice = status < 400 ? '; check that box.base_url names the Box API' : '';
  return ` with an HTML page, expected JSON${advice}`;
}

function signInRefused(
  message: string,
  code: string | undefined,
  { status }: Pick<Answer, 'status'>,
  { asUser, route }: HttpRequest,
  concerned: 'one' | 'all' | undefined,
): PermanentError | AuthError {
  const lacksScope = code === 'insufficient_scope';
  const concerns = concerned ?? (lacksScope || asUser === undefined ? 'all' : 'one');
  if (concerns === 'one') {
    const advice = lacksScope ? oneScopeAdvice(route) : oneSignInAdvice(asUser);
    return new PermanentError(withAdvice(message, advice), { status, code });
  }
  if (lacksScope) return new AuthError(withAdvice(message, scopeAdvice(asUser)));
  return new AuthError(withAdvice(message, 'check that the app is still authorised and its user active, then sign in'));
}

/** `Box answered 404 not_found "Not Found" (request 1a2b)`. */
function said({ status, headers, body }: Omit<Answer, 'route'>): string {
  const { code, message, requestId } = parseErrorBody(body);
  const id = requestId ?? headers['box-request-id'];
  return [
    `Box answered ${status}`,
    ...(code === undefined ? [] : [code]),
    ...(message === undefined ? [] : [JSON.stringify(message)]),
    ...(id === undefined ? [] : [`(request ${id})`]),
  ].join(' ');
}

function withAdvice(message: string, advice: string | undefined): string {
  return advice === undefined ? message : `${message}; ${advice}`;
}

function oneScopeAdvice(route: HttpRequest['route']): string {
  return route === 'content'
    ? 'look at who may download this file; if it is so with every file, give the app the scope to write all files and folders, without which Box gives out no content, and have the administrator authorise it again'
    : 'the same call works for others, so the app has the right: look in the admin console what is special about this user or folder';
}

function oneSignInAdvice(asUser: string | undefined): string {
  return asUser === undefined
    ? 'the sign-in itself is good: look in the admin console what is special about this item'
    : 'look in the admin console whether this user is active';
}

function scopeAdvice(asUser: string | undefined): string {
  return asUser === undefined
    ? 'give the app the scopes it needs (read and write all files and folders; in an enterprise also manage users) and have the administrator authorise it again'
    : 'switch on "Make API calls using the as-user header" and "App + Enterprise Access" for the app and have the administrator authorise it again';
}

function adviceFor(status: number, code: string | undefined, { route }: HttpRequest): string | undefined {
  switch (code) {
    case 'user_deactivated':
      return 'the user is inactive: reactivate it or leave it out with box.users';
    case 'access_denied_insufficient_permissions':
      return route === 'content'
        ? 'the acting user may not download it (look at its role there) or, if it is so with every file, the app lacks the scope to write all files and folders, without which Box gives out no content'
        : 'the acting user may not do this: look at its role there';
    case 'access_from_location_blocked':
      return 'Box allows this account from certain networks only: run the connector from one of them';
    case 'forbidden_by_policy':
      return 'a Box Shield policy forbids it';
    case 'terms_of_service_required':
    case 'password_reset_required':
    case 'user_email_confirmation_required':
      return 'the acting user has to sign in to the Box web app once and do what it asks';
    case undefined:
      break;
    default:
      return undefined;
  }
  if (status === 404 || status === 405) return 'check that box.base_url names the Box API';
  if (status === 407) return 'name a user and its password for the proxy in HTTPS_PROXY';
  return undefined;
}
