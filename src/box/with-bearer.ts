import { AuthError, PermanentError, TransientError } from '../core/errors.js';
import { classify } from './classify.js';
import type { HttpClient, HttpRequest } from './http-client.js';
import { textResponse } from './text-response.js';
import type { TokenSource } from './token-source.js';

/**
 * Signs requests: `Authorization` from the token source and `as-user` from the request; neither ever goes to the
 * download host or to the token call.
 *
 * A 401 without a reason (the token has expired) renews the token and repeats the request once. Every other answer,
 * a 401 or 403 with a reason too, is returned as it is. A sign-in that fails for whatever reason, after its own tries,
 * is an `AuthError`: without a token no call is worth another try, and nothing can be said of what it was for.
 */
export function withBearer(http: HttpClient, tokens: TokenSource): HttpClient {
  return async (request, signal) => {
    if (request.route === 'download' || request.route === 'token') return http(request, signal);
    const token = await signedIn(tokens.token(signal));
    const response = await http(signed(request, token), signal);
    if (response.status !== 401) return response;
    const { status, headers } = response;
    const body = await response.text();
    // The clock counts for a Retry-After only, which no 401 has.
    const verdict = classify({ status, headers, body, route: request.route }, 0);
    if (verdict.kind !== 'expired-token') return textResponse(status, headers, body);
    const renewed = await signedIn(tokens.renew(token, signal));
    return http({ ...signed(request, renewed), repeat: 'token-renewed' }, signal);
  };
}

function signed(request: HttpRequest, token: string): HttpRequest {
  const headers: Record<string, string> = { ...request.headers, authorization: `Bearer ${token}` };
  if (request.asUser !== undefined) headers['as-user'] = request.asUser;
  return { ...request, headers };
}

async function signedIn(token: Promise<string>): Promise<string> {
  try {
    return await token;
  } catch (error) {
    if (!(error instanceof TransientError || error instanceof PermanentError)) throw error;
    const { message } = error;
    const said = message.startsWith('Cannot sign in') ? message : `Cannot sign in to Box: ${lowerFirst(message)}`;
    throw new AuthError(said, { cause: error });
  }
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
