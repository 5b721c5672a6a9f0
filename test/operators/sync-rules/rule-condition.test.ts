import * as assert from 'uvu/assert';
import { ruleCondition } from '../../../src/operators/sync-rules/rule-condition.js';
import type { RuleOperator } from '../../../src/operators/sync-rules/sync-rule.js';
import { suite } from '../../support/suite.js';

function matches(rule: RuleOperator, value: string, documentValue: unknown): boolean {
  return ruleCondition({ id: 'r', order: 0, policy: 'exclude', field: 'f', rule, value })({ f: documentValue });
}

// [rule, its value, document values that match, document values that do not]
const table: readonly (readonly [RuleOperator, string, readonly unknown[], readonly unknown[]])[] = [
  // Texts: by character, with case.
  ['equals', 'tmp', ['tmp'], ['TMP', 'tmp ', '', 'xtmp', null, ['tmp'], { tmp: 'tmp' }]],
  ['equals', 'None', ['None'], [null]],
  ['equals', '[]', ['[]'], [[]]],
  ['equals', '{}', ['{}'], [{}]],
  ['equals', '😀', ['😀'], ['\ud83d']],
  ['starts_with', '/A/', ['/A/', '/A/b'], ['/A', '/a/b', 'x/A/', null, 5]],
  ['ends_with', '.pdf', ['.pdf', 'a.pdf'], ['a.PDF', 'a.pdf ', null]],
  ['contains', 'secret', ['a secret b'], ['Secret', '', null]],
  ['regex', 'abc', ['abc', 'abcdef'], ['xabc', null]],
  ['>', 'm', ['n', 'ma'], ['m', 'M', 'l', '', null]],
  ['<', 'm', ['l', 'M', ''], ['m', 'n', null]],
  ['<', '\u{1f600}', ['\uffff', '\ue000', 'a'], ['\u{1f601}']],
  // Numbers: as floats; a text that is none is equal to no number and not comparable.
  ['equals', '5', [5, '5'], ['5.0', 5.5, true, [5]]],
  ['equals', '5.0', [5, '5.0'], ['5']],
  ['equals', ' 1_000 ', [1000], ['1000']],
  ['equals', '1e3', [1000], [1e4]],
  ['equals', '0x10', ['0x10'], [16]],
  ['equals', 'abc', ['abc'], [0, Number.NaN]],
  ['equals', ' ', [' '], [0]],
  ['>', '10', [11, 10.5, '9', '100'], [10, 9, -1, true, null, [11], { a: 11 }]],
  ['<', '10', [9, -1, '1'], [10, 11, '9', false, null, []]],
  ['>', '.5', [1], [0.5, 0]],
  ['<', 'inf', [Number.MAX_VALUE], []],
  ['>', '-Infinity', [-Number.MAX_VALUE], []],
  ['<', 'nan', [], [0]],
  ['>', 'abc', ['abd'], [1, 1e300]],
  ['<', 'abc', ['abb'], [1, -1e300]],
  ['starts_with', '10', [10, 1048], [1, 210]],
  ['contains', '.5', [0.5], [5]],
  ['ends_with', '0', [10], [1]],
  ['regex', '\\d{3}$', [123], [12, 1234]],
  // Booleans: `equals` by meaning, the text operators on "True" and "False", never greater or less.
  ['equals', 'true', [true, 'true'], [false, 'True', 1]],
  ['equals', 'YES', [true], [false]],
  ['equals', 'off', [false], [true, 0, null]],
  ['equals', 'F', [false], [true]],
  ['equals', '1', [1], [true]],
  ['equals', 'truely', ['truely'], [true]],
  ['starts_with', 'T', [true], [false]],
  ['starts_with', 't', [], [true]],
  ['regex', 'True$', [true], [false]],
  ['>', 'false', ['true'], [true, false]],
  ['<', 'true', ['false'], [true, false]],
  // Dates: as instants where both are dates, by character otherwise.
  [
    'equals',
    '2024-01-01T07:00:00Z',
    ['2024-01-01T00:00:00-07:00', '2024-01-01T07:00:00.000Z'],
    ['2024-01-01T00:00:00Z'],
  ],
  [
    '>',
    '2024-01-01T06:00:00Z',
    ['2024-01-01T00:00:00-07:00'],
    ['2024-01-01T06:00:00+00:00', '2024-01-01T07:00:00+02:00'],
  ],
  [
    '<',
    '2024-01-01',
    ['2023-12-31T23:59:59Z', '2024-01-01T00:00:00+01:00'],
    ['2024-01-01T00:00:00Z', '2023-12-31T20:00:00-07:00'],
  ],
  ['>', '2024', ['2024-01-01T00:00:00Z'], ['2023-12-31T00:00:00Z']],
  ['>', '2024-01-01', ['a name', '2024-01-01 report'], ['1 name', null, 20240102]],
  ['starts_with', '2024-', ['2024-01-01T00:00:00Z'], ['2023-01-01T00:00:00Z']],
  ['>', '2024-01-01', [new Date('2024-01-02')], [new Date('2024-01-01'), new Date('x')]],
  ['equals', '2024-01-01', [new Date('2024-01-01')], [new Date('2024-01-02')]],
  // null, lists and objects: by Python's text.
  ['starts_with', 'None', [null, 'None'], [0, false, '']],
  ['regex', 'None$', [null], []],
  ['contains', "'x': True", [{ x: true }], [{ x: 'True' }]],
  ['contains', 'anna@', [{ id: '7', login: 'anna@example.com' }, ['anna@example.com']], [{ login: 'bob@example.com' }]],
  ['starts_with', "['a', ", [['a', 'b']], [['a']]],
  ['ends_with', "'b']", [['a', 'b']], [['b', 'a']]],
  ['regex', "\\{'id'", [{ id: 1 }], [{ name: 1 }]],
  ['>', 'a', ['b'], [null, [], {}, ['b'], true]],
  // What JSON would leave out is missing.
  ['contains', 'e', ['e'], [undefined]],
];

suite('ruleCondition', (test) => {
  for (const [rule, value, hits, misses] of table) {
    test(`${rule} ${value}`, () => {
      for (const hit of hits) assert.ok(matches(rule, value, hit), `should match ${show(hit)}`);
      for (const miss of misses) assert.not(matches(rule, value, miss), `should not match ${show(miss)}`);
    });
  }

  test('a missing field matches nothing', () => {
    for (const rule of ['equals', 'contains', 'starts_with', 'ends_with', 'regex', '>', '<'] as const) {
      const condition = ruleCondition({ id: 'r', order: 0, policy: 'exclude', field: 'f', rule, value: 'N' });
      assert.not(condition({ other: 'None' }), rule);
    }
  });

  test('a field is a top-level key, not a path', () => {
    const condition = ruleCondition({ id: 'r', order: 0, policy: 'exclude', field: 'a.b', rule: 'equals', value: 'x' });
    assert.not(condition({ a: { b: 'x' } }));
    assert.ok(condition({ 'a.b': 'x' }));
  });

  for (const field of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    test(`${field} is a field like any other`, () => {
      const condition = ruleCondition({ id: 'r', order: 0, policy: 'exclude', field, rule: 'regex', value: '(?s).' });
      assert.not(condition({}));
      assert.not(condition({ other: 1 }));
      assert.ok(condition(JSON.parse(`{"${field}":"x"}`) as Record<string, unknown>));
    });
  }
});

function show(value: unknown): string {
  return value instanceof Date ? `date ${value.getTime()}` : JSON.stringify(value);
}
