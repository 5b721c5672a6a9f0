import { ConfigError } from '../../src/core/errors.js';
import { loadConfig, type LoadConfigDeps, type LoadedConfig } from '../../src/config/load-config.js';
import type { Purpose } from '../../src/config/check-config.js';

export interface Given {
  readonly file?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly overrides?: Readonly<Record<string, unknown>>;
  readonly purpose?: Purpose;
  readonly checkSyncRules?: LoadConfigDeps['checkSyncRules'];
}

/** Loads from texts in place of files. */
export function load({
  file,
  env = {},
  files = {},
  overrides = {},
  purpose = 'nothing',
  checkSyncRules,
}: Given): LoadedConfig {
  const all: Readonly<Record<string, string>> = file === undefined ? files : { 'config.yml': file, ...files };
  const readText = (path: string) => {
    const text = all[path];
    if (text === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return text;
  };
  const deps = { readText, env, ...(checkSyncRules && { checkSyncRules }) };
  return loadConfig(deps, { ...(file !== undefined && { path: 'config.yml' }), overrides, purpose });
}

/** The problems that loading reports. Fails if there are none. */
export function problemsOf(given: Given): readonly string[] {
  try {
    load(given);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('expected problems, but the configuration was accepted');
}
