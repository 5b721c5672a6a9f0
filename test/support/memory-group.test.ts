import { spawnSync } from 'node:child_process';
import * as assert from 'uvu/assert';
import { makeMemoryGroup } from './memory-group.js';
import { suite } from './suite.js';

suite(
  'memory group',
  (test) => {
    test('ends a process that wants more than is allowed and leaves one alone that stays below', () => {
      const group = makeMemoryGroup(120);
      // Where the kernel gives none, whoever asks has to go without: nothing is claimed.
      if (group === undefined) return;
      try {
        assert.is(group.kills(), 0);
        const run = (mebibytes: number) => {
          const [command = '', ...args] = group.prefix;
          const script = `console.log(process.pid === ${process.pid}, Buffer.alloc(${mebibytes} * 2 ** 20, 1).length)`;
          return spawnSync(command, [...args, process.execPath, '-e', script], { encoding: 'utf8' });
        };
        const small = run(20);
        assert.equal([small.status, small.stdout], [0, `false ${20 * 2 ** 20}\n`]);
        assert.is(group.kills(), 0);
        assert.is(run(150).signal, 'SIGKILL');
        assert.is(group.kills(), 1);
        const peak = group.peakMiB();
        assert.ok(peak === null || (peak > 100 && peak <= 120), `${peak} MiB`);
      } finally {
        group.remove();
      }
    });
  },
  { timeoutMs: 20_000 },
);
