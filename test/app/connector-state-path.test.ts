import { basename } from 'node:path';
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

  test('an id of 512 bytes, or with half a character, has a file that can be made', () => {
    const ids = ['x'.repeat(512), `${'x'.repeat(511)}y`, '/'.repeat(512), 'ä'.repeat(256), 'half \ud83d'];
    const paths = ids.map((id) => connectorStatePath({ state: { path: '/s' } }, id));
    assert.is(new Set(paths).size, ids.length);
    for (const path of paths) assert.ok(Buffer.byteLength(`${basename(path)}.damaged-journal`) <= 255, path);
  });
});
