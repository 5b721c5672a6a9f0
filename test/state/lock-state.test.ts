import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { PermanentError } from '../../src/core/errors.js';
import { lockState } from '../../src/state/lock-state.js';
import { suite } from '../support/suite.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';

suite('lockState()', (test) => {
  test('a file where the folder should be: says what was tried, found, and what to do', () =>
    inTemporaryFolder((folder) => {
      writeFileSync(join(folder, 'file'), '');
      for (const below of ['file', 'file/deep']) {
        assert.throws(
          () => lockState(join(folder, below, 'x.sqlite'), 'me'),
          (error: unknown) =>
            error instanceof PermanentError &&
            /^Cannot make the folder ".*file(\/deep)?" for the state: E(EXIST|NOTDIR).*"state\.path"$/.test(
              error.message,
            ),
        );
      }
    }));
});
