import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { NEVER, Subject, concat, lastValueFrom, of, throwError, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import type { Envelope } from '../../src/core/envelope.js';
import { bulkFile, openBulkFile } from '../../src/sinks/bulk-file.js';
import { isMembers, mergeDeep } from '../../src/sinks/merge-deep.js';
import type { Operation } from '../../src/sinks/operation.js';
import { type TextTarget, newFile, openStream } from '../../src/sinks/text-target.js';
import { suite } from '../support/suite.js';
import { sinkConformance } from './conformance.js';
import { enveloped, index, remove, update } from './operations.js';

/** What Elasticsearch would make of the lines. */
function replay(text: string): Map<string, Readonly<Record<string, unknown>>> {
  const documents = new Map<string, Readonly<Record<string, unknown>>>();
  const lines = text.split('\n').slice(0, -1);
  while (lines.length > 0) {
    const action = JSON.parse(lines.shift()!) as Record<string, { _id: string }>;
    const [kind, { _id: id }] = Object.entries(action)[0]!;
    if (kind === 'delete') documents.delete(id);
    else if (kind === 'index') documents.set(id, JSON.parse(lines.shift()!) as Record<string, unknown>);
    else {
      const { doc } = JSON.parse(lines.shift()!) as { doc: Record<string, unknown> };
      documents.set(id, mergeDeep(documents.get(id) ?? {}, doc));
    }
  }
  assert.ok([...documents.values()].every(isMembers));
  return documents;
}

sinkConformance('bulkFile', {
  knowsMissing: false,
  make: () => {
    const folder = mkdtempSync(join(tmpdir(), 'bulk-file-'));
    const path = join(folder, 'out.ndjson');
    return Promise.resolve({
      sink: bulkFile({ open: () => openBulkFile(path) }),
      documents: () => Promise.resolve(existsSync(path) ? replay(readFileSync(path, 'utf8')) : new Map()),
      close: () => rm(folder, { recursive: true }),
    });
  },
});

suite('bulkFile()', (test) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulk-file-'));
  let files = 0;
  const fresh = () => join(folder, `${(files += 1)}.ndjson`);
  const run = (open: () => Promise<TextTarget>, ...operations: Operation[]) =>
    lastValueFrom(of(enveloped(operations)).pipe(bulkFile({ open }, { index: 'box' }), toArray()));
  test.after(() => rmSync(folder, { recursive: true }));

  test('lines are what _bulk takes', async () => {
    const path = fresh();
    await run(
      () => openBulkFile(path),
      index('1', { name: 'a' }, { body: 'x' }),
      update('2', { name: 'b' }),
      remove('3'),
    );
    assert.equal(readFileSync(path, 'utf8').split('\n'), [
      '{"index":{"_index":"box","_id":"1"}}',
      '{"id":"1","name":"a","body":"x","_sync":{"signature":"s-1","content_version":"c-1"}}',
      '{"update":{"_index":"box","_id":"2","retry_on_conflict":3}}',
      '{"doc":{"id":"2","name":"b","_sync":{"signature":"u-2","content_version":"c-2"}}}',
      '{"delete":{"_index":"box","_id":"3"}}',
      '',
    ]);
    assert.is(statSync(path).mode & 0o777, 0o600);
  });

  test('a growing file keeps what is there and cuts off what was left unfinished', async () => {
    const whole = '{"delete":{"_id":"1"}}\n';
    const cases = [
      '',
      '{"index":{"_id":"2"}}\n',
      '{"index":{"_id":"2"}}\n{"name":"cu',
      '{"upd',
      '{"update":{"_id":"a\\"b","retry_on_conflict":3}}\n',
    ];
    for (const unfinished of cases) {
      const path = fresh();
      writeFileSync(path, whole + unfinished);
      await run(() => openBulkFile(path), remove('3'));
      assert.is(readFileSync(path, 'utf8'), `${whole}{"delete":{"_index":"box","_id":"3"}}\n`, unfinished);
    }
  });

  test('a growing file keeps a last document that is longer than what is looked at', async () => {
    const path = fresh();
    await run(() => openBulkFile(path), index('1', { name: 'x'.repeat(200_000) }));
    appendFileSync(path, 'y'.repeat(150_000));
    await run(() => openBulkFile(path), remove('2'));
    assert.equal([...replay(readFileSync(path, 'utf8')).keys()], ['1']);
  });

  test('a new file appears only when everything is written', async () => {
    const path = fresh();
    const source = new Subject<Envelope<Operation>[]>();
    const done = lastValueFrom(source.pipe(bulkFile({ open: () => newFile(path) }), toArray()));
    while (!source.observed) await new Promise((resolve) => setTimeout(resolve, 1));
    source.next(enveloped([remove('1')]));
    assert.not(existsSync(path));
    source.complete();
    assert.is((await done).length, 1);
    assert.ok(existsSync(path));
    assert.not(existsSync(`${path}.partial`));
  });

  test('a new file does not appear when the source fails', async () => {
    const path = fresh();
    const source = concat(
      of(enveloped([remove('1')])),
      throwError(() => new Error('broke')),
    );
    await lastValueFrom(source.pipe(bulkFile({ open: () => newFile(path) }))).catch(() => {});
    assert.not(existsSync(path));
  });

  test('the next batch waits until the target has taken the one before; the target is closed once', async () => {
    const log: string[] = [];
    let taken = () => {};
    const target: TextTarget = {
      write: (text) => {
        log.push(text.trim());
        return new Promise((resolve) => (taken = resolve));
      },
      close: (complete) => Promise.resolve(void log.push(`close ${complete}`)),
    };
    const emitted: unknown[] = [];
    const source = concat(of(enveloped([remove('1')]), enveloped([remove('2')])), NEVER);
    const tick = () => new Promise((resolve) => setTimeout(resolve, 1));
    const subscription = source
      .pipe(bulkFile({ open: () => Promise.resolve(target) }))
      .subscribe((value) => emitted.push(value));
    await tick();
    assert.equal(log, ['{"delete":{"_id":"1"}}']);
    assert.is(emitted.length, 0);
    taken();
    await tick();
    assert.is(log.length, 2);
    assert.is(emitted.length, 1);
    subscription.unsubscribe();
    await tick();
    assert.equal(log.slice(2), ['close false']);
  });

  test('a stream is written to and left open', async () => {
    const stream = new PassThrough();
    await run(() => Promise.resolve(openStream(stream)), remove('1'));
    assert.is(String(stream.read()), '{"delete":{"_index":"box","_id":"1"}}\n');
    assert.not(stream.writableEnded);
  });

  test('a file that cannot be written is an error with advice', async () => {
    const error = await run(() => openBulkFile(folder), remove('1')).catch((failure: unknown) => failure);
    assert.match(String(error), /PermanentError: Cannot write the bulk file: EISDIR.*Check that its folder/);
  });
});
