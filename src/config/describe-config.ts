import { isDeepStrictEqual } from 'node:util';
import { redact } from '../core/redact.js';
import { isRecord } from './format.js';
import { leaves } from './leaves.js';
import type { Config, Leaf } from './schema.js';

const mask = '[redacted]';

/**
 * What may be logged of a configuration: the keys that differ from their defaults, by dotted name, with every secret
 * masked.
 */
export function describeConfig(config: Config): Readonly<Record<string, unknown>> {
  const described: Record<string, unknown> = {};
  for (const [key, leaf] of leaves) {
    const value = key.split('.').reduce<unknown>((node, part) => (isRecord(node) ? node[part] : undefined), config);
    if (value !== undefined && !isDeepStrictEqual(value, leaf.default)) described[key] = masked(value, leaf);
  }
  return described;
}

function masked(value: unknown, { sensitive, secretMembers = [] }: Leaf): unknown {
  if (secretMembers.length > 0 && Array.isArray(value)) {
    return value.map((entry: unknown) => {
      if (!isRecord(entry)) return mask;
      const hidden = secretMembers.filter((name) => entry[name] !== null).map((name) => [name, mask] as const);
      return { ...entry, ...Object.fromEntries(hidden) };
    });
  }
  if (sensitive === true) return mask;
  // An address may carry a password.
  return typeof value === 'string' ? redact(value) : value;
}
