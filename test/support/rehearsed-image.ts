import { spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type Dockerfile, type Instruction, parseDockerfile, wordsOf } from './dockerfile.js';
import { projectFolder } from './source-files.js';

/** A command that runs in the rehearsed image. */
export interface Container {
  /** What the kernel says of its first process (`/proc/PID/status`). */
  status(): string;
  /** Sends a signal to its first process; with SIGKILL all in it end. Nothing if it has ended. */
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

export interface ContainerOptions {
  /** A folder of this machine for `/config`. */
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RehearsedImage {
  /** A folder of this machine that is the volume `/data`. */
  readonly data: string;
  /** Of the image's `CMD` and `HEALTHCHECK`. */
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
  /** As `docker run --read-only` or `docker exec`, on the network of this machine. */
  run(command: readonly string[], options?: ContainerOptions): Container;
  remove(): void;
}

/** Where instructions run: a folder that is `/`, and what has been said so far. */
interface Root {
  readonly folder: string;
  workdir: string;
  path: string;
  user: string;
  /** Folders of this machine that are lent to it, by the path that they have in it. */
  readonly lent: Map<string, string>;
}

/** What a base image has: programs, libraries and settings are those of this machine. */
const fromHere = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'usr', 'etc'];
const basePath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * In a mount and process namespace of its own: what is asked for becomes process 1 of the folder `$1`, as user `$2`, in the
 * folder `$3`. `$4`: mounts, as `from:to:ro` or `from:to:rw`, one in a line. `$5`: "ro" or "rw", the folder itself.
 */
const enter = `
set -e
root=$1 user=$2 workdir=$3 mounts=$4 mode=$5
shift 5
mount --bind "$root" "$root"
for name in ${fromHere.join(' ')}; do
  if [ -d "/$name" ] && [ ! -L "/$name" ]; then
    mount --bind "/$name" "$root/$name"
    mount -o remount,bind,ro "$root/$name"
  fi
done
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
printf '%s' "$mounts" | while IFS=: read -r from to how; do
  mount --bind "$from" "$root$to"
  if [ "$how" = ro ]; then mount -o remount,bind,ro "$root$to"; fi
done
if [ "$mode" = ro ]; then mount -o remount,bind,ro "$root"; fi
exec chroot --userspec="$user" "$root" sh -c 'cd "$0" && exec "$@"' "$workdir" "$@"
`;

/** Why it cannot be done here, or `undefined`. */
export function rehearsalMissing(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it takes root on Linux';
  if (!process.execPath.startsWith('/usr/'))
    return `Node is in ${process.execPath}, expected below /usr, as in the image`;
  const { status } = spawnSync('unshare', ['--mount', '--pid', '--fork', 'true'], { stdio: 'ignore' });
  return status === 0 ? undefined : 'no namespaces can be made here';
}

/**
 * Makes the image without Docker: each instruction of the Dockerfile is done in a folder, with the programs of this machine
 * in the place of the base image, and what the image would run is run in that folder as the image's user, as process 1, with
 * everything but `/data` read-only. `install: false`: the packages of this project are taken for those that `npm ci` brings.
 */
export function rehearseImage({ install }: { readonly install: boolean }): RehearsedImage {
  const home = mkdtempSync(join(tmpdir(), 'connector-image-'));
  try {
    const dockerfile = parseDockerfile(readFileSync(join(projectFolder, 'Dockerfile'), 'utf8'));
    const roots = makeRoots(dockerfile, home, install);
    const last = roots.at(-1);
    const instructions = dockerfile.stages.at(-1)?.instructions ?? [];
    if (last === undefined) throw new Error('Cannot rehearse the image: the Dockerfile has no stage');
    const data = join(home, 'volume');
    mkdirSync(data);
    // A new volume is as the image has its folder.
    const { uid, gid } = statSync(join(last.folder, 'data'));
    chownSync(data, uid, gid);
    return {
      data,
      command: wordsOf(lastOf(instructions, 'CMD')),
      healthCheck: wordsOf(lastOf(instructions, 'HEALTHCHECK')),
      run: (command, { config, env = {} } = {}) => {
        const mounts = [`${data}:/data:rw`, ...(config === undefined ? [] : [`${config}:/config:ro`])];
        return contain(last, command, mounts, env);
      },
      remove: () => rmSync(home, { recursive: true, force: true }),
    };
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
}

function makeRoots({ stages }: Dockerfile, home: string, install: boolean): readonly Root[] {
  const named = new Map<string, Root>();
  return stages.map(({ name, instructions }, index) => {
    const root = emptyRoot(join(home, `stage-${index}`));
    if (name !== undefined) named.set(name, root);
    for (const instruction of instructions) carryOut(instruction, { root, named, install });
    return root;
  });
}

function emptyRoot(folder: string): Root {
  for (const name of ['dev', 'proc', 'root', 'tmp']) mkdirSync(join(folder, name), { recursive: true });
  for (const name of fromHere.filter((one) => existsSync(`/${one}`))) {
    if (lstatSync(`/${name}`).isSymbolicLink()) symlinkSync(readlinkSync(`/${name}`), join(folder, name));
    else mkdirSync(join(folder, name));
  }
  return { folder, workdir: '/', path: basePath, user: '0:0', lent: new Map() };
}

interface Making {
  readonly root: Root;
  readonly named: ReadonlyMap<string, Root>;
  readonly install: boolean;
}

function carryOut({ keyword, rest }: Instruction, { root, named, install }: Making): void {
  switch (keyword) {
    case 'WORKDIR':
      root.workdir = rest;
      mkdirSync(join(root.folder, rest), { recursive: true });
      return;
    case 'ENV':
      root.path = rest
        .replace(/^PATH="?/, '')
        .replace(/"$/, '')
        .replace('${PATH}', root.path);
      return;
    case 'USER':
      root.user = rest;
      return;
    case 'COPY':
      copy(rest, root, named);
      return;
    case 'RUN':
      if (install || !rest.startsWith('npm ci')) runNow(rest, root);
      else lend(root, 'node_modules');
      return;
    default:
      // The others say how the image is run, or what it is.
      if (!['LABEL', 'VOLUME', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD'].includes(keyword)) {
        throw new Error(`Cannot rehearse "${keyword} ${rest}": it is not known how`);
      }
  }
}

/** What npm would install again, byte by byte. */
function lend(root: Root, name: string): void {
  const to = join(root.workdir, name);
  mkdirSync(join(root.folder, to));
  root.lent.set(to, join(projectFolder, name));
}

function copy(rest: string, root: Root, named: ReadonlyMap<string, Root>): void {
  const words = rest.split(/\s+/);
  const stage = /^--from=(.*)$/.exec(words[0] ?? '')?.[1];
  const paths = stage === undefined ? words : words.slice(1);
  const to = paths.at(-1) ?? '';
  const target = join(root.folder, to.startsWith('/') ? '' : root.workdir, to);
  for (const path of paths.slice(0, -1)) {
    const origin = stage === undefined ? join(projectFolder, path) : placeIn(named.get(stage), path);
    if (statSync(origin).isDirectory()) {
      cpSync(origin, target, { recursive: true });
    } else {
      mkdirSync(to.endsWith('/') ? target : dirname(target), { recursive: true });
      cpSync(origin, to.endsWith('/') ? join(target, basename(path)) : target);
    }
  }
}

function placeIn(root: Root | undefined, path: string): string {
  if (root === undefined) throw new Error(`Cannot copy "${path}": there is no stage of that name before`);
  for (const [to, from] of root.lent) if (path.startsWith(`${to}/`)) return join(from, path.slice(to.length));
  return join(root.folder, path);
}

/** As `docker build` does it: as root, in a folder that can be written. */
function runNow(command: string, root: Root): void {
  const mounts = [...root.lent].map(([to, from]) => `${from}:${to}:ro`);
  const [program = '', ...args] = entering({ ...root, user: '0:0' }, ['sh', '-ec', command], mounts, 'rw');
  const env = { ...process.env, PATH: root.path, HOME: '/root' };
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env });
  if (status !== 0) {
    throw new Error(`Cannot rehearse "RUN ${command}": exit code ${status ?? 'none'}\n${stdout}${stderr}`);
  }
}

function contain(
  root: Root,
  command: readonly string[],
  mounts: readonly string[],
  env: Readonly<Record<string, string>>,
): Container {
  const [program = '', ...args] = entering(root, command, mounts, 'ro');
  const child = spawn(program, args, { env: { PATH: root.path, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (texts[name] += text));
  }
  const waiting = `/proc/${child.pid ?? 0}`;
  const first = () => Number(readFileSync(`${waiting}/task/${child.pid ?? 0}/children`, 'utf8').trim());
  return {
    status: () => readFileSync(`/proc/${first()}/status`, 'utf8'),
    kill: (signal) => {
      if (child.exitCode === null && child.signalCode === null) process.kill(first(), signal);
    },
    ended: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal, ...texts }));
    }),
  };
}

function entering(
  { folder, user, workdir }: Root,
  command: readonly string[],
  mounts: readonly string[],
  mode: 'ro' | 'rw',
): readonly string[] {
  const lines = mounts.map((mount) => `${mount}\n`).join('');
  const unshare = ['unshare', '--mount', '--pid', '--fork', 'sh', '-c', enter, 'sh'];
  return [...unshare, folder, user, workdir, lines, mode, ...command];
}

function lastOf(instructions: readonly Instruction[], keyword: string): Instruction {
  const found = instructions.findLast((one) => one.keyword === keyword);
  if (found === undefined) throw new Error(`Cannot rehearse the image: the Dockerfile has no ${keyword}`);
  return found;
}
