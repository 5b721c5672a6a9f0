import { TransientError } from '../core/errors.js';

/** Longest part of an answer that is shown. */
const longestStart = 80;

/**
 * The error about an answer under a good status that Elasticsearch does not give: a login page of a proxy, or a body
 * that something has changed. `action` completes "Cannot ..."; `found` says what is wrong with the answer.
 */
export function wrongAnswer(action: string, answer: unknown, found: string): TransientError {
  const text = typeof answer === 'string' ? answer.replace(/\s+/g, ' ').trim() : undefined;
  const start =
    text === undefined ? found : text === '' ? 'it is empty' : `it begins with "${text.slice(0, longestStart)}"`;
  return new TransientError(
    `Cannot ${action}: the answer is not that of Elasticsearch (${start}), expected no proxy to answer in its place or to change what it says. Look at "elasticsearch.host" and at the proxies between`,
  );
}
