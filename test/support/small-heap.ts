import * as assert from 'uvu/assert';
import type { Connector, Ended } from './connector.js';
import { watchMemory } from './memory-ceiling.js';

/** What the largest of the objects that V8 manages may take; buffers and the program itself come on top. */
export const heapMiB = 192;

export interface Weighed extends Ended {
  readonly peakMiB: number;
}

/**
 * One run of the built program in a heap of 192 MiB, which V8 aborts if it does not suffice. Fails if its resident
 * memory comes above `ceilingMiB`; says what it was.
 */
export async function runInSmallHeap(
  connector: Connector,
  args: readonly string[],
  { shape, ceilingMiB }: { readonly shape: string; readonly ceilingMiB: number },
): Promise<Weighed> {
  const running = connector.start(args, {}, [`--max-old-space-size=${heapMiB}`]);
  const memory = watchMemory(running.process, ceilingMiB);
  const ended = await running.ended;
  const peakMiB = ended.summary?.peakRssMiB ?? Math.round(memory.peakMiB() ?? 0);
  console.log(`${shape}: ${peakMiB} MiB, exit ${String(ended.code ?? ended.signal)}`);
  assert.not.ok(memory.exceeded(), `${shape}: more than ${ceilingMiB} MiB; ${ended.stderr.slice(-1_500)}`);
  assert.is(ended.signal, null, `${shape}: ended by ${String(ended.signal)}; ${ended.stderr.slice(-1_500)}`);
  assert.ok(peakMiB <= ceilingMiB, `${shape}: ${peakMiB} MiB, expected at most ${ceilingMiB}`);
  return { ...ended, peakMiB };
}
