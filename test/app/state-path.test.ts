import { basename } from 'node:path';
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
    // Indices that are called like a sink.
    ['elasticsearch', 'local_index', 'data/_local_index.state.sqlite'],
    ['elasticsearch', 'bulk_file', 'data/_bulk_file.state.sqlite'],
  ] as const;
  for (const [sink, index, expected] of cases) {
    test(`${sink}, index ${index ?? 'none'}`, () => assert.is(statePath({ state, sink, index }), expected));
  }

  test('an index whose name is as long as Elasticsearch allows has a file of its own that can be made', () => {
    const indices = ['a'.repeat(255), `${'a'.repeat(254)}b`, 'ä'.repeat(127)];
    const paths = indices.map((index) => statePath({ state, sink: 'elasticsearch', index }));
    assert.is(new Set(paths).size, indices.length);
    for (const path of paths) assert.ok(Buffer.byteLength(`${basename(path)}.damaged-journal`) <= 255, path);
  });
});
