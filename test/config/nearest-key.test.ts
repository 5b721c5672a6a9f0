import * as assert from 'uvu/assert';
import { leaves } from '../../src/config/leaves.js';
import { nearestKey } from '../../src/config/nearest-key.js';
import { suite } from '../support/suite.js';

const cases: readonly (readonly [name: string, expected: string | undefined])[] = [
  ['elasticsearch.hots', 'elasticsearch.host'],
  ['elastic_search.host', 'elasticsearch.host'],
  ['box.clientId', 'box.client_id'],
  ['box.max_call', 'box.max_calls'],
  ['indx', 'index'],
  ['client_secret', 'box.client_secret'],
  ['bulk.error_monitor.enabled', 'elasticsearch.bulk.error_monitor.enabled'],
  ['log_level', 'log.level'],
  ['completely.different', undefined],
  ['', undefined],
  ['x'.repeat(100_000), undefined],
];

suite('nearestKey()', (test) => {
  for (const [name, expected] of cases) {
    test(`finds ${expected ?? 'nothing'} for "${name.slice(0, 30)}"`, () => {
      assert.is(nearestKey(name, leaves.keys()), expected);
    });
  }
});
