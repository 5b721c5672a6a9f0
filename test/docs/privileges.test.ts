import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { neededPrivileges } from '../../src/sinks/elasticsearch-probe.js';
import { leastPrivileges } from '../support/elasticsearch-key.js';
import { projectFolder } from '../support/source-files.js';
import { suite } from '../support/suite.js';

const read = (path: string) => readFileSync(join(projectFolder, path), 'utf8');

suite('privileges: what is documented, what is checked and what the tests run with are the same', (test) => {
  const needed = [...neededPrivileges].sort();

  test('the key of the tests', () => {
    assert.equal([...leastPrivileges.index].sort(), needed);
    assert.equal(leastPrivileges.cluster, ['monitor']);
  });

  test('the key in README.md', () => {
    const block = /```json\n([\s\S]*?)```/.exec(read('README.md'))?.[1] ?? '';
    const { role_descriptors: roles } = JSON.parse(block) as {
      role_descriptors: Record<string, { cluster: string[]; indices: { privileges: string[] }[] }>;
    };
    const role = Object.values(roles)[0];
    assert.equal(role?.cluster, leastPrivileges.cluster);
    assert.equal(role?.indices[0]?.privileges.sort(), needed);
  });

  test('the table in docs/elasticsearch.md', () => {
    const rows = [...read('docs/elasticsearch.md').matchAll(/^\| `(\w+)`\s*\| (index|cluster)/gm)];
    const on = (what: string) => rows.filter(([, , where]) => where === what).map(([, name]) => name);
    assert.equal(on('index').sort(), needed);
    assert.equal(on('cluster'), leastPrivileges.cluster);
  });
});
