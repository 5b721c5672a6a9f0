import * as assert from 'uvu/assert';
import { TransientError } from '../../src/core/errors.js';
import { parseBulkAnswer } from '../../src/sinks/parse-bulk-answer.js';
import { suite } from '../support/suite.js';

const good = { index: { _id: '1', status: 201 } };
const withItem = (item: unknown) => ({ errors: false, items: [good, item] });
const withError = (error: unknown) => withItem({ index: { status: 400, error } });

suite('parseBulkAnswer()', (test) => {
  const taken: readonly unknown[] = [
    { errors: false, items: [] },
    withItem({ delete: { status: 404 } }),
    withError({ type: 'x', reason: null }),
    withError({ type: 'x', reason: 'y', index_uuid: 'u', caused_by: { type: 'z', caused_by: {} } }),
    withError({}),
  ];
  for (const answer of taken) {
    test(`takes ${JSON.stringify(answer)}`, () => assert.equal(parseBulkAnswer(answer, 'write'), answer));
  }

  const refused: readonly [unknown, string][] = [
    ['<!DOCTYPE html>\n<title>Sign in</title>', 'it begins with "<!DOCTYPE html> <title>Sign in</title>"'],
    ['', 'it is empty'],
    [null, 'it has no "errors" and "items"'],
    [[], 'it has no "errors" and "items"'],
    [{ items: [] }, 'it has no "errors" and "items"'],
    [{ errors: 'false', items: [] }, 'it has no "errors" and "items"'],
    [{ errors: false }, 'it has no "errors" and "items"'],
    [{ errors: false, items: { 0: good } }, 'it has no "errors" and "items"'],
    [withItem(null), 'item 2 is not one action with its answer'],
    [withItem('index'), 'item 2 is not one action with its answer'],
    [withItem({}), 'item 2 is not one action with its answer'],
    [withItem({ index: 201 }), 'item 2 is not one action with its answer'],
    [withItem({ ...good, delete: { status: 200 } }), 'item 2 is not one action with its answer'],
    [withItem({ index: {} }), 'item 2 has no status'],
    [withItem({ index: { status: '201' } }), 'item 2 has the status "201"'],
    [withItem({ index: { status: 100 } }), 'item 2 has the status 100'],
    [withItem({ index: { status: 200.5 } }), 'item 2 has the status 200.5'],
    [withItem({ index: { status: 201, _id: 1 } }), 'item 2 has no text as its "_id"'],
    [withItem({ index: { status: 201, error: { type: 'x' } } }), 'item 2 has the status 201 and an error'],
    [withError('x'), 'item 2 has an error of another shape'],
    [withError(null), 'item 2 has an error of another shape'],
    [withError({ type: 1 }), 'item 2 has an error of another shape'],
    [withError({ caused_by: null }), 'item 2 has an error of another shape'],
  ];
  for (const [answer, found] of refused) {
    test(`refuses ${JSON.stringify(answer)}`, () =>
      assert.throws(
        () => parseBulkAnswer(answer, 'write'),
        (error: unknown) =>
          error instanceof TransientError &&
          error.message.startsWith(`Cannot write: the answer is not that of Elasticsearch (${found}), expected`),
      ));
  }
});
