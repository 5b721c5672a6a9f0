import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { JsonObjectReader } from '../../src/extractors/json-object-reader.js';
import { suite } from '../support/suite.js';

interface Read {
  readonly isObject: boolean;
  readonly hasText: boolean;
  readonly text: string;
  readonly error: string | undefined;
}

function read(...parts: readonly string[]): Read {
  let text = '';
  const sink = {
    add: (part: string) => void (text += part),
    clear: () => void (text = ''),
  };
  const reader = new JsonObjectReader({ long: 'text', text: sink, small: ['error'] });
  for (const part of parts) reader.add(part);
  const { isObject, hasText } = reader;
  return { isObject, hasText, text, error: reader.small('error') };
}

const whole = { isObject: true, hasText: true, error: undefined };

suite('JsonObjectReader', (test) => {
  test('hands on the text, and keeps the JSON of what is small', () => {
    assert.equal(read('{"_meta":{"a":[1,"]}"]},"text":"a\\n\\u00e9","error":"e"}'), {
      ...whole,
      text: 'a\né',
      error: '"e"',
    });
    assert.equal(read(' { "error" : {"code": [5]} , "text" : "" } '), { ...whole, text: '', error: '{"code": [5]}' });
    assert.equal(read('{"error":null,"text":"x"}'), { ...whole, text: 'x', error: 'null' });
  });

  test('a text that is none is none; the last of several counts', () => {
    for (const value of ['5', 'null', 'true', '["x"]', '{"text":"x"}']) {
      assert.equal(read(`{"text":${value}}`), { ...whole, hasText: false, text: '' });
      assert.equal(read(`{"text":"x","text":${value}}`), { ...whole, hasText: false, text: '' });
    }
    assert.equal(read('{"text":5,"text":"x","text":"y"}'), { ...whole, text: 'y' });
  });

  test('a member of the same name deeper down is another one', () => {
    assert.equal(read('{"a":{"text":"no","error":"no"},"text":"yes"}'), { ...whole, text: 'yes' });
  });

  test('the name of a member may have escapes', () => {
    assert.equal(read('{"t\\u0065xt":"x"}'), { ...whole, text: 'x' });
  });

  for (const broken of [
    '',
    '<html>',
    '["x"]',
    '"x"',
    '5',
    '{',
    '{"text"',
    '{"text":"x"',
    '{"text":"x',
    '{"text":"x\\"}',
    '{"text":"\\x"}      ',
    '{"text":"\\u12"}      ',
    '{"text":"a\nb"}',
    '{"text":"x",}',
    '{"text" "x"}',
    '{text:"x"}',
    '{"text":"x"}{',
    '{"a":[1}',
    '{"a":?}',
  ]) {
    test(`${JSON.stringify(broken)} is no whole object`, () => assert.is(read(broken).isObject, false));
  }

  test('depth and length cost nothing: a hundred thousand levels, a million marks, an endless name', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    assert.equal(read(`{"a":${deep},"text":"x"}`), { ...whole, text: 'x' });
    assert.equal(read(`{"error":${deep}}`).error?.length, 2_000);
    assert.equal(read('{"a":', '['.repeat(1_000_000)).isObject, false);
    assert.equal(read(`{"${'k'.repeat(1_000_000)}":1,"text":"x"}`), { ...whole, text: 'x' });
    assert.equal(read(`{"error":"${'e'.repeat(1_000_000)}"}`).error?.length, 2_000);
    assert.equal(read(`{"error":${'9'.repeat(1_000_000)}}`).error?.length, 2_000);
  });

  test('reads what JSON.parse reads, wherever the parts are cut', () => {
    const key = fc.oneof(fc.constantFrom('text', 'error', 'other', '__proto__'), fc.string());
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue());
    const cuts = fc.array(fc.nat(200), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value)), fc.constantFrom('', ' ', '\r\n\t'), cuts, (members, space, at) => {
        const json = `{${members.map((member) => member.map((one) => `${space}${JSON.stringify(one)}${space}`).join(':')).join(',')}}${space}`;
        const parts = [...at, json.length]
          .sort((a, b) => a - b)
          .map((end, index, all) => json.slice(index === 0 ? 0 : [...all].sort((a, b) => a - b)[index - 1], end));
        const parsed = JSON.parse(json) as Record<string, unknown>;
        const found = read(...parts);
        assert.is(found.isObject, true);
        assert.is(found.hasText, typeof parsed['text'] === 'string');
        if (found.hasText) assert.is(found.text, parsed['text']);
        if (!('error' in parsed)) assert.is(found.error, undefined);
        else if (JSON.stringify(parsed['error']).length < 2_000)
          assert.equal(JSON.parse(found.error ?? ''), parsed['error']);
      }),
    );
  });

  test('the beginning of an object is no object, wherever it is cut', () => {
    const json = '{"a":[{"b":"\\"]"}],"text":"x\\u00e9","error":-1.5e3}';
    for (let end = 0; end < json.length; end += 1)
      assert.is(read(json.slice(0, end)).isObject, false, json.slice(0, end));
    assert.is(read(...Array.from(json, (part) => part)).text, 'xé');
  });
});
