import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { parseSyncRules, type SyncRulesProblem } from '../../../src/operators/sync-rules/parse-sync-rules.js';
import type { SyncRules } from '../../../src/operators/sync-rules/sync-rules.js';
import { suite } from '../../support/suite.js';

const good = { id: 'r1', order: 0, policy: 'exclude', field: 'name', rule: 'equals', value: 'a' };
const byDefault = { id: 'DEFAULT', order: 0, policy: 'include', field: '_', rule: 'regex', value: '.*' };

function rulesOf(raw: unknown): SyncRules {
  const parsed = parseSyncRules(raw);
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.rules;
}

function problemsOf(raw: unknown): readonly SyncRulesProblem[] {
  const parsed = parseSyncRules(raw);
  return 'problems' in parsed ? parsed.problems : [];
}

function messagesOf(raw: unknown): readonly string[] {
  return problemsOf(raw).flatMap((problem) => problem.messages);
}

suite('parseSyncRules', (test) => {
  for (const nothing of [undefined, null, [], [byDefault]]) {
    test(`${JSON.stringify(nothing)} are no rules`, () => {
      assert.is(rulesOf(nothing).fingerprint, rulesOf([]).fingerprint);
      assert.equal(rulesOf(nothing).decide({ name: 'a' }), { included: true });
    });
  }

  test('DEFAULT has no effect, whatever its policy, place and value', () => {
    const rules = rulesOf([{ ...byDefault, policy: 'exclude', order: -1 }, good]);
    assert.equal(rules.decide({ name: 'b', _: 'x' }), { included: true });
    assert.equal(rules.decide({ name: 'a' }), { included: false, rule: 'r1' });
    assert.equal(messagesOf([{ id: 'DEFAULT' }]), []);
  });

  test('rules are taken by order, not as listed; equal orders as listed', () => {
    const include = { ...good, id: 'keep', policy: 'include', rule: 'starts_with', order: 10 };
    const exclude = { ...good, id: 'drop', rule: 'contains', order: 9.5 };
    assert.equal(rulesOf([include, exclude]).decide({ name: 'a' }), { included: false, rule: 'drop' });
    assert.equal(rulesOf([include, { ...exclude, order: 10 }]).decide({ name: 'a' }), { included: true });
  });

  test('policy and rule are read in any case, further keys are ignored', () => {
    const rules = rulesOf([{ ...good, policy: 'EXCLUDE', rule: 'Starts_With', created_at: '2024-01-01', extra: 1 }]);
    assert.equal(rules.decide({ name: 'ab' }), { included: false, rule: 'r1' });
    assert.is(rules.fingerprint, rulesOf([{ ...good, rule: 'starts_with' }]).fingerprint);
  });

  const wrong: readonly (readonly [unknown, readonly string[]])[] = [
    ['x', ['Cannot read the sync rules: found "x", expected a list']],
    [{}, ['Cannot read the sync rules: found an object, expected a list']],
    [[null], ['Basic rule 1: found null, expected an object']],
    [[good, undefined], ['Basic rule 2: found undefined, expected an object']],
    [[[]], ['Basic rule 1: found a list, expected an object']],
    [
      [{ ...good, policy: 'drop' }],
      [`Basic rule 1 (id: 'r1') has the policy "drop", expected "include" or "exclude".`],
    ],
    [
      [{ ...good, rule: 'greater_than' }],
      [
        `Basic rule 1 (id: 'r1') has the rule "greater_than", expected one of "equals", "contains", "starts_with", "ends_with", "regex", ">", "<".`,
      ],
    ],
    [
      [{ ...good, order: 3, value: 5 }],
      [
        `Basic rule 4 (id: 'r1') has the value 5, expected a text that is not empty (numbers and true or false in quotes).`,
      ],
    ],
    [[{ ...good, field: '' }], [`Basic rule 1 (id: 'r1') has the field "", expected a text that is not empty.`]],
    [[{ ...good, order: '0' }], [`Basic rule 1 (id: 'r1') has the order "0", expected a number.`]],
    [[{ ...good, order: Number.NaN }], [`Basic rule 1 (id: 'r1') has the order NaN, expected a number.`]],
    [[good, { ...good, id: undefined, value: 'b' }], ['Basic rule 1 has no "id", expected a text that is not empty.']],
    [
      [{ ...good, id: '0b5b9a2e-1111-2222-3333-4444555566ff', rule: 'regex', value: '(.*)' }],
      [`Basic rule 1 (id: '0b5b9...566ff') uses a match all regexps ['.*', '(.*)'], which are not allowed.`],
    ],
  ];
  for (const [raw, expected] of wrong) {
    test(`refused: ${expected.join()}`, () => assert.equal(messagesOf(raw), expected));
  }

  test('every fault of every rule is reported, under its id', () => {
    const problems = problemsOf([{ id: 'x' }, { ...good, rule: 'regex', value: '(' }]);
    assert.equal(
      problems.map(({ ids }) => ids),
      [['x'], ['x'], ['x'], ['x'], ['x'], ['r1']],
    );
    assert.match(problems[5]?.messages[0] ?? '', /cannot be used: missing closing \): `\(`/);
  });

  for (const value of ['a(?=b)', '(?<=a)b', '(a)\\1', '[', 'a{1001}']) {
    test(`the regular expression ${value} is refused with what is supported`, () => {
      const [message] = messagesOf([{ ...good, rule: 'regex', value }]);
      assert.match(message ?? '', /^Basic rule 1 \(id: 'r1'\) has the regular expression ".*RE2 syntax/);
    });
  }

  test('.+ and .* on another operator are allowed', () => {
    assert.equal(messagesOf([{ ...good, rule: 'regex', value: '.+' }]), []);
    assert.equal(messagesOf([{ ...good, rule: 'contains', value: '.*' }]), []);
  });

  test('rules that say the same are named in pairs, both ways, all of them', () => {
    const problems = problemsOf([
      { ...good, order: 0 },
      { ...good, id: 'r2', order: 1, policy: 'include' },
      { ...good, id: 'r3', order: 2, rule: 'EQUALS' },
      { ...good, id: 'r4', order: 3, value: 'b' },
    ]);
    assert.equal(
      problems.map(({ ids }) => ids),
      [['r2'], ['r1'], ['r3'], ['r1'], ['r3'], ['r2']],
    );
    assert.equal(problems[0]?.messages, [`Basic rule 2 (id: 'r2') is semantically equal to Basic rule 1 (id: 'r1').`]);
  });

  test('never throws, whatever it is given', () => {
    const names = fc.constantFrom('id', 'order', 'policy', 'field', 'rule', 'value', '__proto__');
    const values = fc.oneof(
      fc.constantFrom('regex', 'exclude', '(', '.*', 'equals', 0, -0, 'DEFAULT', [], {}, Symbol('s'), 10n),
      fc.anything(),
    );
    const entries = fc.oneof(fc.dictionary(names, values), fc.anything());
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.array(entries)), (raw) => {
        const parsed = parseSyncRules(raw);
        return 'rules' in parsed || parsed.problems.every(({ messages }) => messages.length > 0);
      }),
    );
  });

  test('any list of well-formed rules is accepted', () => {
    const entry = fc.record({
      id: fc.string({ minLength: 1 }),
      order: fc.double({ noNaN: true, noDefaultInfinity: true }),
      policy: fc.constantFrom('include', 'Exclude'),
      field: fc.string({ minLength: 1 }),
      rule: fc.constantFrom('equals', 'contains', 'starts_with', 'ends_with', '>', '<'),
      value: fc.string({ minLength: 1 }),
    });
    const sets = fc.uniqueArray(entry, { selector: ({ field, rule, value }) => JSON.stringify([field, rule, value]) });
    fc.assert(fc.property(sets, (raw) => messagesOf(raw).length === 0));
  });
});
