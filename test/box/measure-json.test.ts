import * as assert from 'uvu/assert';
import { isAnswerTooLarge } from '../../src/box/answer-too-large.js';
import { measureJson } from '../../src/box/measure-json.js';
import { parseJson } from '../../src/box/parse-json.js';
import { suite } from '../support/suite.js';

const mib = 1024 * 1024;

suite('measure of JSON', (test) => {
  test('a page of many and long texts is fine, whatever stands in them', () => {
    const entry = { type: 'file', id: '1', name: '[[[{{{,,,\\" \\\\"', tags: Array<string>(100).fill('t'.repeat(250)) };
    const text = JSON.stringify({ entries: Array<unknown>(1_000).fill(entry) });
    assert.ok(text.length > 20 * mib);
    assert.is(measureJson(text), undefined);
  });

  test('what is nested without end is no page', () => {
    const deep = `{"entries":${'['.repeat(5 * mib)}`;
    assert.is(measureJson(deep), 'deep');
    assert.throws(
      () => parseJson(deep, 'Cannot read'),
      (error: unknown) => error instanceof SyntaxError,
    );
  });

  test('100,000 levels in a small answer are parsed, and cost nothing', () => {
    const nested = `{"entries":[{"type":"file","id":"1","description":${'['.repeat(100_000)}${']'.repeat(100_000)}}]}`;
    assert.ok(parseJson(nested, 'Cannot read') !== undefined);
  });

  test('a million values are more than a page has', () => {
    const many = `[${Array<string>(2_000_000).fill('{}').join(',')}]`;
    assert.is(measureJson(many), 'many');
    assert.throws(() => parseJson(many, 'Cannot GET "/x"'), isAnswerTooLarge);
    assert.throws(
      () => parseJson(many, 'Cannot GET "/x"'),
      /^Cannot GET "\/x": the answer has more than 500,000 values/,
    );
  });
});
