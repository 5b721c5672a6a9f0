import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { fileIdentity } from '../../src/app/file-identity.js';
import { lookAtFile } from '../../src/app/look-at-file.js';
import { suite } from '../support/suite.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';

suite('fileIdentity', (test) => {
  test('stays while the file grows, and is another for another file at the same path', () =>
    inTemporaryFolder((folder) => {
      const path = join(folder, 'file');
      assert.is(fileIdentity(path), undefined);
      assert.equal(lookAtFile(path), { uuid: '', created: true });
      writeFileSync(path, 'a');
      const first = fileIdentity(path);
      assert.type(first, 'string');
      appendFileSync(path, 'b');
      assert.is(fileIdentity(path), first);
      assert.equal(lookAtFile(path), { uuid: first, created: false });
      renameSync(path, join(folder, 'before'));
      writeFileSync(path, 'a');
      assert.is.not(fileIdentity(path), first);
    }));
});
