import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { leaves } from '../../src/config/leaves.js';
import { type LoadedConfig, loadConfig } from '../../src/config/load-config.js';
import { parseDockerfile, type Stage, wordsOf } from './dockerfile.js';
import { projectFolder } from './source-files.js';

/** A file of the project. */
export function readDelivered(path: string): string {
  return readFileSync(join(projectFolder, path), 'utf8');
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
  readonly files: readonly string[];
}

/** What `package.json` says. */
export function manifest(): Manifest {
  return JSON.parse(readDelivered('package.json')) as Manifest;
}

/** What the last stage of the Dockerfile says about how the image is run. */
export function imageFacts(): {
  readonly stage: Stage;
  readonly command: readonly string[];
  readonly volumes: readonly string[];
  readonly user: string;
  /** The configuration that the command reads. */
  readonly configPath: string;
} {
  const stage = parseDockerfile(readDelivered('Dockerfile')).stages.at(-1);
  const find = (keyword: string) => {
    const found = stage?.instructions.findLast((one) => one.keyword === keyword);
    if (found === undefined) throw new Error(`Cannot find ${keyword} in the Dockerfile`);
    return found;
  };
  const command = wordsOf(find('CMD'));
  if (stage === undefined) throw new Error('Cannot find a stage in the Dockerfile');
  return {
    stage,
    command,
    volumes: wordsOf(find('VOLUME')),
    user: find('USER').rest,
    configPath: command[command.indexOf('-c') + 1] ?? '',
  };
}

/** Loads a configuration as the service does; `files` are those that it may name. */
export function loadAsService(
  text: string,
  { env = {}, files = {} }: { readonly env?: Record<string, string>; readonly files?: Record<string, string> } = {},
): LoadedConfig {
  const readText = (path: string) => {
    const found = { 'config.yml': text, ...files }[path];
    if (found === undefined) throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: 'ENOENT' });
    return found;
  };
  return loadConfig({ env, readText, checkSyncRules: () => [] }, { path: 'config.yml', purpose: 'service' });
}

/** The names of the environment variables that the program reads, those for secrets in files as well. */
export function environmentNames(): ReadonlySet<string> {
  return new Set(
    [...leaves.values()].flatMap(({ env, sensitive }) =>
      env === undefined ? [] : sensitive === true ? [env, `${env}_FILE`] : [env],
    ),
  );
}

/** The variables that a configuration asks for: `${NAME}`. */
export function variablesIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name ?? ''))];
}
