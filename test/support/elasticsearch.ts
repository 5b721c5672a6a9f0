import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.js';
import {
  bootstrapPassword,
  type ElasticsearchInstallation,
  installElasticsearch,
} from './elasticsearch-installation.js';

export interface Elasticsearch {
  readonly url: string;
  /** A superuser: for the tests' own preparations. What the product uses is a key of `createTestKey`. */
  readonly username: string;
  readonly password: string;
  /** Ends it and removes what it wrote. One that was only found running (`TEST_ELASTICSEARCH_URL`) is left alone. */
  readonly stop: () => Promise<void>;
  /** Starts it again on the same address with the same data; also after `kill`. Not for one that was found running. */
  readonly restart: () => Promise<void>;
  /** As if the power went (SIGKILL). Not for one that was found running. */
  readonly kill: () => Promise<void>;
}

/** `nobody`: Elasticsearch refuses to run as root. */
const unprivileged = 65_534;
const startsWithinMs = 180_000;

/**
 * Starts a real Elasticsearch on loopback: security on, trial licence, a heap of 512 MiB, on free ports and in a folder
 * of its own under the temporary folder, so that runs do not meet. It ends with this process, however that one ends.
 * With `TEST_ELASTICSEARCH_URL` (and `TEST_ELASTICSEARCH_USERNAME`, `TEST_ELASTICSEARCH_PASSWORD`) the one there is
 * used. Throws an `Error` that says what is missing or what Elasticsearch said.
 */
export async function startElasticsearch(): Promise<Elasticsearch> {
  return process.env['TEST_ELASTICSEARCH_URL'] === undefined ? startOwnElasticsearch() : foundElasticsearch();
}

/** As `startElasticsearch`, but never one that is there already: for tests that kill it. */
export async function startOwnElasticsearch(): Promise<Elasticsearch> {
  const installation = await installElasticsearch();
  for (let attempt = 1; ; attempt += 1) {
    const node = makeNode(installation, await freePort(), await freePort());
    try {
      await node.start();
      return {
        url: node.url,
        username: 'elastic',
        password: bootstrapPassword,
        stop: async () => {
          await node.end('SIGKILL');
          node.remove();
        },
        restart: async () => {
          await node.end('SIGTERM');
          await node.start();
        },
        kill: () => node.end('SIGKILL'),
      };
    } catch (error) {
      await node.end('SIGKILL');
      node.remove();
      // Between our look and its start somebody else may have taken a port.
      const isTaken = /BindTransportException|BindHttpException|Address already in use/.test(String(error));
      if (!isTaken || attempt === 3) throw error;
    }
  }
}

async function foundElasticsearch(): Promise<Elasticsearch> {
  const url = process.env['TEST_ELASTICSEARCH_URL'] ?? '';
  await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch((error: unknown) => {
    throw new Error(`nothing answers at TEST_ELASTICSEARCH_URL (${url})`, { cause: error });
  });
  const refuse = () =>
    Promise.reject(
      new Error(`Cannot stop the Elasticsearch at ${url}: this run did not start it (TEST_ELASTICSEARCH_URL)`),
    );
  return {
    url,
    username: process.env['TEST_ELASTICSEARCH_USERNAME'] ?? 'elastic',
    password: process.env['TEST_ELASTICSEARCH_PASSWORD'] ?? bootstrapPassword,
    stop: () => Promise.resolve(),
    restart: refuse,
    kill: refuse,
  };
}

interface Node {
  readonly url: string;
  start(): Promise<void>;
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  remove(): void;
}

function makeNode({ home, javaHome }: ElasticsearchInstallation, port: number, transportPort: number): Node {
  const folder = mkdtempSync(join(tmpdir(), 'box-connector-elasticsearch-'));
  const url = `http://127.0.0.1:${port}`;
  const pidFile = join(folder, 'pid');
  const outFile = join(folder, 'out.log');
  writeConfiguration(folder, home, port, transportPort);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) giveAway(folder);
  let child: ChildProcess | undefined;
  let ended: Promise<void> = Promise.resolve();

  return {
    url,
    async start() {
      rmSync(pidFile, { force: true });
      const out = openSync(outFile, 'w');
      child = spawn('bash', [join(home, 'bin', 'elasticsearch'), '-p', pidFile], {
        cwd: folder,
        env: {
          PATH: process.env['PATH'],
          ES_JAVA_HOME: javaHome,
          ES_PATH_CONF: join(folder, 'config'),
          ES_TMPDIR: join(folder, 'tmp'),
        },
        stdio: ['ignore', out, out],
        ...(isRoot && { uid: unprivileged, gid: unprivileged }),
      });
      closeSync(out);
      const started = child;
      ended = new Promise((resolve) => started.once('exit', () => resolve()).once('error', () => resolve()));
      const watch = endWithThisProcess(started, pidFile, folder);
      void ended.then(() => watch.kill('SIGKILL'));
      const stopWaiting = new AbortController();
      const died = ended.then(() => {
        throw new Error(`Elasticsearch ended while it started: ${lastWords(outFile)}`);
      });
      try {
        await Promise.race([died, untilReady(url, outFile, stopWaiting.signal)]);
      } finally {
        stopWaiting.abort();
        died.catch(() => {});
      }
    },
    async end(signal) {
      if (child?.exitCode !== null || child.signalCode !== null) return;
      // The node itself, not what launched it: that one ends by itself then.
      const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : NaN;
      const send = (what: NodeJS.Signals) => (Number.isInteger(pid) ? process.kill(pid, what) : child?.kill(what));
      send(signal);
      const giveUp = setTimeout(() => send('SIGKILL'), 20_000);
      await ended;
      clearTimeout(giveUp);
    },
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function writeConfiguration(folder: string, home: string, port: number, transportPort: number): void {
  const config = join(folder, 'config');
  for (const name of ['data', 'logs', 'tmp']) mkdirSync(join(folder, name));
  cpSync(join(home, 'config'), config, { recursive: true });
  writeFileSync(join(config, 'jvm.options.d', 'heap.options'), '-Xms512m\n-Xmx512m\n');
  writeFileSync(
    join(config, 'elasticsearch.yml'),
    [
      'discovery.type: single-node',
      'network.host: 127.0.0.1',
      `http.port: ${port}`,
      `transport.port: ${transportPort}`,
      `path.data: ${join(folder, 'data')}`,
      `path.logs: ${join(folder, 'logs')}`,
      'xpack.security.enabled: true',
      'xpack.security.autoconfiguration.enabled: false',
      'xpack.license.self_generated.type: trial',
      // A disk that is nearly full is no reason to refuse a small test index.
      'cluster.routing.allocation.disk.threshold_enabled: false',
      '',
    ].join('\n'),
  );
}

function giveAway(folder: string): void {
  const give = (path: string) => chownSync(path, unprivileged, unprivileged);
  chmodSync(folder, 0o700);
  give(folder);
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) give(join(folder, entry));
}

/**
 * A process that waits for the end of its standard input, which comes when this process is gone, even if it was
 * killed: then it ends Elasticsearch and removes its folder.
 */
function endWithThisProcess(child: ChildProcess, pidFile: string, folder: string): ChildProcess {
  const script = 'cat >/dev/null; kill -9 $(cat "$1") "$2" 2>/dev/null; sleep 1; rm -rf "$3"';
  const watch = spawn('sh', ['-c', script, 'sh', pidFile, String(child.pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Ctrl-C in the terminal is not meant for it.
    detached: true,
  });
  watch.unref();
  // It is a socket, which would keep this process alive.
  (watch.stdin as Socket | null)?.unref();
  return watch;
}

/** Ready means: it answers to its superuser, the licence is there, and shards can be made. */
async function untilReady(url: string, outFile: string, signal: AbortSignal): Promise<void> {
  const headers = { authorization: `Basic ${Buffer.from(`elastic:${bootstrapPassword}`).toString('base64')}` };
  const until = Date.now() + startsWithinMs;
  let seen = 'no answer';
  while (!signal.aborted) {
    await pause(200);
    try {
      const [health, license] = await Promise.all(
        ['/_cluster/health?wait_for_status=yellow&timeout=1s', '/_license'].map(async (path) => {
          const answer = await fetch(`${url}${path}`, {
            headers,
            signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]),
          });
          seen = `status ${answer.status} of ${path}: ${(await answer.clone().text()).slice(0, 200)}`;
          return answer.ok ? ((await answer.json()) as { status?: string; license?: { status?: string } }) : {};
        }),
      );
      const isHealthy = health?.status === 'yellow' || health?.status === 'green';
      if (isHealthy && license?.license?.status === 'active') return;
    } catch (error) {
      seen = String((error as Error).cause ?? error);
    }
    if (Date.now() > until) {
      throw new Error(`Elasticsearch was not ready after ${startsWithinMs / 1000} s (${seen}): ${lastWords(outFile)}`);
    }
  }
}

function lastWords(outFile: string): string {
  const lines = existsSync(outFile) ? readFileSync(outFile, 'utf8').trim().split('\n') : [];
  const telling = lines.filter((line) => /ERROR|FATAL|Exception|rror:/.test(line));
  return (telling.length > 0 ? telling : lines).slice(-5).join(' | ').slice(0, 2_000);
}
