import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.js';
import { findJdk } from './jdk.js';

/** Of the server that the tests use. */
export const tikaVersion = '3.3.2';
const name = 'tika-server-standard';
const oldestJava = 17;
const longestStartMs = 60_000;

export interface RunningTika {
  readonly url: string;
  stop(): Promise<void>;
}

/** Why no Tika server can be started here; `undefined`: one can, or `TEST_TIKA_URL` names one that runs. */
export function tikaMissing(): string | undefined {
  if (process.env['TEST_TIKA_URL']) return undefined;
  if (process.env['TEST_TIKA_MISSING']) return process.env['TEST_TIKA_MISSING'];
  if (findJdk(oldestJava) === undefined) return `no JDK of ${oldestJava} or newer`;
  if (!existsSync(jar()) && !onPath('mvn')) return `neither ${jar()} nor Maven to fetch it`;
  return undefined;
}

/**
 * Starts Apache Tika server on a free port and waits until it answers, or takes the one of `TEST_TIKA_URL`. The jar is
 * taken from Maven's local repository, and fetched into it when it is not there.
 */
export async function startTika(): Promise<RunningTika> {
  const running = process.env['TEST_TIKA_URL'];
  if (running) return { url: running, stop: () => Promise.resolve() };
  const missing = tikaMissing();
  const jdk = findJdk(oldestJava);
  if (missing !== undefined || jdk === undefined) throw new Error(`Cannot start Tika: ${missing ?? 'no JDK'}`);
  if (!existsSync(jar())) {
    const artifact = `-Dartifact=org.apache.tika:${name}:${tikaVersion}`;
    execFileSync('mvn', ['-q', '-B', 'dependency:get', '-Dtransitive=false', artifact], { stdio: 'ignore' });
  }
  const port = await freePort();
  const args = ['-Xmx512m', '-jar', jar(), '--noFork', '-h', '127.0.0.1', '-p', String(port)];
  const child = spawn(join(jdk.home, 'bin', 'java'), args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-4_000);
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
    process.off('exit', kill);
  };
  const url = `http://127.0.0.1:${port}`;
  const startedAt = Date.now();
  while (child.exitCode === null && Date.now() - startedAt < longestStartMs) {
    if (await answers(url)) return { url, stop };
    await delay(50);
  }
  await stop();
  throw new Error(`Cannot start Tika: it does not answer on ${url}\n${log}`);
}

function jar(): string {
  return join(homedir(), '.m2/repository/org/apache/tika', name, tikaVersion, `${name}-${tikaVersion}.jar`);
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/version`)).ok;
  } catch {
    return false;
  }
}

function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}
