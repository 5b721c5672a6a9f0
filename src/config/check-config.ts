import { assertNever } from '../core/assert-never.js';
import type { Given } from './given.js';
import type { Config } from './schema.js';

/**
 * What a command needs of the configuration: `either` is a sync or the service, as the file says; `replay` is a sync
 * that does not sign in to Box.
 */
export type Purpose = 'either' | 'sync' | 'replay' | 'service' | 'login' | 'nothing';

/** What is to be done: one sync, the connector service, or neither. */
export type Mode = 'sync' | 'service' | 'none';

export interface Loaded {
  readonly config: Config;
  /** Keys that were given a value, also one that had to be refused. */
  readonly given: ReadonlyMap<string, Given>;
  /** Keys whose value had to be refused: the configuration holds their defaults, which prove nothing. */
  readonly faulty: ReadonlySet<string>;
  readonly purpose: Purpose;
}

interface Findings {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

const signInKeys = 'is_enterprise client_id client_secret refresh_token enterprise_id user_id jwt_config'.split(' ');

/** The rules that concern more than one key. */
export function checkConfig(loaded: Loaded): Findings & { readonly mode: Mode; readonly signsIn: boolean } {
  const { config, given, purpose } = loaded;
  const mode = modeOf(loaded);
  const problems: string[] = [];
  const warnings: string[] = [];
  switch (purpose) {
    case 'either':
      if (mode === 'none') {
        problems.push(
          'Cannot start: neither "box" nor "connectors" is in the configuration, expected a "box" section with "index" for one sync, or "connectors" for the service',
        );
      }
      if (mode === 'service' && signInKeys.some((key) => given.get(`box.${key}`)?.origin.kind === 'file')) {
        warnings.push(
          'Both "connectors" and "box" are given: the connectors are run, and "sync" runs the "box" section',
        );
      }
      break;
    case 'login':
      problems.push(...missing(loaded, 'sign in to Box', ['client_id', 'client_secret']));
      break;
    case 'sync':
    case 'replay':
    case 'service':
    case 'nothing':
      break;
    default:
      assertNever(purpose);
  }
  if (mode === 'sync') {
    const sync = checkSync(loaded);
    problems.push(...sync.problems);
    warnings.push(...sync.warnings);
  }
  if (mode === 'service') {
    const service = checkService(loaded);
    problems.push(...service.problems);
    warnings.push(...service.warnings);
  }
  if (mode === 'service' || (mode === 'sync' && config.sink === 'elasticsearch')) {
    problems.push(...checkElasticsearch(loaded));
  }
  if (mode !== 'none') {
    const limits = checkLimits(loaded);
    problems.push(...limits.problems, ...checkExtraction(loaded));
    warnings.push(...limits.warnings, ...extractionWarnings(loaded, mode));
  }
  return { problems, warnings, mode, signsIn: signsInByItself(loaded) };
}

function modeOf({ config, given, faulty, purpose }: Loaded): Mode {
  if (purpose === 'sync' || purpose === 'service') return purpose;
  if (purpose === 'replay') return 'sync';
  if (purpose !== 'either') return 'none';
  if (config.connectors.length > 0 || faulty.has('connectors') || config.service.worker_mode) return 'service';
  return [...given.keys()].some((key) => key.startsWith('box.')) ? 'sync' : 'none';
}

function checkSync(loaded: Loaded): Findings {
  const { config, given, faulty } = loaded;
  const { box } = config;
  const problems: string[] = [];
  const warnings: string[] = [];
  const isGiven = (key: string) => given.has(`box.${key}`);
  const nameOf = (key: string) => given.get(`box.${key}`)?.name ?? `box.${key}`;

  if (config.sink === 'elasticsearch' && config.index === null && !faulty.has('index')) {
    problems.push(
      'Cannot write to Elasticsearch: "index" is missing, expected the name of an index such as search-box (or another "sink")',
    );
  }
  if (loaded.purpose === 'replay') return { problems, warnings };
  const enterpriseKey = ['enterprise_id', 'jwt_config', 'user_id'].find(isGiven);
  if (!isGiven('is_enterprise') && enterpriseKey !== undefined) {
    problems.push(
      `Cannot use "${nameOf(enterpriseKey)}": "box.is_enterprise" is not given and means box_free, expected "box.is_enterprise: box_enterprise" beside it`,
    );
  } else if (faulty.has('box.is_enterprise')) {
    // Which keys are needed cannot be told.
  } else if (box.is_enterprise === 'box_free') {
    problems.push(...missing(loaded, 'sign in to Box', ['client_id', 'client_secret']));
  } else if (isGiven('jwt_config')) {
    for (const key of ['client_id', 'client_secret', 'enterprise_id'].filter(isGiven)) {
      warnings.push(`"box.${key}" has no effect: "${nameOf('jwt_config')}" takes its place`);
    }
  } else {
    problems.push(...missing(loaded, 'sign in to Box', ['client_id', 'client_secret']));
    if (!isGiven('user_id')) problems.push(...missing(loaded, 'sign in to Box', ['enterprise_id']));
    if (isGiven('user_id') && isGiven('enterprise_id')) {
      problems.push(
        'Cannot use "box.user_id" beside "box.enterprise_id": expected the enterprise, or the one user whose account is to be walked',
      );
    }
  }
  return { problems, warnings };
}

function checkService({ config, faulty }: Loaded): Findings {
  const { connectors, service } = config;
  const problems: string[] = [];
  const warnings: string[] = [];
  const ours = connectors.filter((entry) => entry.service_type === 'box');
  if (service.worker_mode && !faulty.has('service.service_types') && !service.service_types.includes('box')) {
    problems.push('Cannot use "service.worker_mode": "service.service_types" does not name box, expected [box]');
  }
  if (ours.length === 0 && !service.worker_mode && !faulty.has('connectors')) {
    problems.push(
      connectors.length === 0
        ? 'Cannot start the service: "connectors" is missing, expected a list of { connector_id, service_type: box, api_key }'
        : 'Cannot start the service: no entry of "connectors" has the service_type box, expected at least one',
    );
  }
  for (const { connector_id: id, service_type: type } of connectors) {
    if (type !== 'box') warnings.push(`The connector "${id}" is left alone: its service_type is ${type}, not box`);
  }
  return { problems, warnings };
}

/** Whether there is a sign-in to Elasticsearch beside the keys of single connectors. */
function signsInByItself({ config, given }: Loaded): boolean {
  return (
    config.elasticsearch.api_key !== null || given.has('elasticsearch.api_key') || given.has('elasticsearch.password')
  );
}

/** Nobody's real cluster has the default password: it means that the sign-in was forgotten. */
function checkElasticsearch(loaded: Loaded): readonly string[] {
  const { config, faulty } = loaded;
  const { host } = config.elasticsearch;
  if (signsInByItself(loaded) || faulty.has('elasticsearch.host') || isLoopback(host)) return [];
  // As a service, the connectors' own keys may be all there is; but each is for its own connector only.
  const ours = config.connectors.filter((entry) => entry.service_type === 'box');
  const haveKeys = ours.length > 0 && ours.every((entry) => entry.api_key !== null);
  if (modeOf(loaded) === 'service' && haveKeys) {
    if (!config.service.worker_mode) return [];
    return [
      `Cannot use "service.worker_mode" at ${host} with nothing but keys of single connectors: "elasticsearch.api_key" is missing, expected an API key that sees all connectors`,
    ];
  }
  return [
    `Cannot sign in to Elasticsearch at ${host}: "elasticsearch.api_key" is missing, expected an API key (or "username" and "password")`,
  ];
}

/** Too few rows for one bulk request is a fault; too few to keep all of them busy is only slow. */
function checkLimits({ config, faulty }: Loaded): Findings {
  const { pipeline_limits: limits, bulk } = config;
  const isSound = (...keys: readonly string[]) => !keys.some((key) => faulty.has(key));
  const slow = (key: string, limit: number, unit: string, size: number) => {
    const busy = (bulk.concurrency + 1) * size;
    if (limit >= busy || !isSound(key, unit, 'bulk.concurrency')) return [];
    return [
      `"${key}" (${limit}) is below ${busy}, which is ("bulk.concurrency" + 1) x "${unit}": bulk requests wait for one another`,
    ];
  };
  if (limits.rows < bulk.max_items && isSound('pipeline_limits.rows', 'bulk.max_items')) {
    const problem = `Cannot use "pipeline_limits.rows": ${limits.rows}, expected at least "bulk.max_items" (${bulk.max_items}): no bulk request could ever be full`;
    return { problems: [problem], warnings: [] };
  }
  const warnings = [
    ...slow('pipeline_limits.rows', limits.rows, 'bulk.max_items', bulk.max_items),
    ...slow('pipeline_limits.bytes', limits.bytes, 'bulk.max_bytes', bulk.max_bytes),
  ];
  return { problems: [], warnings };
}

function checkExtraction({ config, given }: Loaded): readonly string[] {
  if (config.extraction.method !== 'extraction_service' || given.has('extraction_service.host')) return [];
  return [
    'Cannot use "extraction.method": extraction_service without "extraction_service.host", expected the address of the service',
  ];
}

/** As a service, each connector may ask for it. */
function extractionWarnings({ config, faulty }: Loaded, mode: Mode): readonly string[] {
  const { method } = config.extraction;
  if (mode === 'service' || config.extraction_service.host === null || method === 'extraction_service') return [];
  if (faulty.has('extraction.method')) return [];
  return [
    `"extraction_service.host" has no effect: "extraction.method" is ${method}; set it to extraction_service to use the service`,
  ];
}

const meanings: Readonly<Record<string, string>> = {
  client_id: "the application's client ID, from the Box developer console",
  client_secret: "the application's client secret, from the Box developer console",
  enterprise_id: 'the id of the enterprise (or "box.user_id", or "box.jwt_config_file")',
};

function missing({ given }: Loaded, action: string, keys: readonly string[]): readonly string[] {
  return keys
    .filter((key) => !given.has(`box.${key}`))
    .map((key) => `Cannot ${action}: "box.${key}" is missing, expected ${meanings[key] ?? 'a value'}`);
}

function isLoopback(host: string): boolean {
  const { hostname } = new URL(host);
  return hostname === 'localhost' || hostname.endsWith('.localhost') || /^127\./.test(hostname) || hostname === '[::1]';
}
