import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';

/** The summary that `sync` prints: see `src/app/summary.ts`. */
export interface Summary {
  readonly run: number;
  readonly kind: string;
  readonly state: string;
  readonly resumed: boolean;
  readonly startedAt: string;
  readonly listed: number;
  readonly written: number;
  readonly withoutContent: number;
  readonly unchanged: number;
  readonly filtered: number;
  readonly rejected: number;
  readonly deleted: number;
  readonly deletesHeld: number;
  readonly deletesPending: number;
  readonly unread: readonly { type: string; id: string; path: string; reason: string }[];
  readonly boxCalls: Readonly<Record<string, number>>;
  readonly boxRepeats: Readonly<Record<string, number>>;
  readonly bytesDownloaded: number;
  readonly bulkRequests: number;
  readonly seconds: number;
  readonly peakRssMiB: number;
}

export interface Ended {
  /** Exit code; `null` if a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of stdout, if it is a summary. */
  readonly summary: Summary | undefined;
}

export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Sends a signal. */
  kill(signal: NodeJS.Signals): void;
}

const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** A folder of its own for one configuration of the built program, with its state; `remove` deletes it. */
export class Connector {
  readonly folder = mkdtempSync(join(tmpdir(), 'connector-e2e-'));
  readonly configPath = join(this.folder, 'config.yml');

  /** Writes the configuration; `state.path` is inside the folder unless it is given. */
  configure(config: Readonly<Record<string, unknown>>): void {
    writeFileSync(this.configPath, stringify({ state: { path: join(this.folder, 'data') }, ...config }));
  }

  /** Starts `node dist/main.js --config FILE ...args`. */
  start(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    nodeArgs: readonly string[] = [],
  ): Running {
    return this.#spawn([process.execPath, ...nodeArgs, program, '--config', this.configPath, ...args], env);
  }

  /** The same by another command: `prefix` ends by running the arguments that follow it. */
  startBy(prefix: readonly string[], args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    return this.#spawn([...prefix, process.execPath, program, '--config', this.configPath, ...args], env);
  }

  /** The same, with no file allowed to grow beyond so many kB. */
  startWithFileLimit(args: readonly string[], kilobytes: number): Running {
    // sh counts in blocks of 512 bytes.
    return this.startBy(['sh', '-c', `ulimit -f ${kilobytes * 2}; exec "$@"`, 'sh'], args);
  }

  #spawn([command = '', ...args]: readonly string[], env: Readonly<Record<string, string>>): Running {
    const child = spawn(command, args, {
      cwd: this.folder,
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr, summary: summaryIn(stdout) }));
    });
    return { process: child, ended, kill: (signal) => void child.kill(signal) };
  }

  /** Runs it to its end. */
  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return this.start(args, env).ended;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The summary on the last line of a text, if there is one. */
export function summaryIn(stdout: string): Summary | undefined {
  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (!line.startsWith('{"run":')) return undefined;
  return JSON.parse(line) as Summary;
}
