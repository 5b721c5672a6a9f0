import type { BulkAnswer, BulkItemError } from './bulk-client.js';
import { isObject } from './is-object.js';
import { wrongAnswer } from './wrong-answer.js';

/**
 * Checks an answer to `_bulk` to the last item: what is not clearly said to be written is not. Throws `TransientError`
 * that says which part is wrong; `action` completes "Cannot ...".
 */
export function parseBulkAnswer(answer: unknown, action: string): BulkAnswer {
  if (!isObject(answer) || typeof answer['errors'] !== 'boolean' || !Array.isArray(answer['items'])) {
    throw wrongAnswer(action, answer, 'it has no "errors" and "items"');
  }
  const items: readonly unknown[] = answer['items'];
  for (const [position, item] of items.entries()) {
    const problem = problemOf(item);
    if (problem !== undefined) throw wrongAnswer(action, answer, `item ${position + 1} ${problem}`);
  }
  // Each has just been looked at; copies would cost as much as reading them.
  return { errors: answer['errors'], items: items as BulkAnswer['items'] };
}

function problemOf(item: unknown): string | undefined {
  const said = isObject(item) ? Object.values(item) : [];
  const [answer] = said;
  if (said.length !== 1 || !isObject(answer)) return 'is not one action with its answer';
  const { status, error, _id: id } = answer;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599) {
    return `has ${status === undefined ? 'no status' : `the status ${JSON.stringify(status)}`}`;
  }
  if (id !== undefined && typeof id !== 'string') return 'has no text as its "_id"';
  if (error === undefined) return undefined;
  if (status < 300) return `has the status ${status} and an error`;
  return isError(error) ? undefined : 'has an error of another shape';
}

function isError(error: unknown): error is BulkItemError {
  if (!isObject(error)) return false;
  const { type, reason, index_uuid: uuid, caused_by: cause } = error;
  return isText(type) && (reason === null || isText(reason)) && isText(uuid) && (cause === undefined || isError(cause));
}

/** Or absent. */
function isText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}
