import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { Spec } from '../test/support/connector-api-spec.js';

// node --import tsx scripts/generate-connector-api-spec.ts CHECKOUT COMMIT
// Takes what Elastic publishes about the Connector API (github.com/elastic/elasticsearch-specification, Apache-2.0)
// out of a checkout of it, and writes it to test/support/connector-api-spec.json.

const [, , checkout, commit] = process.argv;
if (checkout === undefined || commit === undefined) throw new Error('expected CHECKOUT COMMIT');

const root = join(checkout, 'specification');
const target = new URL('../test/support/connector-api-spec.json', import.meta.url);

const simple: Readonly<Record<string, string>> = {
  long: 'integer',
  integer: 'integer',
  double: 'number',
  float: 'number',
  UserDefinedValue: 'any',
};

type Declaration = ts.InterfaceDeclaration | ts.ClassDeclaration | ts.TypeAliasDeclaration | ts.EnumDeclaration;

const declarations = new Map<string, Declaration>();
const used = new Map<string, Spec>();

function read(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
}

function declarationsIn(file: ts.SourceFile): readonly Declaration[] {
  return file.statements.filter(
    (one): one is Declaration =>
      ts.isInterfaceDeclaration(one) ||
      ts.isClassDeclaration(one) ||
      ts.isTypeAliasDeclaration(one) ||
      ts.isEnumDeclaration(one),
  );
}

for (const path of [
  '_types/common.ts',
  '_types/Time.ts',
  '_types/Result.ts',
  '_types/Base.ts',
  '_spec_utils/utils.ts',
  'connector/_types/Connector.ts',
  'connector/_types/SyncJob.ts',
]) {
  for (const one of declarationsIn(read(join(root, path)))) {
    if (one.name !== undefined) declarations.set(one.name.text, one);
  }
}

function membersOf(nodes: readonly ts.Node[]): Readonly<Record<string, Spec>> {
  const found: Record<string, Spec> = {};
  for (const node of nodes) {
    if (!(ts.isPropertySignature(node) || ts.isPropertyDeclaration(node)) || node.type === undefined) continue;
    const optional = node.questionToken === undefined ? '' : '?';
    found[node.name.getText() + optional] = specOf(node.type);
  }
  return found;
}

function specOf(node: ts.TypeNode): Spec {
  if (node.kind === ts.SyntaxKind.StringKeyword) return 'string';
  if (node.kind === ts.SyntaxKind.BooleanKeyword) return 'boolean';
  if (ts.isArrayTypeNode(node)) return { list: specOf(node.elementType) };
  if (ts.isUnionTypeNode(node)) return { anyOf: node.types.map(specOf) };
  if (ts.isTypeLiteralNode(node)) return { members: membersOf(node.members) };
  if (ts.isLiteralTypeNode(node)) {
    const text = node.literal.getText();
    return text === 'null' ? 'null' : { literal: ts.isStringLiteral(node.literal) ? node.literal.text : Number(text) };
  }
  if (!ts.isTypeReferenceNode(node)) throw new Error(`Cannot read ${node.getText()}`);
  const name = node.typeName.getText();
  const [first, second] = node.typeArguments ?? [];
  if (name === 'WithNullValue' && first !== undefined) return { anyOf: [specOf(first), 'null'] };
  if (name === 'Dictionary' && second !== undefined) return { dictionary: specOf(second) };
  if (name === 'EpochTime') return 'integer';
  const known = simple[name];
  if (known !== undefined) return known;
  if (!used.has(name)) {
    used.set(name, name);
    const declaration = declarations.get(name);
    if (declaration === undefined) throw new Error(`Cannot find the type ${name}`);
    used.set(name, declared(declaration));
  }
  return name;
}

function declared(one: Declaration): Spec {
  if (ts.isTypeAliasDeclaration(one)) return specOf(one.type);
  if (ts.isEnumDeclaration(one)) {
    return {
      anyOf: one.members.map(({ name, initializer }) => ({
        literal: initializer !== undefined && ts.isStringLiteral(initializer) ? initializer.text : name.getText(),
      })),
    };
  }
  return { members: membersOf(one.members) };
}

interface Endpoint {
  readonly name: string;
  readonly urls: readonly { readonly path: string; readonly methods: readonly string[] }[];
  readonly query: Readonly<Record<string, Spec>>;
  /** Absent: none is taken. */
  readonly body?: Spec;
  readonly isBodyOptional?: true;
  readonly response: Spec;
}

function endpoint(folder: string): Endpoint {
  const files = readdirSync(join(root, 'connector', folder)).filter((name) => name.endsWith('.ts'));
  const part = (ending: string) => {
    const file = files.find((name) => name.endsWith(ending));
    if (file === undefined) throw new Error(`Cannot find the ${ending} of ${folder}`);
    const found = declarationsIn(read(join(root, 'connector', folder, file)))[0];
    if (found === undefined || !(ts.isInterfaceDeclaration(found) || ts.isClassDeclaration(found))) {
      throw new Error(`Cannot read the ${ending} of ${folder}`);
    }
    const nodes: readonly ts.Node[] = found.members;
    return (name: string) =>
      nodes.find(
        (one): one is ts.PropertySignature | ts.PropertyDeclaration =>
          (ts.isPropertySignature(one) || ts.isPropertyDeclaration(one)) && one.name.getText() === name,
      );
  };
  const request = part('Request.ts');
  const urls = request('urls')?.type;
  if (urls === undefined || !ts.isTupleTypeNode(urls)) throw new Error(`Cannot read the urls of ${folder}`);
  const query = request('query_parameters')?.type;
  const body = request('body');
  const response = part('Response.ts')('body')?.type;
  return {
    name: `connector.${folder}`,
    urls: urls.elements.map((url) => {
      const text = url.getText();
      return {
        path: /path: '([^']+)'/.exec(text)?.[1] ?? '',
        methods: [...(/methods: \[([^\]]+)\]/.exec(text)?.[1] ?? '').matchAll(/'([A-Z]+)'/g)].map(
          ([, method]) => method ?? '',
        ),
      };
    }),
    query: query !== undefined && ts.isTypeLiteralNode(query) ? membersOf(query.members) : {},
    ...(body?.type !== undefined && { body: specOf(body.type) }),
    ...(body?.questionToken !== undefined && { isBodyOptional: true as const }),
    response: response === undefined ? { members: {} } : specOf(response),
  };
}

const endpoints = readdirSync(join(root, 'connector'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_') && !entry.name.startsWith('secret_'))
  .map(({ name }) => name)
  .sort()
  .map(endpoint);

const lines = [
  '{',
  `"source": "https://github.com/elastic/elasticsearch-specification, specification/connector, taken out by scripts/generate-connector-api-spec.ts",`,
  `"commit": ${JSON.stringify(commit)},`,
  `"license": "Apache-2.0, Copyright Elasticsearch B.V.",`,
  '"endpoints": [',
  endpoints.map((one) => JSON.stringify(one)).join(',\n'),
  '],',
  '"types": {',
  [...used]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, spec]) => `${JSON.stringify(name)}: ${JSON.stringify(spec)}`)
    .join(',\n'),
  '}',
  '}',
  '',
];
writeFileSync(target, lines.join('\n'));
