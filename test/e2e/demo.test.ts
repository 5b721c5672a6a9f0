import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { projectFolder } from '../support/source-files.js';
import { suite } from '../support/suite.js';

suite(
  'make demo',
  (test) => {
    test('synchronises a company, does nothing a second time, and finds what was asked for', async () => {
      const demo = join(projectFolder, 'scripts', 'demo.mjs');
      const { stdout } = await promisify(execFile)(process.execPath, [demo, 'battery', 'room']);
      const [, found = '', written] =
        /(\d+) files, folders and links were found, (\d+) documents written/.exec(stdout) ?? [];
      assert.ok(Number(found) > 100, stdout);
      assert.is(written, found);
      assert.match(stdout, new RegExp(`${found} found, ${found} unchanged, 0 written`));
      assert.match(stdout, /^ {3}1\. \/.*\n.*\[battery\] \[room\]/m);
    });
  },
  { timeoutMs: 30_000 },
);
