import * as assert from 'uvu/assert';
import { AbortedError, AuthError, PermanentError, TransientError } from '../../src/core/errors.js';
import type { Extractor, FileInfo } from '../../src/extractors/extractor.js';
import { readChunks } from '../../src/extractors/read-chunks.js';
import { withPatience } from '../../src/extractors/with-patience.js';
import { fileInfo } from '../support/file-info.js';
import { NoTries } from '../support/no-tries.js';
import { endlessRoom } from '../support/rooms.js';
import { suite } from '../support/suite.js';
import { settled } from '../support/virtual-clock.js';

const timeout = new TransientError(
  'Tika took longer than 60 s; see whether it runs; the file is tried again in the next run',
);

async function* content(): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield Buffer.from('content');
}

interface Service {
  /** What it does with a file; the sample has the id ''. */
  answer: (file: FileInfo) => Promise<string>;
  readonly asked: string[];
}

function setUp(maxTries = 3, tries = new NoTries()) {
  const service: Service = { answer: () => Promise.resolve('text'), asked: [] };
  const inner: Extractor = {
    fingerprint: 'f',
    extract: async (file, bytes) => {
      service.asked.push(file.id);
      await readChunks(bytes);
      return { members: await service.answer(file) };
    },
  };
  const putOff: string[] = [];
  const extractor = withPatience(inner, { tries, onPutOff: (reason) => putOff.push(reason) }, { maxTries });
  const run = async (
    file: FileInfo,
    bytes: AsyncIterable<Uint8Array> = content(),
    signal = new AbortController().signal,
  ) => {
    let leave: (() => void) | undefined;
    try {
      leave = extractor.admit?.(file);
      return (await extractor.extract(file, bytes, signal, endlessRoom)).members;
    } catch (error) {
      return error as Error;
    } finally {
      leave?.();
    }
  };
  return { service, tries, run, putOff, fingerprint: extractor.fingerprint };
}

/** Fails for the file 'bad' only. */
const badFails = (file: FileInfo) => (file.id.startsWith('bad') ? Promise.reject(timeout) : Promise.resolve('text'));
const bad = fileInfo({ id: 'bad' });

suite('withPatience', (test) => {
  test('changes nothing of what is extracted', async () => {
    const { run, fingerprint, service } = setUp();
    assert.equal([await run(bad), fingerprint, service.asked], ['text', 'f', ['bad']]);
  });

  test('a file that fails while the service works has so many tries, and is then done with', async () => {
    const { run, service, tries } = setUp();
    service.answer = badFails;
    assert.equal([await run(bad), await run(bad)], [timeout, timeout]);
    const last = await run(bad);
    assert.instance(last, PermanentError);
    assert.is(
      (last as Error).message,
      'Cannot extract the text of "a.pdf": it failed in 3 tries, expected to succeed within extraction.max_tries; this version of the file is done with, and "retry-texts" has it tried again. The last reason: Tika took longer than 60 s; see whether it runs',
    );
    assert.is(tries.count(bad), 3);
    const asked = service.asked.length;
    assert.instance(await run(bad), PermanentError);
    assert.is(service.asked.length, asked, 'not asked any more');
  });

  test('a new version has its own tries; they end when the index has a text, which is not for the extractor to say', async () => {
    const { run, service, tries } = setUp(2);
    service.answer = badFails;
    await run(bad);
    const newer = fileInfo({ id: 'bad', content: 'v2' });
    assert.is(await run(newer), timeout);
    assert.is(tries.count(newer), 1);
    service.answer = () => Promise.resolve('text');
    assert.is(await run(newer), 'text');
    assert.is(tries.count(newer), 1);
  });

  for (const [what, failure] of [
    ['refused connections', new TransientError('did not answer (ECONNREFUSED)')],
    ['503 for everything', new TransientError('answered 503', { status: 503 })],
    ['timeouts for everything', timeout],
  ] as const) {
    test(`${what} use up no tries, however many files there are`, async () => {
      const { run, service, tries } = setUp(1);
      service.answer = () => Promise.reject(failure);
      for (let count = 0; count < 50; count += 1) assert.is(await run(fileInfo({ id: `${count}` })), failure);
      assert.is(tries.kept.size, 0);
    });
  }

  test('another text that was had meanwhile is proof enough; one from before is not', async () => {
    const { run, service, tries } = setUp();
    let fail = () => {};
    service.answer = (file) =>
      file.id === 'bad' ? new Promise((_, reject) => (fail = () => reject(timeout))) : Promise.resolve('text');
    const running = run(bad);
    await settled();
    await run(fileInfo({ id: 'good' }));
    fail();
    assert.is(await running, timeout);
    assert.equal([tries.count(bad), service.asked], [1, ['bad', 'good']]);

    service.answer = (file) => (file.id === 'good' ? Promise.resolve('text') : Promise.reject(timeout));
    await run(fileInfo({ id: 'good' }));
    await run(bad);
    assert.equal([tries.count(bad), service.asked.slice(2)], [1, ['good', 'bad', '']]);
  });

  test('files that fail at once ask for one proof', async () => {
    const { run, service, tries } = setUp();
    service.answer = badFails;
    await Promise.all(Array.from({ length: 15 }, (_, index) => run(fileInfo({ id: `bad${index}`, owner: null }))));
    assert.equal([tries.kept.size, service.asked.filter((id) => id === '').length], [15, 1]);
  });

  test('a download that fails, an abort, a sign-in and what is final count for nothing', async () => {
    const { run, service, tries } = setUp(1);
    async function* cut(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a');
      await Promise.reject(timeout);
    }
    assert.is(await run(bad, cut()), timeout);
    for (const error of [new PermanentError('422'), new AuthError('x'), new AbortedError()]) {
      service.answer = () => Promise.reject(error);
      assert.is(await run(bad), error);
    }
    service.answer = badFails;
    assert.is(await run(bad, content(), AbortSignal.abort()), timeout);
    assert.is(tries.kept.size, 0);
  });

  test('what a parser throws counts as well', async () => {
    const { run, service } = setUp(1);
    service.answer = (file) =>
      file.id === 'bad' ? Promise.reject(new TypeError('x is undefined')) : Promise.resolve('t');
    const error = await run(bad);
    assert.instance(error, PermanentError);
    assert.match((error as Error).message, /The last reason: x is undefined$/);
  });

  test("one person's failing files get one place; others are not touched, and the run says so once", async () => {
    const { run, service, putOff } = setUp(100);
    service.answer = badFails;
    const of = (id: string, owner: string) => fileInfo({ id, owner });
    assert.is(await run(of('good', 'u2')), 'text');
    for (const id of ['bad1', 'bad2', 'bad3']) assert.is(await run(of(id, 'u1')), timeout);
    // Alone it may still be tried.
    assert.is(await run(of('bad4', 'u1')), timeout);
    let release = () => {};
    service.answer = (file) =>
      file.id === 'bad5' ? new Promise((resolve) => (release = () => resolve('late'))) : badFails(file);
    const underWay = run(of('bad5', 'u1'));
    await settled();
    const asked = service.asked.length;
    for (const id of ['bad6', 'bad7']) {
      const waits = await run(of(id, 'u1'));
      assert.instance(waits, TransientError);
      assert.match((waits as Error).message, /4 files of the user u1 have failed in this run.*wait for the next run/);
    }
    assert.is(service.asked.length, asked);
    assert.is(await run(of('good2', 'u2')), 'text');
    release();
    assert.is(await underWay, 'late');
    assert.is(putOff.length, 1);
    // Free again.
    assert.is(await run(of('good3', 'u1')), 'text');
  });

  test('where there is one person only, nobody has to be kept places for', async () => {
    const { run, service, putOff } = setUp(100);
    service.answer = badFails;
    const all = await Promise.all(Array.from({ length: 20 }, (_, index) => run(fileInfo({ id: `bad${index}` }))));
    const more = await Promise.all(Array.from({ length: 20 }, (_, index) => run(fileInfo({ id: `good${index}` }))));
    assert.equal([new Set(all), new Set(more), putOff], [new Set([timeout]), new Set(['text']), []]);
  });
});
