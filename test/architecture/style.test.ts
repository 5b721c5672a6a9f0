import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import * as assert from 'uvu/assert';
import { importsOf } from '../support/imports-of.js';
import { projectFolder, sourceFiles } from '../support/source-files.js';
import { suite } from '../support/suite.js';

/** Files with code that no test imports, each with the reason: what tests it instead. */
const testedElsewhere: Readonly<Record<string, string>> = {
  'main.ts': 'test/e2e runs the built program',
  'service/connector-command.ts': 'test/e2e/connector-command.test.ts runs the built program',
  'service/serve-command.ts': 'test/e2e/service.test.ts runs the built program as the service',
};

/** How many arguments an operator needs until it has its concurrency. */
const argumentsWithConcurrency: Readonly<Record<string, number>> = {
  mergeMap: 2,
  flatMap: 2,
  mergeAll: 1,
  mergeScan: 3,
};

interface Parsed {
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

suite(
  'style',
  (test) => {
    let files: readonly Parsed[] = [];
    test.before(() => {
      files = sourceFiles().map(({ path, text }) => ({
        path,
        text,
        tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true),
      }));
    });

    /** Places of the nodes for which `isFault` holds, as `file:line what`. */
    const faults = (isFault: (node: ts.Node, file: Parsed) => boolean): string[] => {
      const found: string[] = [];
      for (const file of files) {
        const visit = (node: ts.Node): void => {
          if (isFault(node, file)) found.push(place(file, node));
          ts.forEachChild(node, visit);
        };
        visit(file.tree);
      }
      return found;
    };

    test('every merging operator has a concurrency, and a finite one', () => {
      let calls = 0;
      const without = faults((node) => {
        if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return false;
        const needed = argumentsWithConcurrency[node.expression.text];
        if (needed === undefined) return false;
        calls += 1;
        return (
          node.arguments[needed - 1]?.getText().replace('Number.', '') === 'Infinity' || node.arguments.length < needed
        );
      });
      assert.ok(calls > 0, 'no merging operator was recognised');
      assert.equal(without, []);
    });

    test('only main.ts reads process', () => {
      const readers = faults(
        (node, { path }) =>
          path !== 'main.ts' &&
          ((ts.isPropertyAccessExpression(node) && isNamed(node.expression, 'process')) ||
            (ts.isElementAccessExpression(node) && isNamed(node.expression, 'process')) ||
            (ts.isImportDeclaration(node) && /'(node:)?process'/.test(node.moduleSpecifier.getText()))),
      );
      assert.equal(readers, []);
    });

    test('JSON beside a database is made and read by what keeps every text of Box whole', () => {
      const isBeside = ({ path, text }: Parsed) =>
        path !== 'state/sqlite-json.ts' && /from '[^']*\/(sqlite-database|local-index-file)\.js'/.test(text);
      assert.ok(files.filter(isBeside).length > 8, 'no file beside a database was recognised');
      const makers = faults(
        (node, file) =>
          ts.isPropertyAccessExpression(node) &&
          isNamed(node.expression, 'JSON') &&
          // What a sink is given was not made for the database.
          !(node.name.text === 'parse' && file.path === 'sinks/local-index.ts') &&
          isBeside(file),
      );
      assert.equal(makers, [], 'toSqlJson and fromSqlJson are for this');
    });

    test('no request to Elasticsearch goes without the policy: clients are made from a configured connection', () => {
      const inSource = (node: ts.Node, name: string) =>
        (ts.isNewExpression(node) || ts.isCallExpression(node)) && isNamed(node.expression, name);
      assert.equal(
        faults((node) => inSource(node, 'Client')).map((found) => found.split(':')[0]),
        ['sinks/elasticsearch-client.ts'],
      );
      const made = faults((node) => inSource(node, 'elasticsearchClient'));
      assert.ok(made.length >= 4, 'no client was recognised');
      const policed = files.filter(({ text }) => text.includes('elasticsearchClient('));
      const without = policed.filter(({ text }) => !text.includes('elasticsearchConnection('));
      assert.equal(
        without.map(({ path }) => path),
        ['sinks/elasticsearch-client.ts'],
      );
      const once = faults(
        (node) =>
          ts.isPropertyAssignment(node) && node.name.getText() === 'maxRetries' && node.initializer.getText() === '0',
      );
      assert.equal(
        once.map((found) => found.split(':')[0]),
        ['sinks/elasticsearch-client.ts', 'sinks/elasticsearch-client.ts'],
        "the client's own retries are off, and only the bulk sink repeats by itself",
      );
    });

    test('nothing is exported as default', () => {
      const found = faults(
        (node) =>
          ts.isExportAssignment(node) ||
          (node.kind === ts.SyntaxKind.DefaultKeyword &&
            ts.canHaveModifiers(node.parent) &&
            !ts.isDefaultClause(node.parent)),
      );
      assert.equal(found, []);
    });

    test('no any, and no check is silenced', () => {
      assert.equal(
        faults((node) => node.kind === ts.SyntaxKind.AnyKeyword || ts.isNonNullExpression(node)),
        [],
      );
      assert.equal(
        files.filter(({ text }) => /@ts-(ignore|nocheck|expect-error)/.test(text)).map(({ path }) => path),
        [],
      );
    });

    test('no file is named after nothing in particular', () => {
      const vague = /^(utils?|helpers?|common|types?|misc|shared|constants)\.ts$/;
      assert.equal(
        files
          .map(({ path }) => path)
          .filter((path) => path.split('/').some((part) => vague.test(part) || vague.test(`${part}.ts`))),
        [],
      );
      assert.equal(
        files.map(({ path }) => basename(path)).filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(name)),
        [],
      );
    });

    test('each file with code is tested, by itself or as a part of something in its room that is', () => {
      const tested = filesWithTests(files);
      const untested = files
        .filter((file) => hasCode(file) && !tested.has(file.path) && !(file.path in testedElsewhere))
        .map(({ path }) => path);
      assert.equal(untested, [], 'write a test, or give the reason in this file');
      const gone = Object.keys(testedElsewhere).filter(
        (path) => !files.some((file) => file.path === path) || tested.has(path),
      );
      assert.equal(gone, [], 'reasons that are not needed any more');
    });
  },
  { timeoutMs: 30_000 },
);

function place({ path, text }: Parsed, node: ts.Node): string {
  const line = text.slice(0, node.getStart()).split('\n').length;
  return `${path}:${line} ${node.getText().split('\n')[0]?.slice(0, 60) ?? ''}`;
}

function isNamed(node: ts.Node, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name;
}

/** Exports something that runs: a function, a class, or a constant that is a function. */
function hasCode({ tree }: Parsed): boolean {
  return tree.statements.some((statement) => {
    const isExported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (!isExported) return false;
    if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) return true;
    return (
      ts.isVariableStatement(statement) &&
      statement.declarationList.declarations.some(
        ({ initializer }) =>
          initializer !== undefined && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer)),
      )
    );
  });
}

/** Those that a test imports, and the parts of the same room that these are made of. */
function filesWithTests(files: readonly Parsed[]): ReadonlySet<string> {
  const room = (path: string) => path.split('/')[0];
  const parts = new Map(
    files.map((file) => [
      file.path,
      importsOf(file)
        .filter(({ isPackage, onlyTypes, to }) => !isPackage && !onlyTypes && room(to) === room(file.path))
        .map(({ to }) => to),
    ]),
  );
  const tested = new Set<string>();
  const mark = (path: string): void => {
    if (tested.has(path)) return;
    tested.add(path);
    for (const part of parts.get(path) ?? []) mark(part);
  };
  for (const path of importedByTests()) mark(path);
  return tested;
}

/** Files of `src` (below it) that a test file imports. */
function importedByTests(): readonly string[] {
  const tests = readdirSync(join(projectFolder, 'test'), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.test.ts') && !path.startsWith('architecture/'));
  return tests.flatMap((path) =>
    importsOf({ path: `test/${path}`, text: readFileSync(join(projectFolder, 'test', path), 'utf8') })
      .filter(({ to, onlyTypes }) => to.startsWith('src/') && !onlyTypes)
      .map(({ to }) => to.slice('src/'.length)),
  );
}
