import * as assert from 'uvu/assert';
import { type Answer, type Verdict, classify } from '../../src/box/classify.js';
import { suite } from '../support/suite.js';

const now = Date.parse('2026-03-01T12:00:00Z');
const html = '<html><body>502 Bad Gateway</body></html>';
const scopeHeader = {
  'www-authenticate':
    'Bearer realm="Service", error="insufficient_scope", error_description="The request requires higher privileges than provided by the access token."',
};
const expiredHeader = {
  'www-authenticate':
    'Bearer realm="Service", error="invalid_token", error_description="The access token provided is invalid."',
};

function coded(status: number, code: string, message = 'Said so'): string {
  return JSON.stringify({ type: 'error', status, code, message, request_id: 'r1' });
}

function refused(error: string, description: string): string {
  return JSON.stringify({ error, error_description: description });
}

const transient = (code?: string, retryAfterMs?: number): Verdict => ({ kind: 'transient', retryAfterMs, code });
const permanent = (
  code?: string,
  message: string | undefined = code === undefined ? undefined : 'Said so',
): Verdict => ({
  kind: 'permanent',
  code,
  message,
});

type Case = readonly [what: string, answer: Partial<Answer>, verdict: Verdict];

const cases: readonly Case[] = [
  ['200 with JSON', { status: 200, body: '{}' }, { kind: 'ok' }],
  ['200 of a token', { status: 200, route: 'token', body: '{}' }, { kind: 'ok' }],
  [
    '200 with HTML by its type',
    { status: 200, body: 'x', headers: { 'content-type': 'text/html' } },
    transient('html'),
  ],
  ['200 with HTML by its look', { status: 200, body: html }, transient('html')],
  [
    '200 with an HTML file',
    { status: 200, route: 'download', headers: { 'content-type': 'text/html' } },
    { kind: 'ok' },
  ],
  ['200 of content without a redirect', { status: 200, route: 'content' }, { kind: 'ok' }],
  [
    '202 of content',
    { status: 202, route: 'content', headers: { 'retry-after': '3' } },
    { kind: 'not-ready', retryAfterMs: 3_000 },
  ],
  ['202 of content without a time', { status: 202, route: 'content' }, { kind: 'not-ready', retryAfterMs: undefined }],
  ['202 of another call', { status: 202, body: '{}' }, { kind: 'ok' }],
  [
    '302 of content',
    { status: 302, route: 'content', headers: { location: 'https://dl.boxcloud.com/x' } },
    { kind: 'redirect', location: 'https://dl.boxcloud.com/x' },
  ],
  ['302 without a location', { status: 302, route: 'content' }, permanent()],
  ['304', { status: 304, headers: { location: '/x' } }, permanent()],

  ['400 with a code', { status: 400, body: coded(400, 'bad_request') }, permanent('bad_request')],
  ['401 without a body', { status: 401, headers: expiredHeader }, { kind: 'expired-token' }],
  ['401 with {}', { status: 401, body: ' {} ' }, { kind: 'expired-token' }],
  [
    '401 with a reason',
    { status: 401, body: coded(401, 'unauthorized') },
    { kind: 'auth', code: 'unauthorized', message: 'Said so' },
  ],
  [
    '401 of an inactive user, as text',
    { status: 401, body: 'Unauthorized - User has been deactivated' },
    { kind: 'permanent', code: 'user_deactivated', message: 'User has been deactivated' },
  ],
  [
    '401 of an inactive user, as JSON',
    { status: 401, body: coded(401, 'unauthorized', 'User has been deactivated') },
    { kind: 'permanent', code: 'user_deactivated', message: 'User has been deactivated' },
  ],
  [
    '403 of a scope, without a body',
    { status: 403, headers: scopeHeader },
    { kind: 'auth', code: 'insufficient_scope', message: undefined },
  ],
  [
    '403 of a scope, as JSON',
    { status: 403, body: coded(403, 'insufficient_scope') },
    { kind: 'auth', code: 'insufficient_scope', message: 'Said so' },
  ],
  [
    '403 of an item',
    { status: 403, body: coded(403, 'access_denied_insufficient_permissions') },
    permanent('access_denied_insufficient_permissions'),
  ],
  [
    '403 of a policy',
    { status: 403, route: 'content', body: coded(403, 'forbidden_by_policy') },
    permanent('forbidden_by_policy'),
  ],
  ['403 without a reason', { status: 403 }, permanent()],
  ['404 not_found', { status: 404, body: coded(404, 'not_found') }, permanent('not_found')],
  ['404 trashed', { status: 404, body: coded(404, 'trashed') }, permanent('trashed')],
  ['404 with HTML', { status: 404, body: html }, permanent()],
  ['404 with broken JSON', { status: 404, body: '{"code":' }, permanent()],
  ['405', { status: 405, body: coded(405, 'method_not_allowed') }, permanent('method_not_allowed')],
  ['407', { status: 407 }, permanent()],
  ['408', { status: 408 }, transient()],
  [
    '409 of a busy folder',
    { status: 409, body: coded(409, 'operation_blocked_temporary') },
    transient('operation_blocked_temporary'),
  ],
  ['409 of a name', { status: 409, body: coded(409, 'item_name_in_use') }, permanent('item_name_in_use')],
  ['410', { status: 410, body: coded(410, 'session_expired') }, permanent('session_expired')],
  ['412', { status: 412, body: coded(412, 'precondition_failed') }, permanent('precondition_failed')],
  [
    '429 with seconds',
    { status: 429, headers: { 'retry-after': '9' }, body: coded(429, 'rate_limit_exceeded') },
    transient('rate_limit_exceeded', 9_000),
  ],
  ['429 with a fraction', { status: 429, headers: { 'retry-after': '0.5' } }, transient(undefined, 500)],
  [
    '429 with a date, by the clock of the server',
    {
      status: 429,
      headers: { 'retry-after': 'Sun, 01 Mar 2026 13:00:10 GMT', date: 'Sun, 01 Mar 2026 13:00:00 GMT' },
    },
    transient(undefined, 10_000),
  ],
  [
    '429 with a date, by our clock',
    { status: 429, headers: { 'retry-after': 'Sun, 01 Mar 2026 12:00:10 GMT' } },
    transient(undefined, 10_000),
  ],
  ['429 with nonsense', { status: 429, headers: { 'retry-after': 'soon' } }, transient()],
  ['500', { status: 500, body: coded(500, 'internal_server_error') }, transient('internal_server_error')],
  ['502 with HTML', { status: 502, body: html, headers: { 'content-type': 'text/html' } }, transient()],
  ['503 with a time', { status: 503, headers: { 'retry-after': '2' } }, transient(undefined, 2_000)],
  ['504 without a body', { status: 504 }, transient()],
  ['507', { status: 507, body: coded(507, 'storage_limit_exceeded') }, permanent('storage_limit_exceeded')],
  ['509', { status: 509 }, transient()],

  [
    '400 of a token',
    { status: 400, route: 'token', body: refused('invalid_grant', 'Invalid refresh token') },
    { kind: 'auth', code: 'invalid_grant', message: 'Invalid refresh token' },
  ],
  [
    '401 of a token',
    { status: 401, route: 'token', body: refused('invalid_client', 'No') },
    { kind: 'auth', code: 'invalid_client', message: 'No' },
  ],
  [
    '401 of a token without a body',
    { status: 401, route: 'token' },
    { kind: 'auth', code: undefined, message: undefined },
  ],
  ['404 of a token', { status: 404, route: 'token', body: html }, permanent()],
  ['429 of a token', { status: 429, route: 'token' }, transient()],
  ['503 of a token', { status: 503, route: 'token', body: html }, transient()],

  ...[401, 403, 404, 410].map((status): Case => [
    `${status} of a download`,
    { status, route: 'download' },
    { kind: 'expired-url' },
  ]),
  ['416 of a download', { status: 416, route: 'download' }, permanent()],
  ['503 of a download', { status: 503, route: 'download' }, transient()],
  [
    '429 of a download',
    { status: 429, route: 'download', headers: { 'retry-after': '1' } },
    transient(undefined, 1_000),
  ],
];

suite('classify()', (test) => {
  for (const [what, answer, verdict] of cases) {
    test(`${what} is ${verdict.kind}`, () => {
      assert.equal(classify({ status: 0, headers: {}, body: '', route: 'folders', ...answer }, now), verdict);
    });
  }
});
