import type { Clock } from '../core/clock.js';
import { TransientError } from '../core/errors.js';
import { boxError } from './box-error.js';
import { classify } from './classify.js';
import { parseErrorBody } from './error-body.js';
import type { GrantedToken } from './grant.js';
import { GrantRefusedError } from './grant-refused-error.js';
import type { HttpClient, HttpRequest } from './http-client.js';
import { repeatReason } from './repeat-reason.js';
import { signInAdvice } from './sign-in-advice.js';

/**
 * One POST to Box's token address, without retry. A refusal is a `GrantRefusedError` with advice; an answer without an
 * access token, a lifetime or JSON is an error that names what is missing. `failure` is that of the try before. No message holds anything of the form or
 * the answer's tokens.
 */
export async function postToken(
  { http, clock }: { readonly http: HttpClient; readonly clock: Clock },
  form: Readonly<Record<string, string>>,
  signal: AbortSignal,
  failure?: unknown,
): Promise<GrantedToken> {
  const request: HttpRequest = {
    method: 'POST',
    url: '/oauth2/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams(form).toString(),
    route: 'token',
    repeat: repeatReason(failure),
  };
  const response = await http(request, signal);
  const { status, headers } = response;
  const body = await response.text();
  const verdict = classify({ status, headers, body, route: 'token' }, clock.now());
  if (verdict.kind === 'ok') return parseToken(body, status);
  if (verdict.kind !== 'auth') throw boxError(verdict, { status, headers, body }, request);
  const { code, message } = parseErrorBody(body);
  const serverNow = Date.parse(headers['date'] ?? '');
  throw new GrantRefusedError(
    `Cannot sign in to Box: Box answered ${status} ${code ?? 'without a reason'}${message === undefined ? '' : ` ${JSON.stringify(message)}`}; ${signInAdvice(code, message)}`,
    { code, description: message, serverNow: Number.isNaN(serverNow) ? undefined : serverNow },
  );
}

function parseToken(body: string, status: number): GrantedToken {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    // No cause: the parser's message quotes the body.
    throw new TransientError(`Cannot sign in to Box: Box answered ${status} with a broken body, expected JSON`, {
      status,
    });
  }
  const {
    access_token: accessToken,
    refresh_token: refreshToken = null,
    expires_in: expiresIn,
  } = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>;
  // It is put into a header.
  if (typeof accessToken !== 'string' || !/^[\x21-\x7e]+$/.test(accessToken)) {
    throw wrongField('access_token', 'a text of one line, without spaces', status);
  }
  if (refreshToken !== null && typeof refreshToken !== 'string') throw wrongField('refresh_token', 'a text', status);
  const seconds = typeof expiresIn === 'string' ? Number(expiresIn) : expiresIn;
  if (typeof seconds !== 'number' || !(seconds > 0) || !Number.isFinite(seconds)) {
    throw wrongField('expires_in', 'a number of seconds', status);
  }
  return { accessToken, refreshToken: refreshToken === '' ? null : refreshToken, expiresInMs: seconds * 1_000 };
}

/** Like a body that was cut: something between may have answered in Box's place, once. */
function wrongField(field: string, expected: string, status: number): TransientError {
  return new TransientError(
    `Cannot sign in to Box: field "${field}" of the token answer is missing or wrong, expected ${expected}; check that box.base_url names Box itself`,
    { status },
  );
}
