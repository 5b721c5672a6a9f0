import * as assert from 'uvu/assert';
import { parse as parseYaml } from 'yaml';
import { parseSyncRules } from '../../src/operators/sync-rules/parse-sync-rules.js';
import { ruleOperators } from '../../src/operators/sync-rules/sync-rule.js';
import type { SyncRules } from '../../src/operators/sync-rules/sync-rules.js';
import { codeIn, docBlocks, docTable, docTables } from '../support/documentation.js';
import { suite } from '../support/suite.js';

const page = 'docs/sync-rules.md';

function rulesOf(raw: unknown): SyncRules {
  const parsed = parseSyncRules(raw);
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.rules;
}

suite(page, (test) => {
  test('each operator matches what the page says, and nothing that it says it does not', () => {
    const rows = docTable(page, '`rule`', '`value`');
    const seen = new Set<string>();
    for (const [operator = '', text = '', matching = '', others = ''] of rows) {
      const [rule = ''] = codeIn(operator);
      const [value = ''] = codeIn(text);
      seen.add(rule);
      const rules = rulesOf([{ id: 'one', order: 0, policy: 'exclude', field: 'field', rule, value }]);
      const verdicts = (cell: string) =>
        codeIn(cell).map((json) => [json, !rules.decide({ field: JSON.parse(json) as unknown }).included]);
      assert.ok(codeIn(matching).length > 0 && codeIn(others).length > 0, `${rule} ${value}`);
      assert.equal(
        verdicts(matching),
        codeIn(matching).map((json) => [json, true]),
        `${rule} ${value}`,
      );
      assert.equal(
        verdicts(others),
        codeIn(others).map((json) => [json, false]),
        `${rule} ${value}`,
      );
    }
    assert.equal([...seen].sort(), [...ruleOperators].sort());
  });

  test('each example decides as its table says', () => {
    const examples = docBlocks(page).filter(({ language }) => language === 'yaml');
    const tables = docTables(page).filter(([header]) => header?.[0] === 'document');
    assert.is(tables.length, examples.length);
    for (const [index, { place, text }] of examples.entries()) {
      const { sync_rules: raw } = parseYaml(text) as { sync_rules: unknown };
      const rules = rulesOf(raw);
      const rows = tables[index]?.slice(1) ?? [];
      assert.ok(rows.length > 1, place);
      for (const [cell = '', outcome] of rows) {
        const [document = ''] = codeIn(cell);
        const decision = rules.decide(parseYaml(document) as Record<string, unknown>);
        assert.is(decision.included ? 'kept' : `excluded by ${decision.rule}`, outcome, `${place} ${document}`);
      }
    }
  });

  test('drafts are not listed, as the first example says', () => {
    const [first] = docBlocks(page).filter(({ language }) => language === 'yaml');
    const rules = rulesOf((parseYaml(first?.text ?? '') as { sync_rules: unknown }).sync_rules);
    assert.equal([rules.prunes('/Drafts'), rules.prunes('/Plans')], ['no-drafts', null]);
  });
});
