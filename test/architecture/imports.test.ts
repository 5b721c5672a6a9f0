import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { importsOf } from '../support/imports-of.js';
import { projectFolder, sourceFiles } from '../support/source-files.js';
import { suite } from '../support/suite.js';

/** What each room may import besides itself. A room is a folder of `src`, or a file directly in it. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  core: [],
  box: ['core'],
  state: ['core', 'box'],
  extractors: ['core', 'box'],
  // These three know nothing of one another, but for the types that pass between them (see `shared`).
  sources: ['core', 'box', 'state'],
  operators: ['core', 'box', 'state', 'extractors'],
  sinks: ['core', 'box', 'state'],
  'pipeline.ts': ['core', 'box', 'state', 'extractors', 'sources', 'operators', 'sinks'],
  config: ['core'],
  // What an operator watches from outside: it reads the counts of the others, which know nothing of it.
  endpoint: ['core', 'box', 'state', 'sinks'],
  // A Box on loopback, which the product does not know.
  simulator: ['core'],
  app: [
    ...['core', 'box', 'state', 'extractors', 'sources', 'operators', 'sinks', 'pipeline.ts', 'config'],
    ...['endpoint', 'simulator'],
  ],
  // A job of the service is one run, as the command makes it.
  service: ['core', 'box', 'state', 'operators', 'sinks', 'config', 'endpoint', 'app'],
  'main.ts': ['core', 'app', 'service'],
  'index.ts': ['core', 'box', 'state', 'extractors', 'sources', 'operators', 'sinks', 'pipeline.ts'],
};

/** Types that may be imported where the room may not: the nouns on the way from a source to a sink. */
const shared = ['sources/change.ts', 'sinks/operation.ts'];

const roomOf = (path: string): string => (path.includes('/') ? path.slice(0, path.indexOf('/')) : path);

suite('imports', (test) => {
  const files = sourceFiles();
  const paths = new Set(files.map(({ path }) => path));
  const imports = files.flatMap(importsOf);
  const inside = imports.filter(({ isPackage }) => !isPackage);

  test('every file is in a known room, and every import leads to a file', () => {
    assert.ok(inside.length > 100, `only ${inside.length} imports were recognised`);
    assert.equal(
      [...paths].filter((path) => !(roomOf(path) in rooms)),
      [],
    );
    assert.equal(
      inside.filter(({ to }) => !paths.has(to)).map(({ from, to }) => `${from} imports ${to}`),
      [],
    );
  });

  test('imports go down only', () => {
    const breaches = inside
      .filter(({ from, to }) => roomOf(from) !== roomOf(to))
      .filter(({ from, to }) => !rooms[roomOf(from)]?.includes(roomOf(to)))
      .filter(({ from, to, onlyTypes }) => !(onlyTypes && shared.includes(to) && isOnTheWay(from)))
      .map(({ from, to }) => `${from} imports ${to}`);
    assert.equal(breaches, []);
  });

  test('no file needs itself when it is loaded, not even by way of others', () => {
    const targets = new Map<string, string[]>();
    for (const { from, to } of inside.filter(({ onlyTypes }) => !onlyTypes))
      targets.set(from, [...(targets.get(from) ?? []), to]);
    assert.equal(cycles(targets), []);
  });

  test('every imported package is a dependency, and every dependency is imported', () => {
    const manifest = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const used = imports
      .filter(({ to, isPackage }) => isPackage && !to.startsWith('node:'))
      .map(({ to }) =>
        to
          .split('/')
          .slice(0, to.startsWith('@') ? 2 : 1)
          .join('/'),
      );
    assert.equal([...new Set(used)].sort(), Object.keys(manifest.dependencies).sort());
  });
});

function isOnTheWay(path: string): boolean {
  return ['sources', 'operators', 'sinks', 'state'].includes(roomOf(path));
}

function cycles(targets: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) {
      found.push([...way.slice(way.indexOf(path)), path].join(' -> '));
      return;
    }
    if (done.has(path)) return;
    for (const next of targets.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return found;
}
