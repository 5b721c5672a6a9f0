import * as assert from 'uvu/assert';
import { neededPrivileges } from '../../src/sinks/elasticsearch-probe.js';
import { docBlocks, readDocPage } from '../support/documentation.js';
import { connectorApiPrivileges, leastPrivileges } from '../support/elasticsearch-key.js';
import { suite } from '../support/suite.js';

suite('privileges: what is documented, what is checked and what the tests run with are the same', (test) => {
  const needed = [...neededPrivileges].sort();

  test('the key of the tests', () => {
    assert.equal([...leastPrivileges.index].sort(), needed);
    assert.equal(leastPrivileges.cluster, ['monitor']);
  });

  test('the keys in README.md and docs/elasticsearch.md', () => {
    const bodies = [
      ...docBlocks('README.md').filter(({ language }) => language === 'json'),
      ...docBlocks('docs/elasticsearch.md').filter(({ language }) => language === 'http'),
    ].map(({ text }) => text.replace(/^POST .*\n/, ''));
    assert.is(bodies.length, 3);
    for (const body of bodies) {
      const { role_descriptors: roles } = JSON.parse(body) as {
        role_descriptors: Record<string, { cluster: string[]; indices: { privileges: string[] }[] }>;
      };
      const role = Object.values(roles)[0];
      assert.equal(role?.cluster, leastPrivileges.cluster);
      assert.equal(role?.indices[0]?.privileges.sort(), needed);
    }
  });

  test('what the service may have besides, for the Connector API', () => {
    const page = readDocPage('docs/elasticsearch.md');
    for (const privilege of connectorApiPrivileges) assert.match(page, `\`${privilege}\``);
  });

  test('the table in docs/elasticsearch.md', () => {
    const rows = [...readDocPage('docs/elasticsearch.md').matchAll(/^\| `(\w+)`\s*\| (index|cluster)/gm)];
    const on = (what: string) => rows.filter(([, , where]) => where === what).map(([, name]) => name);
    assert.equal(on('index').sort(), needed);
    assert.equal(on('cluster'), leastPrivileges.cluster);
  });
});
