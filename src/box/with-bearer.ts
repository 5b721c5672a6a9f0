import { classify } from './classify.js';
import type { HttpClient, HttpRequest } from './http-client.js';
import { textResponse } from './text-response.js';
import type { TokenSource } from './token-source.js';

/**
 * Signs requests: `Authorization` from the token source and `as-user` from the request; neither ever goes to the
 * download host or to the token call.
 *
 * A 401 without a reason (the token has expired) renews the token and repeats the request once. Every other answer,
 * a 401 or 403 with a reason too, is returned as it is.
 */
export function withBearer(http: HttpClient, tokens: TokenSource): HttpClient {
  return async (request, signal) => {
    if (request.route === 'download' || request.route === 'token') return http(request, signal);
    const token = await tokens.token(signal);
    const response = await http(signed(request, token), signal);
    if (response.status !== 401) return response;
    const { status, headers } = response;
    const body = await response.text();
    // The clock counts for a Retry-After only, which no 401 has.
    const verdict = classify({ status, headers, body, route: request.route }, 0);
    if (verdict.kind !== 'expired-token') return textResponse(status, headers, body);
    const renewed = await tokens.renew(token, signal);
    return http({ ...signed(request, renewed), repeat: 'token-renewed' }, signal);
  };
}

function signed(request: HttpRequest, token: string): HttpRequest {
  const headers: Record<string, string> = { ...request.headers, authorization: `Bearer ${token}` };
  if (request.asUser !== undefined) headers['as-user'] = request.asUser;
  return { ...request, headers };
}
