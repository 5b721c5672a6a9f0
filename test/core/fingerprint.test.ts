import * as assert from 'uvu/assert';
import { fingerprint } from '../../src/core/fingerprint.js';
import { suite } from '../support/suite.js';

suite('fingerprint()', (test) => {
  test('12 characters that are fit for a file name, and the same for the same values', () => {
    assert.match(fingerprint('a', { b: [1, null] }), /^[\w-]{12}$/);
    assert.is(fingerprint('a', { b: 1 }), fingerprint('a', { b: 1 }));
  });

  const different: readonly (readonly unknown[])[] = [
    [],
    [''],
    ['', ''],
    [[]],
    ['ab'],
    ['a', 'b'],
    [['a', 'b']],
    [1],
    ['1'],
    [true],
    [null],
    [{ a: 1 }],
    [{ a: 2 }],
  ];
  test('differs where a value, its type or its place does', () => {
    assert.is(new Set(different.map((values) => fingerprint(...values))).size, different.length);
  });
});
