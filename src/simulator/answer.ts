import { jsonText } from './json-text.js';

/** What the simulator sends back. A text body is ASCII. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

const jsonType = { 'Content-Type': 'application/json' };
const helpUrl = 'https://developer.box.com/guides/api-calls/permissions-and-errors/common-errors/';

/** 200 with a JSON text. */
export function ok(json: string): Answer {
  return { status: 200, headers: jsonType, body: json };
}

export interface Invalid {
  readonly name: string;
  readonly message: string;
}

/** Box's error object. `invalid` names the parameter at fault. */
export function boxError(status: number, code: string, message: string, invalid?: Invalid): Answer {
  const info = invalid ? { context_info: { errors: [{ reason: 'invalid_parameter', ...invalid }] } } : {};
  const requestId = `${status}${Math.trunc(performance.now() * 1000).toString(16)}`.padStart(12, '0');
  const body = { type: 'error', status, code, ...info, help_url: helpUrl, message, request_id: requestId };
  return { status, headers: jsonType, body: jsonText(body) };
}

/** For what does not exist or is not visible to the caller. */
export function notFound(what: string, id: string): Answer {
  return boxError(404, 'not_found', 'Not Found', {
    name: what,
    message: `Invalid value '${id}'. '${what}' with value '${id}' not found`,
  });
}

/** 404 for what lies in the trash. */
export const trashed: Answer = boxError(404, 'trashed', 'Item is trashed');

/** 403 for somebody who sees the item. */
export const noPermission: Answer = boxError(
  403,
  'access_denied_insufficient_permissions',
  'Access denied - insufficient permission',
);

/** 400 for a parameter. */
export function badParameter(name: string, message: string, code = 'bad_request'): Answer {
  return boxError(400, code, 'Bad Request', { name, message });
}

/** The token is unknown, revoked or has expired: 401 without a body. */
export const invalidToken: Answer = {
  status: 401,
  headers: {
    'WWW-Authenticate':
      'Bearer realm="Service", error="invalid_token", error_description="The access token provided is invalid."',
  },
};

/** The token lacks a scope: 403 without a body. */
export const insufficientScope: Answer = {
  status: 403,
  headers: {
    'WWW-Authenticate':
      'Bearer realm="Service", error="insufficient_scope", error_description="The request requires higher privileges ' +
      'than provided by the access token."',
  },
};

/** Error of the token endpoint. */
export function oauthError(error: string, description: string, status = 400): Answer {
  return {
    status,
    headers: { ...jsonType, 'Cache-Control': 'no-store' },
    body: jsonText({ error, error_description: description }),
  };
}
