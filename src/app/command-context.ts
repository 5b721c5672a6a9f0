import type { Writable } from 'node:stream';
import type { Log } from './log.js';

/** What the process gives to a command. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  /** Aborted when the process is asked to end well. */
  readonly stop: AbortSignal;
  /** Aborted when it is asked to end at once. */
  readonly abort: AbortSignal;
  readonly pid: number;
  readonly peakRssMiB: () => number;
}

/** Standard output or standard error. */
export type Terminal = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** What every command is given. */
export interface CommandContext extends Surroundings {
  readonly log: Log;
  readonly version: string;
  /** Prints one line on stdout; what could disturb a terminal is escaped. */
  readonly say: (line: string) => void;
}
