import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { watchMemory } from './memory-ceiling.js';
import { suite } from './suite.js';

suite(
  'memory ceiling',
  (test) => {
    const cases = [
      { what: 'ends a process that has had more than is allowed', ceilingMiB: 120, ends: true },
      { what: 'leaves one alone that stays below', ceilingMiB: 1_000, ends: false },
    ];
    for (const { what, ceilingMiB, ends } of cases) {
      const name = `${what} (${ceilingMiB} MiB)`;
      if (!existsSync('/proc/self/status')) {
        test.skip(name, 'there is no /proc');
        continue;
      }
      test(name, async () => {
        // It would end by itself; one that is to be ended waits for that, however busy the machine is.
        const lastsMs = ends ? 15_000 : 1_000;
        const script = `const held = Buffer.alloc(150 * 2 ** 20, 1); setTimeout(() => console.log(held.length), ${lastsMs})`;
        const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
        const memory = watchMemory(child, ceilingMiB);
        const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
        assert.is(memory.exceeded(), ends);
        assert.equal({ code, signal }, ends ? { code: null, signal: 'SIGKILL' } : { code: 0, signal: null });
        assert.ok((memory.peakMiB() ?? 0) > Math.min(ceilingMiB, 150));
      });
    }
  },
  { timeoutMs: 20_000 },
);
