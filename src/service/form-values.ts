import { nearestKey } from '../config/nearest-key.js';
import type { Config } from '../config/schema.js';
import { ConfigError } from '../core/errors.js';
import { type ConfigurationField, configurationSchema } from './configuration-schema.js';

/** Values of the connector's form, by field. */
export type FormValues = Readonly<Record<string, string | number | boolean>>;

const fields: Readonly<Record<string, ConfigurationField>> = configurationSchema;

/** What the `box` section fills in. Throws `ConfigError` for what a connector has no field for. */
export function valuesOfBox(box: Config['box']): FormValues {
  if (box.user_id !== null) {
    throw new ConfigError([
      'Cannot take "box.user_id" over: a connector has no field for it, expected "box.enterprise_id". For the accounts of some users only, leave it out and set "box.users" in the config.yml of the service',
    ]);
  }
  const isJwt = box.jwt_config !== null;
  const given = {
    is_enterprise: box.is_enterprise,
    // In the JWT configuration they are said again.
    client_id: isJwt ? null : box.client_id,
    client_secret: isJwt ? null : box.client_secret,
    refresh_token: box.is_enterprise === 'box_free' ? box.refresh_token : null,
    enterprise_id: isJwt || box.enterprise_id === null ? null : Number(box.enterprise_id),
    concurrent_downloads: box.concurrent_downloads,
    auth_method: isJwt ? 'jwt' : null,
    jwt_config: box.jwt_config,
  };
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => (value === null ? [] : [[key, value] as const])),
  );
}

/** Reads `KEY=VALUE`. Throws `ConfigError` with a line for each that names no field, or a secret, or has a wrong value. */
export function valuesOfOptions(options: readonly string[]): FormValues {
  const problems: string[] = [];
  const values: Record<string, string | number | boolean> = {};
  for (const option of options) {
    const [key = ''] = option.split('=', 1);
    const text = option.slice(key.length + 1);
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field === undefined) {
      const near = nearestKey(key, Object.keys(fields));
      const advice = near === undefined ? '' : `, did you mean "${near}"?`;
      problems.push(
        `Cannot set "${key}": unknown field, expected KEY=VALUE with one of ${Object.keys(fields).join(', ')}${advice}`,
      );
    } else if (field.sensitive) {
      problems.push(
        `Cannot set "${key}" on the command line, where others can see it: expected "box.${key}" in the configuration (or its variable), and --from-config`,
      );
    } else if (!option.includes('=') || text === '') {
      problems.push(`Cannot set "${key}": no value, expected ${key}=VALUE`);
    } else if (field.type === 'bool' && text !== 'true' && text !== 'false') {
      problems.push(`Cannot set "${key}": ${JSON.stringify(text)}, expected true or false`);
    } else if (field.type === 'int' && !/^\d{1,15}$/.test(text)) {
      problems.push(`Cannot set "${key}": ${JSON.stringify(text)}, expected a whole number`);
    } else {
      values[key] = field.type === 'bool' ? text === 'true' : field.type === 'int' ? Number(text) : text;
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return values;
}
