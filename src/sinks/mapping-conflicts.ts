import type { FieldMapping } from './index-mappings.js';

type Fields = Readonly<Record<string, FieldMapping>>;

/** A field that would refuse our values, or take them in a way that makes them useless. */
export interface MappingConflict {
  readonly field: string;
  readonly found: string;
  readonly expected: readonly string[];
}

export interface MappingComparison {
  readonly conflicts: readonly MappingConflict[];
  /** What of `wanted` is not there, in the shape of a mapping update. */
  readonly missing: Fields;
}

const textual = ['text', 'match_only_text', 'annotated_text', 'search_as_you_type', 'semantic_text'];

/** Kinds of field that do for what we would have chosen. What Elasticsearch maps by itself must be among them. */
const accepted: Readonly<Record<string, readonly string[]>> = {
  keyword: ['keyword', 'wildcard', 'icu_collation_keyword', ...textual],
  text: [...textual, 'keyword', 'wildcard'],
  date: ['date', 'date_nanos', 'keyword', ...textual],
  long: ['long', 'unsigned_long', 'double', 'scaled_float'],
  boolean: ['boolean', 'keyword', ...textual],
};

/** Compares the mapping of an index that exists with ours. Only contradictions count, not other choices. */
export function compareMappings(found: Fields, wanted: Fields, above = ''): MappingComparison {
  const conflicts: MappingConflict[] = [];
  const missing: Record<string, FieldMapping> = {};
  for (const [name, want] of Object.entries(wanted)) {
    const has = Object.hasOwn(found, name) ? found[name] : undefined;
    const field = `${above}${name}`;
    if (has === undefined) {
      missing[name] = want;
    } else if (isObject(want)) {
      if (want.enabled === false || isOpaque(has)) continue;
      if (!isObject(has)) {
        conflicts.push({ field, found: kindOf(has), expected: ['object', 'flattened'] });
        continue;
      }
      const inside = compareMappings(has.properties ?? {}, want.properties ?? {}, `${field}.`);
      conflicts.push(...inside.conflicts);
      if (Object.keys(inside.missing).length > 0) missing[name] = { ...typeOf(has), properties: inside.missing };
    } else {
      const expected = accepted[want.type ?? ''] ?? [want.type ?? ''];
      if (!expected.includes(kindOf(has)) || isTooShort(want, has)) {
        conflicts.push({
          field,
          found: isTooShort(want, has) ? 'keyword without ignore_above' : kindOf(has),
          expected,
        });
      }
    }
  }
  return { conflicts, missing };
}

function kindOf(field: FieldMapping): string {
  return field.type ?? 'object';
}

function isObject(field: FieldMapping): boolean {
  return kindOf(field) === 'object' || kindOf(field) === 'nested';
}

/** Takes any object as it is. */
function isOpaque(field: FieldMapping): boolean {
  return field.enabled === false || kindOf(field) === 'flattened';
}

/** A keyword that refuses values over 32,766 bytes, where long text is to be expected. */
function isTooShort(want: FieldMapping, has: FieldMapping): boolean {
  return want.type === 'text' && want.fields === undefined && has.type === 'keyword' && has.ignore_above === undefined;
}

/** An update must repeat the type of an object that is not a plain one. */
function typeOf(field: FieldMapping): { readonly type?: string } {
  return field.type === undefined || field.type === 'object' ? {} : { type: field.type };
}
