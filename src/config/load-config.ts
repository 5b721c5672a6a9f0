import convict from 'convict';
import { ConfigError } from '../core/errors.js';
import { checkConfig, type Mode, type Purpose } from './check-config.js';
import { collectLayer } from './collect-layer.js';
import { environmentLayers } from './environment-layers.js';
import { isRecord } from './format.js';
import type { Given, Layer } from './given.js';
import { leaves } from './leaves.js';
import { parseConfigText } from './parse-config-text.js';
import { type ReadDeps, readFailure, readGiven } from './read-given.js';
import { type Config, schema } from './schema.js';
import { inOneLine } from './shown.js';

export interface LoadConfigDeps extends ReadDeps {
  /** One line for each fault of the sync rules. */
  readonly checkSyncRules?: (rules: readonly unknown[]) => readonly string[];
}

export interface LoadConfigOptions {
  /** The file, YAML or JSON. Without one, the environment and the overrides are all there is. */
  readonly path?: string | undefined;
  /** From the command line: values by dotted key. They win over all else. */
  readonly overrides?: Readonly<Record<string, unknown>>;
  /** What the configuration must suffice for. */
  readonly purpose?: Purpose;
}

export interface LoadedConfig {
  /** Deeply frozen. */
  readonly config: Config;
  /** One line each, for the log. */
  readonly warnings: readonly string[];
  /** What the configuration asks for. */
  readonly mode: Mode;
  /** Whether a sign-in to Elasticsearch was given, beside the keys of single connectors. */
  readonly signsIn: boolean;
  /** The dotted keys that have a value of somebody's, as against their default. */
  readonly given: ReadonlySet<string>;
}

/**
 * Loads the configuration: defaults, under variables named like a key, under the file, under the environment variables
 * of the schema, under `overrides`. Throws a `ConfigError` that lists all problems at once, and nothing else.
 */
export function loadConfig(deps: LoadConfigDeps, options: LoadConfigOptions = {}): LoadedConfig {
  const { path, overrides = {}, purpose = 'either' } = options;
  const environment = environmentLayers(deps.env);
  const layers: readonly Layer[] = [
    environment.under,
    path === undefined ? collectLayer({}, () => ({ kind: 'file' })) : fileLayer(path, deps),
    environment.over,
    collectLayer(overrides, () => ({ kind: 'override' })),
  ];
  const given = new Map<string, Given>(layers.flatMap((layer) => [...layer.given]));
  const problems = layers.flatMap((layer) => layer.problems);
  const warnings = layers.flatMap((layer) => layer.unused.map(noEffect));

  // Nothing may come from the process itself: neither its environment nor its arguments.
  const settings = convict<Config>(schema, { env: {}, args: [] });
  const faulty = new Set<string>();
  const values = new Map<string, unknown>();
  for (const [key, leaf] of leaves) {
    const value = given.get(key);
    if (value === undefined) continue;
    const read = readGiven(value, leaf, deps);
    if (read.kind === 'problems') {
      problems.push(...read.problems);
      faulty.add(key);
    } else if (read.value === null) {
      given.delete(key);
    } else {
      values.set(key, read.value);
      settings.set(key, read.value);
    }
  }
  warnings.push(...adoptSingleConnector(settings, values));
  try {
    settings.validate({ allowed: 'strict' });
  } catch (error) {
    throw new ConfigError([...problems, error instanceof Error ? inOneLine(error.message) : 'invalid'], {
      cause: error,
    });
  }

  const config = settings.getProperties();
  const checked = checkConfig({ config, given, faulty, purpose });
  problems.push(...checked.problems);
  if (deps.checkSyncRules && given.has('sync_rules') && !faulty.has('sync_rules')) {
    problems.push(...deps.checkSyncRules(config.sync_rules));
  }
  if (problems.length > 0) throw new ConfigError(problems);
  dropOtherNames(config);
  freeze(config);
  return {
    config,
    warnings: [...warnings, ...checked.warnings],
    mode: checked.mode,
    signsIn: checked.signsIn,
    given: new Set(given.keys()),
  };
}

function fileLayer(path: string, { readText }: LoadConfigDeps): Layer {
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    const found = `it ${readFailure(error)}`;
    throw new ConfigError(
      [`Cannot read "${inOneLine(path)}": ${found}, expected a configuration file (--config FILE)`],
      {
        cause: error,
      },
    );
  }
  return collectLayer(parseConfigText(text, path), () => ({ kind: 'file' }));
}

function noEffect(key: string): string {
  return `"${key}" has no effect: ${leaves.get(key)?.unused?.replaceAll('`', '') ?? ''}`;
}

/** Elastic's old form with a single connector is one more entry of `connectors`. */
function adoptSingleConnector(
  settings: convict.Config<Config>,
  values: ReadonlyMap<string, unknown>,
): readonly string[] {
  const [id, type] = [values.get('connector_id'), values.get('service_type') ?? 'box'];
  if (id === undefined && !values.has('service_type')) return [];
  const connectors = settings.get('connectors');
  if (typeof id === 'string' && typeof type === 'string' && !connectors.some((entry) => entry.connector_id === id)) {
    settings.set('connectors', [...connectors, { connector_id: id, service_type: type, api_key: null }]);
  }
  return [
    '"connector_id" and "service_type" are deprecated: use "connectors", a list of { connector_id, service_type }',
  ];
}

/** Only the keys that count are left: what `Config` says is what there is. */
function dropOtherNames(config: Config): void {
  const names = [...leaves].filter(([, leaf]) => leaf.unused !== undefined || leaf.alias !== undefined);
  for (const name of [...names.map(([key]) => key), 'connector_id', 'service_type']) {
    const parts = name.split('.');
    const last = parts.pop() ?? '';
    const section = parts.reduce<unknown>((node, part) => (isRecord(node) ? node[part] : undefined), config);
    if (isRecord(section)) Reflect.deleteProperty(section, last);
  }
}

function freeze(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  Object.values(node).forEach(freeze);
  Object.freeze(node);
}
