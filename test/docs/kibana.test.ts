import * as assert from 'uvu/assert';
import { configurationSchema } from '../../src/service/configuration-schema.js';
import { endpointOf, requestProblems } from '../support/connector-api-spec.js';
import { codeIn, docBlocks, docTable } from '../support/documentation.js';
import { suite } from '../support/suite.js';

const page = 'docs/kibana.md';

suite(page, (test) => {
  test('has every field of the form, in its order, under its label and key', () => {
    const documented = docTable(page, 'field', 'key').map(([label, key = '']) => [label, codeIn(key)[0]]);
    assert.equal(
      documented,
      Object.entries(configurationSchema).map(([key, { label }]) => [label, key]),
    );
  });

  test('names every value that a field with a choice of its own can have', () => {
    const rows = docTable(page, 'field', 'key');
    for (const [key, { options }] of Object.entries(configurationSchema)) {
      const row = rows.find(([, cell = '']) => codeIn(cell)[0] === key)?.[3] ?? '';
      for (const { value } of options) assert.ok(codeIn(row).includes(value), `${key}: ${value}`);
    }
  });

  test("its requests are those of Elastic's specification", () => {
    const requests = docBlocks(page).filter(({ language }) => language === 'http');
    assert.ok(requests.length > 3);
    for (const { place, text } of requests) {
      const [, method = '', path = '', body = ''] = /^(\S+) (\S+)\n([\s\S]*)$/.exec(text) ?? [];
      const found = endpointOf(method, path);
      if (found === undefined) throw new Error(`${place}: the specification has no ${method} ${path}`);
      assert.equal(requestProblems(found.endpoint, { query: {}, body }), [], place);
    }
  });
});
