import { type ConfigurationField, type ConfigurationKey, configurationSchema } from './configuration-schema.js';
import { type Members, members } from './json-members.js';

/** The values of a connector's configuration, checked. */
export interface ConfigurationValues {
  readonly isEnterprise: 'box_free' | 'box_enterprise';
  readonly clientId: string;
  readonly clientSecret: string;
  /** `null` where the kind of account needs none. */
  readonly refreshToken: string | null;
  readonly enterpriseId: string | null;
  readonly concurrentDownloads: number;
}

export type CheckedValues = { readonly values: ConfigurationValues } | { readonly problem: string };

/**
 * Checks the values that somebody has filled in, by the rules of our schema, not by those in the document. A field
 * whose `depends_on` does not hold is not looked at. The problem names every wrong field, in the words of Elastic's
 * connectors, and no value of a secret.
 */
export function checkConfigurationValues(configuration: Members): CheckedValues {
  const valueOf = (key: ConfigurationKey) => {
    const value = members.of(configuration[key])['value'];
    const given = typeof value === 'string' ? value.trim() : value;
    return given === '' || given === undefined || given === null ? null : given;
  };
  const problems: string[] = [];
  const fields = Object.entries<ConfigurationField>(configurationSchema);
  for (const [key, field] of fields) {
    if (!isKey(key)) continue;
    if (!field.depends_on.every((one) => isKey(one.field) && valueOf(one.field) === one.value)) continue;
    const value = valueOf(key);
    if (value === null) {
      if (field.required) problems.push(`'${field.label}' cannot be empty.`);
      continue;
    }
    if (field.options.length > 0 && !field.options.some((option) => option.value === value)) {
      const choices = field.options.map((option) => option.value).join(', ');
      problems.push(`'${field.label}' has the value ${shown(value)}, expected one of ${choices}.`);
    }
    if (field.type === 'str' && typeof value !== 'string') {
      problems.push(`'${field.label}' should be a text, found ${typeof value}.`);
    }
    if (field.type !== 'int') continue;
    if (!isWhole(value)) {
      problems.push(`'${field.label}' should be a whole number, found ${shown(value)}.`);
      continue;
    }
    for (const { type, constraint } of field.validations) {
      if (type === 'less_than' && Number(value) >= constraint) {
        problems.push(`'${field.label}' value should be less than ${constraint}.`);
      }
    }
    if (Number(value) < 1) problems.push(`'${field.label}' value should be greater than 0.`);
  }
  if (problems.length > 0) return { problem: `Field validation errors: ${problems.join('; ')}` };

  const textOf = (key: ConfigurationKey) => {
    const value = valueOf(key);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
  };
  const isEnterprise = valueOf('is_enterprise') === 'box_enterprise' ? 'box_enterprise' : 'box_free';
  return {
    values: {
      isEnterprise,
      clientId: textOf('client_id') ?? '',
      clientSecret: textOf('client_secret') ?? '',
      refreshToken: isEnterprise === 'box_free' ? textOf('refresh_token') : null,
      enterpriseId: isEnterprise === 'box_enterprise' ? textOf('enterprise_id') : null,
      concurrentDownloads: Number(
        valueOf('concurrent_downloads') ?? configurationSchema.concurrent_downloads.default_value,
      ),
    },
  };
}

function isKey(key: string): key is ConfigurationKey {
  return key in configurationSchema;
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
