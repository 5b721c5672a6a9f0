import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { EMPTY, lastValueFrom, of, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import { bulkFileTarget } from '../../src/app/bulk-file-target.js';
import { dryRunTarget } from '../../src/app/dry-run-target.js';
import { localIndexTarget } from '../../src/app/local-index-target.js';
import { systemClock } from '../../src/core/clock.js';
import { makeTarget } from '../../src/app/make-target.js';
import type { Target } from '../../src/app/target.js';
import { enveloped, index, remove } from '../sinks/operations.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { suite } from '../support/suite.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';

const { signal } = new AbortController();
const members = { type: 'file', name: 'a.txt', path: '/a.txt', parent: { id: '7' }, owned_by: { id: '11' } };

function write({ sink }: Target, operations: Parameters<typeof enveloped>[0]): Promise<readonly string[]> {
  return lastValueFrom(of(enveloped(operations)).pipe(sink, toArray())).then((all) =>
    all.map(({ outcome }) => outcome.kind),
  );
}

suite('targets that are files', (test) => {
  for (const [what, make] of [
    ['local index', (path: string) => localIndexTarget({ path })],
    ['bulk file', (path: string) => bulkFileTarget({ path }, {})],
  ] as const) {
    test(`${what}: prepare makes it once, and tells one made later from it`, () =>
      inTemporaryFolder(async (folder) => {
        const path = join(folder, 'below', 'target');
        const target = make(path);
        assert.equal(await target.look(signal), { uuid: '', created: true });
        const first = await target.prepare(signal);
        assert.is(first.created, true);
        assert.is.not(first.uuid, '');
        assert.equal(await target.look(signal), { uuid: first.uuid, created: false });
        assert.equal(await target.prepare(signal), { uuid: first.uuid, created: false });
        rmSync(path);
        assert.is((await target.look(signal)).created, true);
        assert.match(target.name, /target/);
        await target.close();
      }));
  }

  test('the local index counts and reads back what was written', () =>
    inTemporaryFolder(async (folder) => {
      const target = localIndexTarget({ path: join(folder, 'index') });
      await target.prepare(signal);
      assert.equal(await write(target, [index('1', members), index('2', members), remove('2')]), [
        'written',
        'written',
        'deleted',
      ]);
      assert.is(await target.count(signal), 1);
      const pages = await lastValueFrom((target.documents?.(true) ?? EMPTY).pipe(toArray()));
      assert.equal(
        pages.flatMap(({ documents }) => documents),
        [
          {
            documentId: '1',
            type: 'file',
            id: '1',
            parent: '7',
            viewer: '11',
            version: { signature: 's-1', content: 'c-1' },
          },
        ],
      );
    }));

  test('the bulk file grows by what each run sends', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'bulk.ndjson');
      const target = bulkFileTarget({ path }, { index: 'i' });
      await target.prepare(signal);
      await write(target, [index('1', members)]);
      await write(target, [remove('1')]);
      const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
      assert.is(lines.length, 3);
      assert.equal(JSON.parse(lines[0]!), { index: { _index: 'i', _id: '1' } });
      assert.equal(JSON.parse(lines[2]!), { delete: { _index: 'i', _id: '1' } });
    }));

  test('a dry run writes to the stream, and nothing to the target', () =>
    inTemporaryFolder(async (folder) => {
      const real = localIndexTarget({ path: join(folder, 'index') });
      const out = new PassThrough();
      const target = dryRunTarget(real, out, {});
      assert.is((await target.prepare(signal)).created, true);
      assert.is(await target.count(signal), 0);
      assert.equal(await write(target, [index('1', members)]), ['written']);
      assert.is((await real.look(signal)).created, true, 'still not there');
      const [action] = String(out.read()).split('\n');
      assert.equal(JSON.parse(action!), { index: { _id: '1' } });
      assert.match(target.name, /^standard output, in place of the local index/);
    }));

  test('makeTarget makes what the configuration names', () =>
    inTemporaryFolder(async (folder) => {
      const deps = { clock: systemClock, random: () => 0, log: { warn: () => {} }, version: '0' };
      const path = join(folder, 'target');
      const names: string[] = [];
      for (const sections of [
        { sink: 'local_index', local_index: { path } },
        { sink: 'bulk_file', bulk_file: { path } },
        { sink: 'elasticsearch', index: 'search-box' },
      ]) {
        const { config } = loadTestConfig(sections);
        for (const dryRun of [null, new PassThrough()]) {
          const target = await makeTarget(deps, config, dryRun);
          names.push(target.name);
          await target.close();
        }
      }
      const inPlaceOf = 'standard output, in place of ';
      const plain = [`the local index "${path}"`, `the file "${path}"`, 'the index "search-box"'];
      assert.equal(
        names,
        plain.flatMap((name) => [name, `${inPlaceOf}${name}`]),
      );
    }));
});
