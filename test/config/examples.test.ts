import { readdirSync, readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { referenceText } from '../../scripts/generate-reference.js';
import { leaves } from '../../src/config/leaves.js';
import { loadConfig } from '../../src/config/load-config.js';
import { suite } from '../support/suite.js';

const folder = new URL('../../config/', import.meta.url);
const examples = readdirSync(folder).filter((file) => file.endsWith('.yml'));

suite('config/', (test) => {
  test('has an example for each way of signing in, and the demo', () => {
    assert.equal(examples.sort(), ['box-enterprise.yml', 'box-free.yml', 'box-jwt.yml', 'local-demo.yml']);
  });

  for (const file of examples) {
    test(`${file} loads`, () => {
      const deps = { readText: () => readFileSync(new URL(file, folder), 'utf8'), env: {} };
      const { mode, warnings } = loadConfig(deps, { path: file });
      assert.is(mode, 'sync');
      assert.equal(warnings, []);
    });
  }

  test('reference.md is what the schema says', () => {
    const page = readFileSync(new URL('reference.md', folder), 'utf8');
    assert.is(page, referenceText(), 'stale: run "npm run docs"');
    for (const key of leaves.keys()) assert.ok(page.includes(`\n| \`${key}\` | `), key);
  });
});
