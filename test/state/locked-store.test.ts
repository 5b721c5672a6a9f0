import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { lockState } from '../../src/state/lock-state.js';
import { lockedStore } from '../../src/state/locked-store.js';
import { suite } from '../support/suite.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';

suite('lockedStore()', (test) => {
  test('whoever has it open keeps out everybody else, and lets them in when it is closed', () =>
    inTemporaryFolder((folder) => {
      const path = join(folder, 'state.sqlite');
      const store = lockedStore(path);
      store.facts.set('a', '1');
      assert.throws(() => lockedStore(path), /is in use by a program that uses the library, expected no other process/);
      assert.throws(() => lockState(path, 'sync'), /in use/);
      store.close();
      const again = lockedStore(path);
      assert.is(again.facts.get('a'), '1');
      again.close();
    }));

  test('a state that cannot be opened is not kept locked; one in memory needs no lock', () =>
    inTemporaryFolder((folder) => {
      const path = join(folder, 'state.sqlite');
      writeFileSync(path, 'no database '.repeat(100));
      assert.throws(() => lockedStore(path));
      lockState(path, 'another').release();
      const [one, two] = [lockedStore(':memory:'), lockedStore(':memory:')];
      one.close();
      two.close();
    }));
});
