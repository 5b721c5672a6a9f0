import { parseJson } from './parse-json.js';

/** What Box says about an error, from either of its two shapes (API and token calls); `undefined` where it does not. */
export interface ErrorBody {
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly requestId: string | undefined;
}

/** Characters of a message that are kept. */
const longestMessage = 500;
/** Characters of a code or an id that are kept. */
const longestCode = 100;

const nothing: ErrorBody = { code: undefined, message: undefined, requestId: undefined };

/** Reads an error body. Empty bodies, HTML and unknown shapes are no error: they just say nothing. */
export function parseErrorBody(text: string): ErrorBody {
  if (!text.trimStart().startsWith('{')) return nothing;
  let body: unknown;
  try {
    body = parseJson(text, '');
  } catch {
    return nothing;
  }
  const of = fieldsOf(body);
  return {
    code: (textOf(of['code']) ?? textOf(of['error']))?.slice(0, longestCode),
    message: messageOf(of),
    requestId: textOf(of['request_id'])?.slice(0, longestCode),
  };
}

function messageOf(body: Readonly<Record<string, unknown>>): string | undefined {
  const parts = [
    textOf(body['message']) ?? textOf(body['error_description']),
    // "Not Found" alone says little; which value was refused stands in the context.
    ...listOf(fieldsOf(body['context_info'])['errors']).map((error) => textOf(fieldsOf(error)['message'])),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join('; ').slice(0, longestMessage);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
