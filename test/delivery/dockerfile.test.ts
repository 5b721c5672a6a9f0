import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as assert from 'uvu/assert';
import { leaves } from '../../src/config/leaves.js';
import { imageFacts, manifest, readDelivered } from '../support/delivered.js';
import { parseDockerfile } from '../support/dockerfile.js';
import { projectFolder } from '../support/source-files.js';
import { suite } from '../support/suite.js';

interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Folders of `node_modules` that a package needs, with its own: `libsql`, `@libsql`. */
function foldersNeededBy(names: readonly string[]): readonly string[] {
  const { packages } = JSON.parse(readDelivered('package-lock.json')) as { packages: Record<string, Locked> };
  const found = new Set<string>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    const { dependencies, optionalDependencies } = packages[`node_modules/${name}`] ?? {};
    queue.push(...Object.keys({ ...dependencies, ...optionalDependencies }));
  }
  return [...new Set([...found].map((name) => (name.startsWith('@') ? (name.split('/')[0] ?? '') : name)))].sort();
}

suite('Dockerfile', (test) => {
  const { stages } = parseDockerfile(readDelivered('Dockerfile'));
  const { stage: image, command, volumes, user, configPath } = imageFacts();
  const copies = stages.flatMap(({ instructions }) => instructions).filter(({ keyword }) => keyword === 'COPY');

  test('copies what there is, and .dockerignore lets it in and nothing else', () => {
    const copied = copies
      .filter(({ rest }) => !rest.startsWith('--from'))
      .flatMap(({ rest }) => rest.split(' ').slice(0, -1));
    assert.ok(copied.length > 3);
    assert.equal(
      copied.filter((path) => !existsSync(join(projectFolder, path))),
      [],
    );
    const [all, ...allowed] = readDelivered('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    assert.is(all, '*');
    assert.equal(allowed.sort(), copied.map((path) => `!${path}`).sort());
  });

  test('stands on an exact version of Node that the program runs on', () => {
    const oldest = /^>=(\d+)\.(\d+)$/.exec(manifest().engines.node)?.slice(1).map(Number) ?? [];
    for (const { base } of stages) {
      const [major = 0, minor = 0] = /^node:(\d+)\.(\d+)\.\d+-\w+-slim$/.exec(base)?.slice(1).map(Number) ?? [];
      assert.ok(major > (oldest[0] ?? NaN) || (major === oldest[0] && minor >= (oldest[1] ?? NaN)), base);
    }
  });

  test('has the packages that are not in the bundle, and what these need', () => {
    const listed = /const native = \[(.*)\]/.exec(readDelivered('scripts/build.mjs'))?.[1] ?? '';
    const native = [...listed.matchAll(/'([^']+)'/g)].map(([, name]) => name ?? '');
    assert.equal(native, ['libsql']);
    const brought = copies.flatMap(({ rest }) => /^--from=build \S+\/node_modules\/(\S+) /.exec(rest)?.[1] ?? []);
    assert.equal(brought.sort(), foldersNeededBy(native));
  });

  test('says of itself what package.json says', () => {
    const { name, version, license, description } = manifest();
    const labels = image.instructions.find(({ keyword }) => keyword === 'LABEL')?.rest ?? '';
    assert.match(labels, `image.title="${name}"`);
    assert.match(labels, `image.version="${version}"`);
    assert.match(labels, `image.licenses="${license}"`);
    const [, said = ''] = /image\.description="([^"]+)"/.exec(labels) ?? [];
    assert.ok(said !== '' && description.startsWith(said), said);
  });

  test("is called as Elastic's image is", () => {
    assert.equal(command, ['/app/bin/elastic-ingest', '-c', '/config/config.yml']);
    assert.is(configPath, '/config/config.yml');
    const entry = image.instructions.find(({ keyword }) => keyword === 'ENTRYPOINT');
    assert.is(entry?.rest, '[]', 'the base image has one of its own');
  });

  test('keeps the state where the default of state.path is', () => {
    assert.equal(volumes, ['/data']);
    assert.is(leaves.get('state.path')?.default, './data');
    assert.ok(image.instructions.some(({ keyword, rest }) => keyword === 'WORKDIR' && rest === '/app'));
    assert.ok(image.instructions.some(({ keyword, rest }) => keyword === 'RUN' && rest.includes('ln -s /data data')));
  });

  test('runs as a user by number, as Kubernetes wants to see it', () => {
    assert.match(user, /^[1-9]\d*:[1-9]\d*$/);
  });

  test('is built by "make image" under the name that the other files have', () => {
    const { name, version } = manifest();
    const tag = /^IMAGE \?= (\S+)$/m.exec(readDelivered('Makefile'))?.[1];
    assert.is(tag, `${name}:${version}`);
    for (const path of ['compose.yaml', 'deploy/kubernetes.yaml']) {
      const used = [...readDelivered(path).matchAll(/image: (\S+)/g)].map(([, image]) => image ?? '');
      const ours = used.filter((one) => basename(one).startsWith(`${name}:`));
      assert.ok(ours.length > 0, path);
      assert.equal([...new Set(ours)], [tag], path);
    }
  });

  test('ignores no file that would hold a secret, since it ignores all', () => {
    const ignored = readFileSync(join(projectFolder, '.gitignore'), 'utf8').split('\n');
    assert.ok(ignored.includes('.env'), 'the passwords for compose.yaml are not for the repository');
  });
});
