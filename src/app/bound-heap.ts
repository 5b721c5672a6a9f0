import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the heap near what is alive: V8 would let it grow to several times that before it collects. To be called when
 * the code is loaded and before the work begins: by then the young generation has the size that suits the work (some
 * MiB), and must not grow on to its 16. The limits on V8's command line say the same, but cannot be set from here.
 * Measured with 20,000 documents: a third less memory for a tenth more CPU time.
 */
export function boundHeap(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=80');
}
