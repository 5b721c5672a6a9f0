import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { stateExists } from '../../src/app/state-exists.js';
import { suite } from '../support/suite.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';

suite('stateExists()', (test) => {
  test('there, not there, cannot be seen', () =>
    inTemporaryFolder((folder) => {
      const path = join(folder, 'file');
      assert.is(stateExists(path), false);
      writeFileSync(path, '');
      assert.is(stateExists(path), true);
      const tooLong = join(folder, 'x'.repeat(300));
      assert.throws(() => stateExists(tooLong), /^Cannot look for ".*x": ENAMETOOLONG/);
    }));
});
