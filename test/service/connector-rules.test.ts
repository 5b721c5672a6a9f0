import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../src/core/errors.js';
import { connectorRules } from '../../src/service/connector-rules.js';
import { activeRules, draftRules, newFiltering } from '../../src/service/filtering.js';
import { members } from '../../src/service/json-members.js';
import { suite } from '../support/suite.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';
import { toolsRig } from './connector-tools-rig.js';

const fresh = { service_type: 'box', filtering: newFiltering(new Date(0)) };

/** Sets the rules of a file; resolves to what was refused. */
async function setting(text: string, source: object = fresh) {
  const rig = toolsRig();
  rig.protocol.putConnector('c', { ...source });
  const problems = await inTemporaryFolder(async (folder) => {
    const set = join(folder, 'rules.yml');
    writeFileSync(set, text);
    try {
      await connectorRules(rig.tools, { kind: 'rules', id: 'c', set, json: false });
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
  });
  const filtering = members.list(rig.protocol.connectorSource('c')['filtering']);
  return { ...rig, problems, filtering };
}

suite('connectorRules()', (test) => {
  for (const [form, text] of [
    [
      'a list',
      '- { policy: exclude, field: name, rule: contains, value: draft }\n- { id: mine, order: 7, policy: include, field: type, rule: equals, value: file }',
    ],
    [
      'JSON under "rules"',
      '{"rules":[{"policy":"exclude","field":"name","rule":"contains","value":"draft"},{"id":"mine","order":7,"policy":"include","field":"type","rule":"equals","value":"file"}]}',
    ],
  ] as const) {
    test(`rules of ${form} are active at once, with ids and orders, the draft being the same`, async () => {
      const { problems, filtering, said } = await setting(text);
      assert.equal(problems, []);
      const rules = activeRules(filtering).map((rule) => {
        const { id, order, policy, field, rule: operator, value } = members.of(rule);
        return [order, id, policy, field, operator, value];
      });
      assert.equal(rules, [
        [0, 'rule-1', 'exclude', 'name', 'contains', 'draft'],
        [7, 'mine', 'include', 'type', 'equals', 'file'],
        [2, 'DEFAULT', 'include', '_', 'regex', '.*'],
      ]);
      assert.equal(draftRules(filtering)['rules'], activeRules(filtering));
      assert.equal(draftRules(filtering)['validation'], { state: 'valid', errors: [] });
      assert.match(said.join('\n'), /^Active \(and draft\): valid\n {2}0 +rule-1 +exclude/);
    });
  }

  test('a connector without any filtering is given one', async () => {
    const { problems, filtering } = await setting('[]', { service_type: 'box', filtering: [] });
    assert.equal(problems, []);
    assert.equal(activeRules(filtering).length, 1);
  });

  test('nothing is written where a rule is wrong; every fault is named', async () => {
    const wrong =
      '[{ policy: x, field: a, rule: equals, value: b }, { policy: include, field: a, rule: regex, value: "(" }]';
    const { problems, filtering, said } = await setting(wrong);
    assert.is(problems.length, 2);
    assert.match(problems[0] ?? '', /'rule-1'.*"include" or "exclude"/);
    assert.match(problems[1] ?? '', /'rule-2'.*regular expression/);
    assert.equal(filtering, fresh.filtering);
    assert.equal(said, []);
  });

  test('a file without a list is refused', async () => {
    for (const text of ['rules: none', '5', '[1]', '{ "a": ', '']) {
      const { problems } = await setting(text);
      assert.match(problems.join(), /Cannot read the rules in .* expected YAML or JSON with a list/, text);
    }
  });

  test('a draft with faults is shown beside the active rules, with its faults', async () => {
    const { tools, protocol, said } = toolsRig();
    const [domain] = newFiltering(new Date(0));
    const draft = {
      rules: [{ id: 'x\u001b[2J', order: 0, policy: 'include', field: 'a', rule: 'equals', value: 'b' }],
      validation: { state: 'invalid', errors: [{ ids: ['x'], messages: ['wrong'] }] },
    };
    protocol.putConnector('c', { ...fresh, filtering: [{ ...domain, draft }] });
    assert.is(await connectorRules(tools, { kind: 'rules', id: 'c', set: null, json: false }), 0);
    assert.equal(said, [
      'Active: valid',
      '  0  DEFAULT  include  _  regex  .*',
      'Draft: invalid',
      '  0  x\\u001b[2J  include  a  equals  b',
      '  Fault in x: wrong',
    ]);
  });
});
