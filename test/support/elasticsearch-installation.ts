import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findJdk } from './jdk.js';

const run = promisify(execFile);
const support = dirname(fileURLToPath(import.meta.url));
const pluginSource = join(support, 'java', 'ClientEssentials.java');

export const elasticsearchVersion = '9.5.3';
export const bootstrapPassword = 'changeme';

export interface ElasticsearchInstallation {
  /** Read only and shared by all runs: what a run writes is in a folder of its own. */
  readonly home: string;
  readonly javaHome: string;
}

/**
 * The real Elasticsearch, from Maven Central, in `.cache/`: downloaded by the user's own Maven (its mirror, its proxy,
 * its repository), unpacked by the JDK, with a small plug-in for what the published test distribution lacks. Unpacked
 * beside its place and renamed, so that a run that is killed leaves nothing half done and two runs cannot disturb each
 * other; an installation from which something is missing is made again. Throws an `Error` that says what is missing.
 */
export async function installElasticsearch(): Promise<ElasticsearchInstallation> {
  const jdk = findJdk(21);
  if (!jdk) throw new Error('no JDK of 21 or newer was found (JAVA_HOME, /usr/lib/jvm); install one, e.g. Temurin 21');
  if (!isOnPath('bash')) throw new Error('"bash" was not found on the PATH; it starts Elasticsearch');
  const installation = {
    home: join(cacheFolder(), `elasticsearch-${elasticsearchVersion}-${fingerprint()}`),
    javaHome: jdk.home,
  };
  if (isComplete(installation.home)) return installation;
  if (!isOnPath('mvn')) throw new Error('Maven ("mvn") was not found on the PATH; it downloads Elasticsearch');

  const work = join(cacheFolder(), `unpacking-${randomUUID()}`);
  mkdirSync(work, { recursive: true });
  try {
    const fresh = await unpack(work, jdk.home);
    await addPlugin(fresh, work, jdk.home);
    await addKeystore(fresh, jdk.home);
    openForReading(fresh);
    writeFileSync(manifestOf(fresh), JSON.stringify(sizes(fresh)));
    putInPlace(fresh, installation.home, work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return installation;
}

async function unpack(work: string, javaHome: string): Promise<string> {
  const artifact = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${elasticsearchVersion}:zip`;
  console.log(`Elasticsearch ${elasticsearchVersion}: downloading (126 MiB, once) and unpacking`);
  await attempt('download Elasticsearch with Maven', 'mvn', [
    '--batch-mode',
    '--quiet',
    'dependency:get',
    '-Dtransitive=false',
    `-Dartifact=${artifact}`,
  ]);
  await attempt('copy Elasticsearch out of the Maven repository', 'mvn', [
    '--batch-mode',
    '--quiet',
    '--offline',
    'dependency:copy',
    `-Dartifact=${artifact}`,
    `-DoutputDirectory=${work}`,
  ]);
  const zip = join(work, `elasticsearch-${elasticsearchVersion}.zip`);
  // Not every computer has `unzip`; a JDK reads every zip.
  await attempt('unpack Elasticsearch', join(javaHome, 'bin', 'jar'), ['xf', zip], work);
  rmSync(zip);
  return join(work, `elasticsearch-${elasticsearchVersion}`);
}

async function addPlugin(home: string, work: string, javaHome: string): Promise<void> {
  const classes = join(work, 'classes');
  const plugin = join(home, 'plugins', 'client-essentials');
  mkdirSync(classes);
  mkdirSync(plugin, { recursive: true });
  const javac = ['--release', '21', '-nowarn', '-cp', join(home, 'lib', '*'), '-d', classes, pluginSource];
  await attempt('compile the plug-in for tests', join(javaHome, 'bin', 'javac'), javac);
  const jar = ['cf', join(plugin, 'client-essentials.jar'), '-C', classes, '.'];
  await attempt('pack the plug-in for tests', join(javaHome, 'bin', 'jar'), jar);
  writeFileSync(
    join(plugin, 'plugin-descriptor.properties'),
    [
      'name=client-essentials',
      'description=What a client needs and the published test distribution lacks',
      'version=1',
      'classname=ClientEssentials',
      'java.version=21',
      `elasticsearch.version=${elasticsearchVersion}`,
      '',
    ].join('\n'),
  );
}

/** Made once and copied into each run: it takes the JVM two starts. */
async function addKeystore(home: string, javaHome: string): Promise<void> {
  const tool = join(home, 'bin', 'elasticsearch-keystore');
  const env = { PATH: process.env['PATH'], ES_JAVA_HOME: javaHome };
  await attempt('make the keystore', 'bash', [tool, 'create'], home, env);
  const add = run('bash', [tool, 'add', '--stdin', 'bootstrap.password'], { cwd: home, env });
  add.child.stdin?.end(`${bootstrapPassword}\n`);
  await add;
}

/** Elasticsearch refuses to run as root, so that another user may have to read what root has unpacked. */
function openForReading(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const isProgram = entry.isDirectory() || /(^|\/)bin$/.test(entry.parentPath);
    chmodSync(join(entry.parentPath, entry.name), isProgram ? 0o755 : 0o644);
  }
}

function putInPlace(fresh: string, home: string, work: string): void {
  if (existsSync(home)) renameSync(home, join(work, 'broken'));
  try {
    renameSync(fresh, home);
  } catch (error) {
    // Another run was quicker.
    if (!isComplete(home)) throw error;
  }
}

function isComplete(home: string): boolean {
  try {
    const expected = readFileSync(manifestOf(home), 'utf8');
    return expected === JSON.stringify(sizes(home));
  } catch {
    return false;
  }
}

function manifestOf(home: string): string {
  return join(home, 'manifest.json');
}

function sizes(home: string): Record<string, number> {
  return Object.fromEntries(
    readdirSync(home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'manifest.json')
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [relative(home, file), statSync(file).size]),
  );
}

/** A changed plug-in is another installation. */
function fingerprint(): string {
  return createHash('sha256').update(readFileSync(pluginSource)).digest('hex').slice(0, 8);
}

/** In the project; for root in a place that other users can reach, if the project is none. */
function cacheFolder(): string {
  const project = dirname(dirname(support));
  const isRoot = process.getuid?.() === 0;
  return isRoot && !canBeReached(project) ? '/var/cache/box-connector-tests' : join(project, '.cache');
}

function canBeReached(folder: string): boolean {
  const others = (statSync(folder).mode & 0o001) !== 0;
  return others && (dirname(folder) === folder || canBeReached(dirname(folder)));
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

async function attempt(
  action: string,
  program: string,
  args: readonly string[],
  cwd?: string,
  env?: Record<string, string | undefined>,
): Promise<void> {
  try {
    await run(program, args, { timeout: 300_000, ...(cwd && { cwd }), ...(env && { env }) });
  } catch (error) {
    const { stderr, stdout } = error as { stderr?: string; stdout?: string };
    const said = (stderr ?? '').trim() || (stdout ?? '').trim() || String(error);
    throw new Error(`cannot ${action}: ${said.split('\n').slice(0, 5).join(' | ')}`, { cause: error });
  }
}
