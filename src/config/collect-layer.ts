import { isRecord } from './format.js';
import { type Found, type Given, type Layer, type Origin, quoted } from './given.js';
import { leaves, sections } from './leaves.js';
import { nearestKey } from './nearest-key.js';
import { inOneLine, kindOf } from './shown.js';

/**
 * The keys of a tree, whose names may be nested, dotted, or both (`elasticsearch: { bulk.max_retries: 5 }`). `null` and
 * an empty section give nothing. Problems: unknown keys, keys given twice, a value where a section stands.
 */
export function collectLayer(tree: Readonly<Record<string, unknown>>, originOf: (name: string) => Origin): Layer {
  const entries: Given[] = [];
  const problems: string[] = [];
  const unused = new Set<string>();
  const names = new Set<string>();

  const visit = (members: Readonly<Record<string, unknown>>, prefix: string) => {
    for (const [member, value] of Object.entries(members)) {
      const name = withoutEffect(`${prefix}${member}`);
      const secret = keyOfSecretFile(name);
      if (sections.has(name) && !leaves.has(name)) {
        if (isRecord(value)) visit(value, `${name}.`);
        else if (value !== null) problems.push(`Cannot use "${name}": ${kindOf(value)}, expected a section with keys`);
      } else if (leaves.has(name)) {
        add(name, name, { kind: 'value', value });
      } else if (secret !== undefined) {
        add(secret, name, { kind: 'path', path: value });
      } else {
        problems.push(unknownKey(name));
      }
    }
  };

  const add = (key: string, name: string, found: Found) => {
    const leaf = leaves.get(key);
    if ((found.kind === 'value' ? found.value : found.path) === null) return;
    if (leaf?.unused !== undefined) {
      unused.add(name);
      return;
    }
    if (names.has(name)) problems.push(`Cannot use "${name}" twice: expected it in one place`);
    names.add(name);
    entries.push({ key: leaf?.alias ?? key, name, origin: originOf(name), found });
  };

  visit(tree, '');
  const given = new Map<string, Given>();
  for (const entry of entries) {
    const other = given.get(entry.key);
    const isAlias = entry.name !== entry.key && entry.found.kind === 'value';
    if (other !== undefined && other.found.kind !== entry.found.kind) {
      problems.push(`Cannot use ${quoted(other)} and ${quoted(entry)} together, expected one of them`);
    }
    // The key's own name wins over another name of it.
    if (other === undefined || !isAlias) given.set(entry.key, entry);
  }
  return { given, problems, unused: [...unused] };
}

const known = [...sections, ...[...leaves].flatMap(([name, leaf]) => (leaf.unused === undefined ? [name] : []))];

/** What is below a key without effect has none either: `sources` for `sources.box`. */
function withoutEffect(name: string): string {
  const parts = name.split('.');
  const parents = parts.map((_, index) => parts.slice(0, index + 1).join('.'));
  return parents.find((parent) => leaves.get(parent)?.unused !== undefined) ?? name;
}

/** `box.client_secret` for `box.client_secret_file`; undefined where the name is no such thing. */
function keyOfSecretFile(name: string): string | undefined {
  const key = name.endsWith('_file') ? name.slice(0, -'_file'.length) : name;
  return key !== name && leaves.get(key)?.sensitive === true ? key : undefined;
}

/** The value is not shown: it may be a secret under a misspelt name. */
function unknownKey(name: string): string {
  const nearest = nearestKey(name, known);
  const advice =
    nearest === undefined ? 'expected one of the keys in config/reference.md' : `did you mean "${nearest}"?`;
  return `Cannot use "${inOneLine(name)}" here: unknown key, ${advice}`;
}
