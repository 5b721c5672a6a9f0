import { Writable } from 'node:stream';
import type { Surroundings, Terminal } from '../../src/app/command-context.js';

export interface FakeSurroundings extends Surroundings {
  readonly out: () => string;
  readonly err: () => string;
  readonly stopping: AbortController;
}

/** What the process would give to a command, with streams that remember. */
export function fakeSurroundings({
  isTTY = false,
  env = {},
}: { readonly isTTY?: boolean; readonly env?: Surroundings['env'] } = {}): FakeSurroundings {
  const texts = { out: '', err: '' };
  const terminal = (name: 'out' | 'err'): Terminal =>
    Object.assign(
      new Writable({
        write(chunk, _encoding, done) {
          texts[name] += String(chunk);
          done();
        },
      }),
      { isTTY, columns: 80 },
    );
  const stopping = new AbortController();
  return {
    env,
    stdout: terminal('out'),
    stderr: terminal('err'),
    stop: stopping.signal,
    abort: new AbortController().signal,
    pid: 4_711,
    peakRssMiB: () => 99.6,
    out: () => texts.out,
    err: () => texts.err,
    stopping,
  };
}
