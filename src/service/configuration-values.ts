import { type JwtConfig, parseJwtConfig } from '../box/jwt-config.js';
import type { Config } from '../config/schema.js';
import { assertNever } from '../core/assert-never.js';
import { ConfigError } from '../core/errors.js';
import { type ConfigurationField, type ConfigurationKey, configurationSchema } from './configuration-schema.js';
import { type Members, members } from './json-members.js';

type ExtractionMethod = Config['extraction']['method'];

/** The values of a connector's configuration, checked. */
export interface ConfigurationValues {
  readonly isEnterprise: 'box_free' | 'box_enterprise';
  readonly clientId: string;
  readonly clientSecret: string;
  /** `null` where the kind of account needs none. */
  readonly refreshToken: string | null;
  readonly enterpriseId: string | null;
  /** The text of the developer console's `config.json`; `null`: no sign-in by JWT. */
  readonly jwtConfig: string | null;
  readonly concurrentDownloads: number;
  /** `null`: as the file has it. */
  readonly extractionMethod: ExtractionMethod | null;
}

export type CheckedValues = { readonly values: ConfigurationValues } | { readonly problem: string };

const fields: Readonly<Record<ConfigurationKey, ConfigurationField>> = configurationSchema;

/**
 * Checks the values that somebody has filled in, by the rules of our schema, not by those in the document, and against
 * the file where a field relies on it. An empty field has its default; one whose `depends_on` does not hold is not
 * looked at. The problem names every wrong field, in the words of Elastic's connectors, and no value of a secret.
 */
export function checkConfigurationValues(
  configuration: Members,
  file: Pick<Config, 'extraction_service'>,
): CheckedValues {
  const valueOf = (key: ConfigurationKey) => filledIn(configuration[key]) ?? fields[key].default_value;
  const applies = (key: ConfigurationKey) =>
    fields[key].depends_on.every((one) => isKey(one.field) && valueOf(one.field) === one.value);
  const textOf = (key: ConfigurationKey) => {
    const value = applies(key) ? valueOf(key) : null;
    return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
  };
  const isJwt = applies('jwt_config');
  const jwt = isJwt ? readJwtConfig(textOf('jwt_config')) : null;
  const wantsService = valueOf('use_text_extraction_service') === true;

  const problems = Object.keys(fields)
    .filter(isKey)
    .filter(applies)
    .flatMap((key) => faultsOf(fields[key], valueOf(key), isJwt && inJwtConfig.some(([name]) => name === key)));
  if (jwt !== null) problems.push(...('clientId' in jwt ? differences(jwt, textOf) : jwt));
  if (wantsService && file.extraction_service.host === null) {
    problems.push(
      `'${fields.use_text_extraction_service.label}' needs "extraction_service.host" in config.yml, expected the address of the service.`,
    );
  }
  if (valueOf('use_document_level_security') === true) {
    problems.push(`'${fields.use_document_level_security.label}' must be off: this version does not sync permissions.`);
  }
  if (problems.length > 0) return { problem: `Field validation errors: ${problems.join('; ')}` };

  return {
    values: {
      isEnterprise: valueOf('is_enterprise') === 'box_enterprise' ? 'box_enterprise' : 'box_free',
      clientId: textOf('client_id') ?? '',
      clientSecret: textOf('client_secret') ?? '',
      refreshToken: textOf('refresh_token'),
      enterpriseId: textOf('enterprise_id'),
      jwtConfig: textOf('jwt_config'),
      concurrentDownloads: Number(valueOf('concurrent_downloads')),
      extractionMethod: wantsService
        ? 'extraction_service'
        : (ownMethods.find((method) => method === valueOf('extraction_method')) ?? null),
    },
  };
}

/** Those that a connector can name; the fourth has a switch of its own, as in Elastic's other connectors. */
const ownMethods: readonly ExtractionMethod[] = ['ingest_attachment', 'tika', 'none'];

/** `null`: nothing. */
function filledIn(field: unknown): unknown {
  const value = members.of(field)['value'];
  const given = typeof value === 'string' ? value.trim() : value;
  return given === '' || given === undefined ? null : given;
}

function isKey(key: string): key is ConfigurationKey {
  return Object.hasOwn(configurationSchema, key);
}

function faultsOf(field: ConfigurationField, value: unknown, mayBeEmpty: boolean): readonly string[] {
  const { label } = field;
  if (value === null) return field.required && !mayBeEmpty ? [`'${label}' cannot be empty.`] : [];
  if (field.options.length > 0 && !field.options.some((option) => option.value === value)) {
    const choices = field.options.map((option) => option.value).join(', ');
    return [`'${label}' has the value ${shown(value)}, expected one of ${choices}.`];
  }
  switch (field.type) {
    case 'str':
      if (typeof value !== 'string') return [`'${label}' should be a text, found ${typeof value}.`];
      // It is put into headers and forms. Only the configuration of a JWT app has lines.
      return field.display !== 'textarea' && /\p{Cc}/u.test(value)
        ? [`'${label}' has a line break or another control character in it, expected one line: copy it anew.`]
        : [];
    case 'bool':
      return typeof value === 'boolean' ? [] : [`'${label}' should be true or false, found ${shown(value)}.`];
    case 'int': {
      if (!isWhole(value)) return [`'${label}' should be a whole number, found ${shown(value)}.`];
      const tooLarge = field.validations.filter(
        ({ type, constraint }) => type === 'less_than' && Number(value) >= constraint,
      );
      return [
        ...tooLarge.map(({ constraint }) => `'${label}' value should be less than ${constraint}.`),
        ...(Number(value) < 1 ? [`'${label}' value should be greater than 0.`] : []),
      ];
    }
    default:
      return assertNever(field.type);
  }
}

/** The fields that say again what is in the JWT configuration. */
const inJwtConfig = [
  ['client_id', 'clientId'],
  ['client_secret', 'clientSecret'],
  ['enterprise_id', 'enterpriseId'],
] as const;

/** The configuration, or what is wrong with it; `null` for none. */
function readJwtConfig(text: string | null): JwtConfig | readonly string[] | null {
  if (text === null) return null;
  try {
    return parseJwtConfig(text);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map((problem) => `'${fields.jwt_config.label}': ${problem}.`);
    throw error;
  }
}

/** Where a field says something else, one of the two would silently have no effect. */
function differences(jwt: JwtConfig, textOf: (key: ConfigurationKey) => string | null): readonly string[] {
  return inJwtConfig.flatMap(([key, member]) => {
    const text = textOf(key);
    if (text === null || text === jwt[member]) return [];
    return [`'${fields[key].label}' is not the one in '${fields.jwt_config.label}': copy it from there.`];
  });
}

function isWhole(value: unknown): boolean {
  return typeof value === 'number' ? Number.isSafeInteger(value) : typeof value === 'string' && /^-?\d+$/.test(value);
}

/** Only of fields that hold no secret. */
function shown(value: unknown): string {
  const text =
    typeof value === 'string' ? JSON.stringify(value) : typeof value === 'number' ? String(value) : typeof value;
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
