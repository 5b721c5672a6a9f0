import { readFileSync } from 'node:fs';

/**
 * A type of the specification, as `scripts/generate-connector-api-spec.ts` writes it: the name of a simple one or of one in
 * `types`, or what it is made of. A name that ends in `?` may be missing.
 */
export type Spec =
  | string
  | { readonly literal: string | number }
  | { readonly list: Spec }
  | { readonly dictionary: Spec }
  | { readonly anyOf: readonly Spec[] }
  | { readonly members: Readonly<Record<string, Spec>> };

export interface Endpoint {
  readonly name: string;
  readonly urls: readonly { readonly path: string; readonly methods: readonly string[] }[];
  readonly query: Readonly<Record<string, Spec>>;
  readonly body?: Spec;
  readonly isBodyOptional?: true;
  readonly response: Spec;
}

interface Specification {
  readonly endpoints: readonly Endpoint[];
  readonly types: Readonly<Record<string, Spec>>;
}

const { endpoints, types } = JSON.parse(
  readFileSync(new URL('./connector-api-spec.json', import.meta.url), 'utf8'),
) as Specification;

/** What the specification says otherwise than Elasticsearch does, with where that is seen. */
const beside: Readonly<Record<string, readonly unknown[]>> = {
  // Elastic's own connectors write it, and Elasticsearch takes it.
  DisplayType: ['text'],
};

/** The endpoint of a request and the ids in its path; `undefined` if the specification has none. */
export function endpointOf(
  method: string,
  path: string,
): { readonly endpoint: Endpoint; readonly ids: Readonly<Record<string, string>> } | undefined {
  const parts = path.split('/');
  const found = endpoints.flatMap((endpoint) =>
    endpoint.urls.flatMap((url) => {
      const wanted = url.path.split('/');
      if (!url.methods.includes(method) || wanted.length !== parts.length) return [];
      const ids: Record<string, string> = {};
      const fits = wanted.every((part, position) => {
        const given = parts[position] ?? '';
        if (!part.startsWith('{')) return part === given;
        ids[part.slice(1, -1)] = decodeURIComponent(given);
        return given !== '';
      });
      return fits ? [{ endpoint, ids }] : [];
    }),
  );
  // "/_connector/_sync_job" is also a connector of that id.
  return found.toSorted((one, other) => Object.keys(one.ids).length - Object.keys(other.ids).length)[0];
}

/** What is wrong with a request, each with the place of it. */
export function requestProblems(
  { name, query, body: spec, isBodyOptional }: Endpoint,
  given: { readonly query: Readonly<Record<string, string>>; readonly body: string },
): readonly string[] {
  const problems: string[] = [];
  for (const [key, value] of Object.entries(given.query)) {
    const type = query[key] ?? query[`${key}?`];
    if (type === undefined) problems.push(`${name}: the query parameter ${key} is not known`);
    else if (problemsOf(value, type, '').length > 0) {
      problems.push(...problemsOf(fromQuery(value), type, `${name}?${key}`));
    }
  }
  if (given.body === '') {
    if (spec !== undefined && isBodyOptional !== true) problems.push(`${name}: the body is missing`);
    return problems;
  }
  if (spec === undefined) return [...problems, `${name}: a body is not known`];
  return [...problems, ...problemsOf(JSON.parse(given.body), spec, name)];
}

/** What is wrong with an answer. */
export function responseProblems({ name, response }: Endpoint, body: unknown): readonly string[] {
  return problemsOf(body, response, `answer of ${name}`);
}

function problemsOf(value: unknown, spec: Spec, at: string): readonly string[] {
  if (typeof spec === 'string') {
    if (beside[spec]?.includes(value)) return [];
    const type = types[spec];
    return type === undefined ? simpleProblems(value, spec, at) : problemsOf(value, type, at);
  }
  if ('literal' in spec) return value === spec.literal ? [] : [`${at} is ${shown(value)}, expected ${spec.literal}`];
  if ('anyOf' in spec) {
    const tried = spec.anyOf.map((one) => problemsOf(value, one, at));
    return tried.some((problems) => problems.length === 0) ? [] : [tried.flat().join(' or ')];
  }
  if ('list' in spec) {
    if (!Array.isArray(value)) return [`${at} is ${shown(value)}, expected a list`];
    return value.flatMap((one, position) => problemsOf(one, spec.list, `${at}[${position}]`));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [`${at} is ${shown(value)}, expected an object`];
  }
  const found = Object.entries(value);
  if ('dictionary' in spec) return found.flatMap(([key, one]) => problemsOf(one, spec.dictionary, `${at}.${key}`));
  const missing = Object.keys(spec.members).filter((key) => !key.endsWith('?') && !(key in value));
  return [
    ...missing.map((key) => `${at}.${key} is missing`),
    ...found.flatMap(([key, one]) => {
      const type = spec.members[key] ?? spec.members[`${key}?`];
      return type === undefined ? [`${at}.${key} is not known`] : problemsOf(one, type, `${at}.${key}`);
    }),
  ];
}

function simpleProblems(value: unknown, name: string, at: string): readonly string[] {
  const is: Readonly<Record<string, boolean>> = {
    any: true,
    null: value === null,
    string: typeof value === 'string',
    boolean: typeof value === 'boolean',
    number: typeof value === 'number',
    integer: Number.isSafeInteger(value),
  };
  const fits = is[name];
  if (fits === undefined) throw new Error(`The specification has no type ${name}`);
  return fits ? [] : [`${at} is ${shown(value)}, expected ${name}`];
}

/** Everything in an address is text. */
function fromQuery(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d{1,9}$/.test(text) ? Number(text) : text;
}

function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, 80);
}
