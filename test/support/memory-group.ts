import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A control group of the kernel with a limit of memory: what runs in it cannot have more. */
export interface MemoryGroup {
  /** To put before a command, which then runs in the group from its first instruction, under the same process id. */
  readonly prefix: readonly string[];
  /** How many processes the kernel has ended in it for having reached the limit. */
  kills(): number;
  /**
   * The most that it had at once, as the kernel counts: without the program of Node itself, whose pages others use as
   * well. `null` if this kernel does not remember it.
   */
  peakMiB(): number | null;
  /** When nothing runs in it any more. */
  remove(): void;
}

/** What the files of a group are called in the two versions that the kernel has. */
interface Version {
  readonly limits: readonly { readonly file: string; readonly bytes: (ceiling: number) => number }[];
  readonly events: string;
  readonly peak: string;
}

const versions: Readonly<Record<'cgroup' | 'cgroup2', Version>> = {
  cgroup: {
    limits: [
      { file: 'memory.limit_in_bytes', bytes: (ceiling) => ceiling },
      { file: 'memory.memsw.limit_in_bytes', bytes: (ceiling) => ceiling },
    ],
    events: 'memory.oom_control',
    peak: 'memory.max_usage_in_bytes',
  },
  cgroup2: {
    limits: [
      { file: 'memory.max', bytes: (ceiling) => ceiling },
      { file: 'memory.swap.max', bytes: () => 0 },
    ],
    events: 'memory.events',
    peak: 'memory.peak',
  },
};

/**
 * Makes a control group in which nothing can have more than `ceilingMiB`, or says that none can be had here (no Linux, no
 * right to make one, no control of memory): `undefined`. One that is returned has been seen to end a process that wanted
 * more.
 */
export function makeMemoryGroup(ceilingMiB: number): MemoryGroup | undefined {
  for (const { parent, version } of places()) {
    const make = () => groupIn(join(parent, `box-connector-test-${process.pid}`), version, ceilingMiB * 2 ** 20);
    const tried = make();
    const holds = tried !== undefined && endsWhatIsTooLarge(tried, ceilingMiB);
    tried?.remove();
    // A new one, since it counts what was done in it.
    if (holds) return make();
  }
  return undefined;
}

/** Where a group may be made: below the one of this process, or at the top. */
function places(): readonly { readonly parent: string; readonly version: Version }[] {
  const own = lines('/proc/self/cgroup').map((line) => line.split(':'));
  return lines('/proc/self/mountinfo').flatMap((line) => {
    const [mount = '', filesystem = ''] = line.split(' - ');
    const [type, , options = ''] = filesystem.split(' ');
    const folder = mount.split(' ')[4] ?? '';
    if (type !== 'cgroup2' && !(type === 'cgroup' && options.split(',').includes('memory'))) return [];
    const controllers = type === 'cgroup2' ? '' : 'memory';
    const below = own.find(([, names = '']) => names.split(',').includes(controllers))?.[2] ?? '/';
    return [join(folder, below), folder].map((parent) => ({ parent, version: versions[type] }));
  });
}

function groupIn(folder: string, version: Version, ceiling: number): MemoryGroup | undefined {
  try {
    mkdirSync(folder);
  } catch {
    return undefined;
  }
  const remove = () => rmdirSync(folder);
  try {
    const [memory, withSwap] = version.limits;
    if (memory === undefined || withSwap === undefined) throw new Error('Cannot limit memory: no files are named');
    // Where the kernel does not control memory, there is no such file, and none can be made.
    writeFileSync(join(folder, memory.file), String(memory.bytes(ceiling)), { flag: 'r+' });
    try {
      writeFileSync(join(folder, withSwap.file), String(withSwap.bytes(ceiling)), { flag: 'r+' });
    } catch {
      // No accounting of swap.
    }
  } catch {
    remove();
    return undefined;
  }
  return {
    prefix: ['sh', '-c', 'echo $$ > "$0" && exec "$@"', join(folder, 'cgroup.procs')],
    kills: () => Number(/^oom_kill (\d+)$/m.exec(readFileSync(join(folder, version.events), 'utf8'))?.[1] ?? 0),
    peakMiB: () => {
      const peak = join(folder, version.peak);
      return existsSync(peak) ? Number(readFileSync(peak, 'utf8')) / 2 ** 20 : null;
    },
    remove,
  };
}

function endsWhatIsTooLarge(group: MemoryGroup, ceilingMiB: number): boolean {
  const [command = '', ...args] = group.prefix;
  const script = `Buffer.alloc(${ceilingMiB + 64} * 2 ** 20, 1)`;
  const { signal } = spawnSync(command, [...args, process.execPath, '-e', script], { stdio: 'ignore' });
  return signal === 'SIGKILL' && group.kills() > 0;
}

function lines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').trim().split('\n');
  } catch {
    return [];
  }
}
