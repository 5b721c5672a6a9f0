import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { metricTable } from '../../src/endpoint/metric-table.js';
import { projectFolder } from '../support/source-files.js';
import { suite } from '../support/suite.js';

suite('metricTable', (test) => {
  test('is the one in docs/metrics.md', () => {
    const rows = readFileSync(join(projectFolder, 'docs/metrics.md'), 'utf8')
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter(([, name = '', , , meaning]) => name.startsWith('`box_connector_') && meaning !== undefined)
      .map(([, name, kind, labels, meaning]) => [name, kind, labels, meaning]);
    const expected = Object.entries(metricTable).map(([name, { kind, labels, help }]) => [
      `\`${name}\``,
      kind,
      labels.map((label) => `\`${label}\``).join(', '),
      help,
    ]);
    assert.equal(rows, expected);
  });

  test('has names as Prometheus wants them', () => {
    for (const [name, { kind }] of Object.entries(metricTable)) {
      assert.match(name, /^box_connector_[a-z_]+$/);
      assert.is(name.endsWith('_total'), kind === 'counter', name);
    }
  });
});
