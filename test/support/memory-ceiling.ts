import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface MemoryWatch {
  /** Most resident memory seen so far, in MiB; `null` where it cannot be seen (no `/proc`). */
  peakMiB(): number | null;
  /** Whether the process was ended for it. */
  exceeded(): boolean;
}

const everyMs = 50;

/**
 * Watches the memory of a process and ends it (SIGKILL) as soon as it has had more than `ceilingMiB`. What is read is
 * the high-water mark of the kernel, so that nothing between two looks goes unseen but the last moments before the end.
 */
export function watchMemory(child: ChildProcess, ceilingMiB: number): MemoryWatch {
  let peak: number | null = null;
  let exceeded = false;
  const look = () => {
    peak = child.exitCode === null ? (highWaterMiB(child.pid) ?? peak) : peak;
    if (peak === null || peak <= ceilingMiB || exceeded) return;
    exceeded = true;
    child.kill('SIGKILL');
  };
  const timer = setInterval(look, everyMs);
  child.once('exit', () => clearInterval(timer));
  look();
  return { peakMiB: () => peak, exceeded: () => exceeded };
}

/** Of the program itself: unlike `maxRSS`, this does not begin with what the process that started it had. */
function highWaterMiB(pid: number | undefined): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
    const kibibytes = Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1] ?? NaN);
    return Number.isNaN(kibibytes) ? undefined : kibibytes / 1_024;
  } catch {
    return undefined;
  }
}
