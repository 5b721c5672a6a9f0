import type { Environment } from './environment-layers.js';
import { isRecord } from './format.js';
import { type Given, quoted } from './given.js';
import type { Leaf } from './schema.js';
import { inOneLine, kindOf } from './shown.js';
import { substitute } from './substitute.js';
import { messageOf } from '../core/message-of.js';

export interface ReadDeps {
  /** Reads a file as UTF-8; throws if it cannot. */
  readonly readText: (path: string) => string;
  readonly env: Environment;
}

/** The value `null` means that nothing was given after all. */
export type Read =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'problems'; readonly problems: readonly string[] };

/**
 * Turns what was given into a value of the leaf's format: variables put in, secrets read from their files, text forms
 * read. Each fault is a problem; the value of a secret is in none of them.
 */
export function readGiven(given: Given, leaf: Leaf, deps: ReadDeps): Read {
  const problems: string[] = [];

  const fill = (found: unknown, at: string): unknown => {
    if (given.origin.kind !== 'file') return found;
    if (typeof found === 'string') {
      const { text, missing } = substitute(found, deps.env);
      for (const variable of missing) problems.push(notSet(given, at, variable));
      return text;
    }
    if (Array.isArray(found)) return found.map((item: unknown, index) => fill(item, `${at}[${index}]`));
    if (!isRecord(found)) return found;
    return Object.fromEntries(
      Object.entries(found).map(([name, member]) => [name, fill(member, `${at}.${inOneLine(name)}`)]),
    );
  };

  const readSecret = (path: unknown, at: string): string | undefined => {
    const name = quoted(given, at);
    if (typeof path !== 'string' || path === '') {
      problems.push(`Cannot use ${name}: ${kindOf(path)}, expected the path of a file`);
      return undefined;
    }
    try {
      const secret = deps.readText(path).replace(/\r?\n$/, '');
      if (secret !== '') return secret;
      problems.push(`Cannot read ${name}: the file "${inOneLine(path)}" is empty, expected the secret`);
    } catch (error) {
      const reason = readFailure(error);
      problems.push(`Cannot read ${name}: "${inOneLine(path)}" ${reason}, expected a file that holds the secret`);
    }
    return undefined;
  };

  /** `{ api_key_file: PATH }` becomes `{ api_key: TEXT }`. */
  const readMembers = (entry: unknown, at: string): unknown => {
    if (!isRecord(entry)) return entry;
    const members = { ...entry };
    for (const name of leaf.secretMembers ?? []) {
      const path = members[`${name}_file`];
      if (path === undefined) continue;
      Reflect.deleteProperty(members, `${name}_file`);
      if (path === null) continue;
      if (members[name] !== undefined && members[name] !== null) {
        problems.push(`Cannot use ${quoted(given, `${at}.${name}_file`)} and "${name}" together, expected one of them`);
      }
      members[name] = readSecret(path, `${at}.${name}_file`);
    }
    return members;
  };

  let found = given.found.kind === 'value' ? fill(given.found.value, '') : readSecret(fill(given.found.path, ''), '');
  if (leaf.secretMembers !== undefined && Array.isArray(found)) {
    found = found.map((entry: unknown, index) => readMembers(entry, `[${index}]`));
  }
  if (problems.length > 0) return { kind: 'problems', problems };
  // As from `${NAME|}`: an empty text for a key that may be missing.
  if (leaf.nullable === true && found === '') return { kind: 'value', value: null };

  const parsed = leaf.format.parse(found);
  if (parsed.kind === 'value') return parsed;
  const masked = leaf.sensitive === true;
  return {
    kind: 'problems',
    problems: parsed.faults.map(
      ({ at, found: shown, expected }) =>
        `Cannot use ${quoted(given, at)}: ${masked && at === '' ? '[redacted]' : shown}, expected ${expected.replaceAll('`', '')}`,
    ),
  };
}

function notSet(given: Given, at: string, variable: string): string {
  return `Cannot fill in "${given.name}${at}" from the environment: "${variable}" is not set, expected a value or a default as in \${NAME|default}`;
}

/** Why a file could not be read, in words. */
export function readFailure(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES') return 'may not be read by this user';
  if (code === 'EISDIR') return 'is a folder';
  return `cannot be read (${inOneLine(messageOf(error))})`;
}
