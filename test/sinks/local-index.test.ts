import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, of, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import { localIndex } from '../../src/sinks/local-index.js';
import type { Operation } from '../../src/sinks/operation.js';
import { readLocalIndex } from '../../src/sinks/read-local-index.js';
import { searchLocalIndex } from '../../src/sinks/local-search.js';
import { hostileTexts } from '../support/hostile-texts.js';
import { suite } from '../support/suite.js';
import { sinkConformance } from './conformance.js';
import { enveloped, index, remove, update } from './operations.js';

sinkConformance('localIndex', {
  knowsMissing: true,
  make: () => {
    const folder = mkdtempSync(join(tmpdir(), 'local-index-'));
    const path = join(folder, 'data', 'index.sqlite');
    return Promise.resolve({
      sink: localIndex({ path }),
      documents: () => Promise.resolve(new Map([...readLocalIndex(path)].map(({ id, document }) => [id, document]))),
      close: () => rm(folder, { recursive: true }),
    });
  },
});

suite('localIndex()', (test) => {
  const folder = mkdtempSync(join(tmpdir(), 'local-index-'));
  const path = join(folder, 'index.sqlite');
  const run = (...operations: Operation[]) =>
    lastValueFrom(of(enveloped(operations)).pipe(localIndex({ path }), toArray()));
  const read = (id: string) => [...readLocalIndex(path)].find((found) => found.id === id)?.document;
  test.after(() => rmSync(folder, { recursive: true }));

  test('takes the text out of raw content that is text, and drops other raw content', async () => {
    const attachment = (bytes: Buffer) => ({ content: `"_attachment":"${bytes.toString('base64')}"` });
    await run(
      index('1', { name: 'a.txt' }, attachment(Buffer.from('Grüße'))),
      index('2', { name: 'a.pdf' }, attachment(Buffer.from([0x25, 0xff, 0xfe, 0]))),
    );
    assert.is(read('1')?.['body'], 'Grüße');
    assert.is(read('1')?.['_attachment'], undefined);
    assert.is(read('2')?.['body'], undefined);
    assert.is(read('2')?.['_attachment'], undefined);
  });

  test('a document that is no JSON object is rejected, the others are written', async () => {
    const settled = await run({ ...index('3', {}), source: '{"name":' }, index('4', { name: 'fine' }));
    assert.equal(
      settled.map(({ outcome }) => outcome.kind),
      ['rejected', 'written'],
    );
    assert.is(read('3'), undefined);
  });

  test('texts that SQLite cannot keep come back as they were, by index, update and search, and go', async () => {
    const hostile = hostileTexts.map((text) => ({
      id: `h${text}`,
      name: text,
      path: `/${text}`,
      url: text,
      tags: [text],
    }));
    const all = () => new Map([...readLocalIndex(path)].map(({ id, document }) => [id, document]));
    await run(...hostile.map((document) => index(document.id, document, { body: `${document.name} needle` })));
    const found = all();
    for (const document of hostile) {
      const { _sync: sync, ...members } = found.get(document.id) ?? {};
      assert.equal(members, { ...document, body: `${document.name} needle` });
      assert.is((sync as { signature?: string } | undefined)?.signature, `s-${document.id}`);
    }
    await run(...hostile.map(({ id, name }) => update(id, { description: name })));
    const updated = all();
    for (const { id, name } of hostile) assert.is(updated.get(id)?.['description'], name);
    const hits = searchLocalIndex(path, 'needle', { limit: 100 });
    assert.equal(hits.map(({ url }) => url).sort(), [...hostileTexts].sort());
    assert.equal(
      searchLocalIndex(path, 'middle').map(({ name }) => name),
      ['in the \0 middle'],
    );
    await run(...hostile.map(({ id }) => remove(id)));
    const left = all();
    assert.equal(
      hostile.filter(({ id }) => left.has(id)),
      [],
    );
  });

  test('the file is for its owner only', () => {
    assert.is(statSync(path).mode & 0o777, 0o600);
  });

  test('a file that is something else is refused with its path', async () => {
    const other = join(folder, 'notes.txt');
    writeFileSync(other, 'no database, but long enough to look like something else than an empty file'.repeat(20));
    const error = await lastValueFrom(of(enveloped([index('1', {})])).pipe(localIndex({ path: other }))).catch(
      (failure: unknown) => failure,
    );
    assert.match(
      String(error),
      /Cannot read ".*notes\.txt": the file is damaged .*name another file in "local_index.path"/,
    );
    assert.throws(() => [...readLocalIndex(join(folder, 'none'))], /there is no such file/);
  });
});
