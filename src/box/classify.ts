import { parseRetryAfter } from '../core/retry.js';
import { parseErrorBody } from './error-body.js';
import type { BoxRoute } from './http-client.js';

/** An answer as far as it decides what to do. `body` is `''` where the body is content that is streamed. */
export interface Answer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly route: BoxRoute;
}

/**
 * What an answer means:
 *
 * - `ok`: take it.
 * - `not-ready`: the content is being prepared; ask again after `retryAfterMs`.
 * - `redirect`: it is at `location`.
 * - `transient`: the same request may succeed later, after `retryAfterMs` if Box said so.
 * - `expired-token`: renew the token and repeat once.
 * - `expired-url`: a download URL that no longer works; ask for another.
 * - `auth`: the sign-in or the app's rights are refused; a person has to act.
 * - `permanent`: the same request gives the same error again.
 */
export type Verdict = { readonly kind: 'ok' } | Failure;

export type Failure =
  | { readonly kind: 'not-ready'; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'transient'; readonly retryAfterMs: number | undefined; readonly code: string | undefined }
  | { readonly kind: 'expired-token' }
  | { readonly kind: 'expired-url' }
  | { readonly kind: 'auth'; readonly code: string | undefined; readonly message: string | undefined }
  | { readonly kind: 'permanent'; readonly code: string | undefined; readonly message: string | undefined };

const redirects = new Set([301, 302, 303, 307, 308]);
/** What a download host answers when a URL has expired; Box does not document which. */
const spentUrl = new Set([401, 403, 404, 410]);

/** Decides what an answer of Box means. `now` (ms) is for a `Retry-After` date where the answer has no `Date`. */
export function classify(answer: Answer, now: number): Verdict {
  const { status, headers, route } = answer;
  if (status >= 200 && status < 300) return classifySuccess(answer, now);
  const location = headers['location'];
  if (redirects.has(status) && location !== undefined) return { kind: 'redirect', location };
  if (route === 'download' && spentUrl.has(status)) return { kind: 'expired-url' };
  const { code, message } = parseErrorBody(answer.body);
  if (isTransient(status, code)) return { kind: 'transient', retryAfterMs: retryAfterOf(headers, now), code };
  if (route === 'token') return { kind: status === 400 || status === 401 ? 'auth' : 'permanent', code, message };
  if (status === 401) return classifyUnauthorized(answer, code, message);
  if (status === 403 && lacksScope(headers, code)) return { kind: 'auth', code: 'insufficient_scope', message };
  return { kind: 'permanent', code, message };
}

function classifySuccess({ status, headers, body, route }: Answer, now: number): Verdict {
  if (route === 'content' && status === 202) return { kind: 'not-ready', retryAfterMs: retryAfterOf(headers, now) };
  // A proxy or a gateway has answered in Box's place.
  if (route !== 'content' && route !== 'download' && isHtml(headers, body)) {
    return { kind: 'transient', retryAfterMs: undefined, code: 'html' };
  }
  return { kind: 'ok' };
}

function classifyUnauthorized({ body }: Answer, code: string | undefined, message: string | undefined): Verdict {
  // Box tells a token that has expired from every other reason by saying nothing.
  if (/^\s*(\{\s*\})?\s*$/.test(body)) return { kind: 'expired-token' };
  // As words of Box's own, which need not be JSON; not anywhere in an answer that says something else.
  if (/deactivated/i.test(code === undefined && message === undefined ? body : `${code ?? ''} ${message ?? ''}`)) {
    return { kind: 'permanent', code: 'user_deactivated', message: message ?? 'User has been deactivated' };
  }
  return { kind: 'auth', code, message };
}

function isTransient(status: number, code: string | undefined): boolean {
  if (status === 408 || status === 429) return true;
  if (status === 409) return code === 'operation_blocked_temporary';
  // 507: the account is out of storage.
  return status >= 500 && status !== 507;
}

function lacksScope(headers: Readonly<Record<string, string>>, code: string | undefined): boolean {
  return code === 'insufficient_scope' || (headers['www-authenticate']?.includes('insufficient_scope') ?? false);
}

function isHtml(headers: Readonly<Record<string, string>>, body: string): boolean {
  return headers['content-type']?.includes('text/html') === true || body.trimStart().startsWith('<');
}

function retryAfterOf(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const serverNow = Date.parse(headers['date'] ?? '');
  return parseRetryAfter(headers['retry-after'], Number.isNaN(serverNow) ? now : serverNow);
}
