import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { ruleOperators, type SyncRule } from '../../../src/operators/sync-rules/sync-rule.js';
import { syncRules } from '../../../src/operators/sync-rules/sync-rules.js';
import { suite } from '../../support/suite.js';

function rule(id: string, over: Partial<SyncRule> = {}): SyncRule {
  return { id, order: 0, policy: 'exclude', field: 'name', rule: 'equals', value: 'a', ...over };
}

const anyRule: fc.Arbitrary<SyncRule> = fc.record({
  id: fc.string({ minLength: 1 }),
  order: fc.integer(),
  policy: fc.constantFrom('include' as const, 'exclude' as const),
  field: fc.oneof(fc.constantFrom('name', '__proto__', 'constructor'), fc.string({ minLength: 1 })),
  rule: fc.constantFrom(...ruleOperators.filter((operator) => operator !== 'regex')),
  value: fc.oneof(fc.string({ minLength: 1, unit: 'binary' }), fc.constantFrom('1', 'true', '2024-01-01', 'None')),
});
const anyRegex = fc
  .constantFrom('(a+)+$', '\\w*', '[\\W\\d]+', '^$', '(?i)x|y', '.*\\Z')
  .chain((value) => anyRule.map((one): SyncRule => ({ ...one, rule: 'regex', value })));

suite('syncRules', (test) => {
  test('no rules include everything', () => {
    const rules = syncRules([]);
    assert.equal(rules.decide({}), { included: true });
    assert.equal(rules.decide({ name: 'a' }), { included: true });
    assert.is(rules.prunes('/a'), null);
  });

  test('a document that no rule matches is included', () => {
    assert.equal(syncRules([rule('1')]).decide({ name: 'b' }), { included: true });
    assert.equal(syncRules([rule('1', { policy: 'include' })]).decide({ name: 'b' }), { included: true });
  });

  test('the first match decides', () => {
    const include = rule('keep', { policy: 'include', rule: 'starts_with', value: 'a' });
    const exclude = rule('drop', { rule: 'contains', value: 'b' });
    assert.equal(syncRules([include, exclude]).decide({ name: 'ab' }), { included: true });
    assert.equal(syncRules([exclude, include]).decide({ name: 'ab' }), { included: false, rule: 'drop' });
    assert.equal(syncRules([include, exclude]).decide({ name: 'xb' }), { included: false, rule: 'drop' });
  });

  test('decide() makes no new object for a document', () => {
    const rules = syncRules([rule('drop')]);
    assert.is(rules.decide({ name: 'a' }), rules.decide({ name: 'a' }));
  });

  const pruning: readonly (readonly [string, readonly SyncRule[], string, string | null])[] = [
    ['the folder itself', [path('p', '/A/')], '/A', 'p'],
    ['a folder below', [path('p', '/A/')], '/A/B', 'p'],
    ['a neighbour with the same beginning', [path('p', '/A/')], '/AB', null],
    ['names that begin alike, asked for without a slash', [path('p', '/A')], '/AB', 'p'],
    ['a folder above', [path('p', '/A/B')], '/A', null],
    ['the root', [path('p', '/')], '', 'p'],
    ['the root of a narrower rule', [path('p', '/A')], '', null],
    ['the first of two', [path('p', '/B/'), path('q', '/A/'), path('r', '/A/')], '/A', 'q'],
    ['behind an include rule', [rule('i', { policy: 'include' }), path('p', '/A/')], '/A', null],
    ['before an include rule', [path('p', '/A/'), rule('i', { policy: 'include' })], '/A', 'p'],
    ['an include rule on path', [{ ...path('p', '/A/'), policy: 'include' }], '/A', null],
    ['another field', [{ ...path('p', '/A/'), field: 'name' }], '/A', null],
    ['another operator', [{ ...path('p', '/A/'), rule: 'contains' }], '/A', null],
  ];
  for (const [title, rules, folder, expected] of pruning) {
    test(`prunes() ${title}`, () => assert.is(syncRules(rules).prunes(folder), expected));
  }

  test('what prunes() cuts off, decide() would exclude', () => {
    const segment = fc.constantFrom('A', 'B', 'AB');
    const folders = fc.array(segment, { maxLength: 3 }).map((names) => names.map((name) => `/${name}`).join(''));
    const prefixes = folders.chain((folder) => fc.constantFrom(folder || '/', `${folder}/`));
    const rules = fc.array(
      fc.tuple(prefixes, fc.constantFrom('include' as const, 'exclude' as const), fc.constantFrom('path', 'name')),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(rules, folders, segment, (set, folder, name) => {
        const compiled = syncRules(
          set.map(([value, policy, field], index) => rule(`${index}`, { field, policy, value, rule: 'starts_with' })),
        );
        if (compiled.prunes(folder) === null) return true;
        return !compiled.decide({ path: `${folder}/${name}`, name }).included;
      }),
    );
  });

  test('the fingerprint follows what can change a verdict', () => {
    const base = [rule('1'), rule('2', { value: 'b' })];
    const { fingerprint } = syncRules(base);
    assert.match(fingerprint, /^[0-9a-f]{16}$/);
    assert.is(syncRules(base.map((one) => ({ ...one, order: one.order + 5 }))).fingerprint, fingerprint);
    assert.is.not(syncRules(base.toReversed()).fingerprint, fingerprint);
    assert.is.not(syncRules([]).fingerprint, fingerprint);
    for (const change of [{ policy: 'include' }, { field: 'x' }, { rule: 'regex' }, { value: 'c' }] as const) {
      assert.is.not(syncRules([rule('1', change), ...base.slice(1)]).fingerprint, fingerprint, JSON.stringify(change));
    }
  });

  test('decide() never throws, whatever the document and the rules', () => {
    const documents = fc.dictionary(
      fc.oneof(fc.constantFrom('name', '__proto__', 'constructor'), fc.string()),
      fc.jsonValue({ stringUnit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(anyRule, anyRegex), { maxLength: 5 }), documents, (rules, document) => {
        const decision = syncRules(rules).decide(document);
        return decision.included || rules.some((one) => one.id === decision.rule && one.policy === 'exclude');
      }),
    );
  });
});

function path(id: string, value: string): SyncRule {
  return rule(id, { field: 'path', rule: 'starts_with', value });
}
