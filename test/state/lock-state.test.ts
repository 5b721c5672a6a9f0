import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
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

  test('a lock file that cannot be used is said to be that, and not that another process has it', () =>
    inTemporaryFolder((folder) => {
      const path = join(folder, 'x.sqlite');
      mkdirSync(`${path}.lock`);
      assert.throws(() => lockState(path, 'me'), /Cannot open ".*x\.sqlite\.lock": it is a folder, or/);
    }));

  test('a damaged lock file holds nothing, and is made anew', () =>
    inTemporaryFolder((folder) => {
      const path = join(folder, 'y.sqlite');
      writeFileSync(`${path}.lock`, 'no database '.repeat(1_000));
      const lock = lockState(path, 'me');
      assert.throws(() => lockState(path, 'another'), /in use by me/);
      lock.release();
    }));

  test('what this user may not write is said to be that: folder, lock, state', () =>
    inTemporaryFolder((folder) => {
      // Root may write everything: the work is done by somebody else then.
      const uid = process.getuid?.() === 0 ? 65_534 : undefined;
      const own = (path: string) => uid !== undefined && chownSync(path, uid, uid);
      const readOnly = (name: string, file: string) => {
        const within = join(folder, name);
        mkdirSync(within);
        own(within);
        if (file !== '') {
          writeFileSync(join(within, file), '');
          own(join(within, file));
          chmodSync(join(within, file), 0o444);
        } else chmodSync(within, 0o555);
        return join(within, 'x.sqlite');
      };
      chmodSync(folder, 0o755);
      const paths = [readOnly('folder', ''), readOnly('lock', 'x.sqlite.lock')];
      const script = `
        import { lockState } from './src/state/lock-state.ts';
        for (const path of ${JSON.stringify(paths)}) {
          try { lockState(path, 'me'); console.log('locked'); } catch (error) { console.log(String(error)); }
        }`;
      const ran = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
        encoding: 'utf8',
        ...(uid !== undefined && { uid, gid: uid }),
      });
      const [inFolder = '', lock = ''] = ran.stdout.split('\n');
      assert.match(
        inFolder,
        /^StateError: Cannot open ".*x\.sqlite\.lock": .*may not read and write it and its folder/,
        ran.stderr,
      );
      assert.match(
        lock,
        /^PermanentError: Cannot lock the state with ".*x\.sqlite\.lock": EACCES.*expected a file that this user may write/,
      );
    }));
});
