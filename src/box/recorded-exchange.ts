import { PermanentError } from '../core/errors.js';

/**
 * One exchange with Box as a recording keeps it. Of the request there is only what it is found by: no header and no
 * body, so no token either. `response` is missing if none came; `failure` says how an exchange ended that did not end
 * well, before its answer or in the middle of the answer's body.
 */
export interface RecordedExchange {
  readonly request: RecordedRequest;
  readonly response?: RecordedResponse | undefined;
  readonly failure?: RecordedFailure | undefined;
}

export interface RecordedRequest {
  readonly method: string;
  readonly route: string;
  /** Below the base URL, with the query; of a download the address that the recording gave it. */
  readonly path: string;
  readonly asUser?: string | undefined;
}

export interface RecordedResponse {
  readonly status: number;
  /** Lower-case names; only those that decide something. */
  readonly headers: Readonly<Record<string, string>>;
  /** Missing if the body is empty. */
  readonly body?: RecordedBody | undefined;
}

/** In the form in which it is best read; `file` is a file in the same folder with the bytes as they came. */
export type RecordedBody =
  { readonly json: unknown } | { readonly text: string } | { readonly base64: string } | { readonly file: string };

/** `aborted`: called off by us, or the reader wanted no more of the body. */
export interface RecordedFailure {
  readonly kind: 'transient' | 'permanent' | 'aborted';
  readonly error: string;
}

/** Parses the text of an exchange. `PermanentError` names the file and the field that is missing or wrong. */
export function parseRecordedExchange(text: string, file: string): RecordedExchange {
  const { request, response, failure } = recordOf(json(text, file));
  const { method, route, path, asUser } = recordOf(request);
  const isRead = typeof method === 'string' && typeof route === 'string' && typeof path === 'string';
  if (!isRead) throw wrong(file, 'request', 'an object with the texts "method", "route" and "path"');
  if (asUser !== undefined && typeof asUser !== 'string') throw wrong(file, 'request.asUser', 'a text');
  if (response === undefined && failure === undefined) throw wrong(file, 'response', 'an object, or a "failure"');
  return {
    request: { method, route, path, asUser },
    response: response === undefined ? undefined : responseOf(response, file),
    failure: failure === undefined ? undefined : failureOf(failure, file),
  };
}

function responseOf(response: unknown, file: string): RecordedResponse {
  const { status, headers = {}, body } = recordOf(response);
  if (typeof status !== 'number') throw wrong(file, 'response.status', 'a number');
  const entries = Object.entries(recordOf(headers)).map(([name, value]): [string, string] => {
    if (typeof value !== 'string') throw wrong(file, `response.headers.${name}`, 'a text');
    return [name, value];
  });
  return {
    status,
    headers: Object.fromEntries(entries),
    body: body === undefined ? undefined : bodyOf(body, file),
  };
}

function bodyOf(body: unknown, file: string): RecordedBody {
  const given = recordOf(body);
  if (Object.hasOwn(given, 'json')) return { json: given['json'] };
  const { text, base64, file: name } = given;
  if (typeof text === 'string') return { text };
  if (typeof base64 === 'string') return { base64 };
  // A recording may come from anywhere: it reads nothing outside of its folder.
  if (typeof name === 'string' && /^[\w-][\w.-]*$/.test(name)) return { file: name };
  throw wrong(file, 'response.body', 'an object with "json", "text", "base64" or the name of a "file" beside it');
}

function failureOf(failure: unknown, file: string): RecordedFailure {
  const { kind, error } = recordOf(failure);
  if (typeof error !== 'string') throw wrong(file, 'failure.error', 'a text');
  if (kind === 'transient' || kind === 'permanent' || kind === 'aborted') return { kind, error };
  throw wrong(file, 'failure.kind', 'transient, permanent or aborted');
}

function json(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PermanentError(
      `Cannot read the recorded exchange "${file}": it is no JSON, expected an exchange that "sync --record" wrote`,
      { cause: error },
    );
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function wrong(file: string, field: string, expected: string): PermanentError {
  return new PermanentError(
    `Cannot read the recorded exchange "${file}": field "${field}" is missing or wrong, expected ${expected}`,
  );
}
