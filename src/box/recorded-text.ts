import { redact } from '../core/redact.js';
import type { BoxRoute } from './http-client.js';
import type { RecordedBody } from './recorded-exchange.js';

/**
 * The body of an API answer as a recording keeps it: the JSON value where it is JSON, else the text without what looks
 * like a secret. JSON whose numbers a parser would change (positions beyond 2^53, `1e3`) stays text.
 *
 * Names, links and the like are data and stay as they are; members called like a secret are cut out. Of an answer to
 * a sign-in only known members are kept, the tokens replaced.
 */
export function recordedText(text: string, route: BoxRoute): RecordedBody | undefined {
  if (text === '') return undefined;
  const value = parsed(text);
  if (route === 'token') return value === undefined ? { text: '(not kept: no JSON)' } : { json: tokenAnswer(value) };
  if (value === undefined || !keepsNumbers(text)) return { text: redact(text) };
  return { json: value };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) =>
      typeof value === 'string' && isSecret(key) ? '[redacted]' : value,
    ) as unknown;
  } catch {
    return undefined;
  }
}

const secretNames = new Map<string, boolean>();

/** By what `redact` would do with it; remembered, since a page has the same few names a thousand times. */
function isSecret(name: string): boolean {
  const known = secretNames.get(name);
  if (known !== undefined) return known;
  const isOne = redact(`"${name}":"x"`) !== `"${name}":"x"`;
  if (secretNames.size < 1_000) secretNames.set(name, isOne);
  return isOne;
}

function tokenAnswer(value: unknown): unknown {
  const answer = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const { access_token: access, refresh_token: refresh, error, error_description: description } = answer;
  return {
    ...(access === undefined ? {} : { access_token: 'recorded-access-token' }),
    ...(refresh === undefined ? {} : { refresh_token: 'recorded-refresh-token' }),
    ...(typeof answer['expires_in'] === 'number' ? { expires_in: answer['expires_in'] } : {}),
    ...(access === undefined ? {} : { token_type: 'bearer' }),
    ...(typeof error === 'string' ? { error: redact(error) } : {}),
    ...(typeof description === 'string' ? { error_description: redact(description) } : {}),
  };
}

function keepsNumbers(text: string): boolean {
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g)) {
    if (!token.startsWith('"') && String(Number(token)) !== token) return false;
  }
  return true;
}
