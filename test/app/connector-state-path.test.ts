import * as assert from 'uvu/assert';
import { connectorStatePath } from '../../src/app/connector-state-path.js';
import { suite } from '../support/suite.js';

suite('connectorStatePath', (test) => {
  test('has a state file for each connector, whatever is in its id', () => {
    const paths = ['a', '../a', 'a/b', '..', 'A b'].map((id) => connectorStatePath({ state: { path: '/s' } }, id));
    assert.equal(paths, [
      '/s/a.sqlite',
      '/s/%2E%2E%2Fa.sqlite',
      '/s/a%2Fb.sqlite',
      '/s/%2E%2E.sqlite',
      '/s/A%20b.sqlite',
    ]);
  });
});
