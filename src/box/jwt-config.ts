import { ConfigError } from '../core/errors.js';

/** The developer console's `config.json`. */
export interface JwtConfig {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly publicKeyId: string;
  /** PEM, as a rule encrypted. */
  readonly privateKey: string;
  /** `''` for a key that is not encrypted. */
  readonly passphrase: string;
  readonly enterpriseId: string;
}

/** Parses `config.json`. A `ConfigError` names every field that is missing or of the wrong type, never its value. */
export function parseJwtConfig(text: string): JwtConfig {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    // No cause: the parser's message quotes the file, which is full of secrets.
    throw new ConfigError([
      'Cannot read the JWT config file: it is not JSON; download it again from the developer console',
    ]);
  }
  const problems: string[] = [];
  const read = (path: string, fallback?: string): string => {
    let value: unknown = file;
    for (const name of path.split('.')) {
      value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
    }
    if (typeof value === 'string' && (value !== '' || fallback !== undefined)) return value;
    if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
    if ((value === undefined || value === null) && fallback !== undefined) return fallback;
    const found =
      value === undefined ? 'nothing' : value === '' ? 'an empty text' : value === null ? 'null' : typeof value;
    problems.push(
      `Cannot use the JWT config file: field "${path}" is ${found}, expected a text; download the file again from the developer console`,
    );
    return '';
  };
  const config: JwtConfig = {
    clientId: read('boxAppSettings.clientID'),
    clientSecret: read('boxAppSettings.clientSecret'),
    publicKeyId: read('boxAppSettings.appAuth.publicKeyID'),
    privateKey: read('boxAppSettings.appAuth.privateKey'),
    passphrase: read('boxAppSettings.appAuth.passphrase', ''),
    enterpriseId: read('enterpriseID'),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}
