import * as assert from 'uvu/assert';
import { statePath } from '../../src/app/state-path.js';
import { suite } from '../support/suite.js';

suite('statePath', (test) => {
  const state = { path: 'data' };
  const cases = [
    ['elasticsearch', 'search-box', 'data/search-box.state.sqlite'],
    ['elasticsearch', null, 'data/elasticsearch.state.sqlite'],
    ['local_index', 'search-box', 'data/local_index.state.sqlite'],
    ['bulk_file', null, 'data/bulk_file.state.sqlite'],
  ] as const;
  for (const [sink, index, expected] of cases) {
    test(`${sink}, index ${index ?? 'none'}`, () => assert.is(statePath({ state, sink, index }), expected));
  }
});
