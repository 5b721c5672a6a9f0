import * as assert from 'uvu/assert';
import { countedDownloads } from '../../src/app/counted-downloads.js';
import type { BoxApi } from '../../src/box/box-api.js';
import { FakeBox, ownUser } from '../support/fake-box.js';
import { suite } from '../support/suite.js';

suite('countedDownloads', (test) => {
  test('tells of every piece that arrives, and hands on the bytes and the other calls', async () => {
    const fake = new FakeBox();
    fake.user(ownUser);
    const id = fake.file('0', { content: 'twelve bytes' });
    let bytes = 0;
    const me: BoxApi['me'] = () => Promise.reject(new Error('not asked'));
    const box = countedDownloads(Object.assign(fake, { me }), (count) => (bytes += count));
    const { signal } = new AbortController();
    const { entries } = await box.listFolder('0', { marker: null }, signal);
    assert.is(entries.length, 1);
    const content = await box.openContent(id, {}, signal);
    assert.is(bytes, 0);
    let text = '';
    for await (const chunk of content.bytes) text += Buffer.from(chunk).toString();
    assert.is(text, 'twelve bytes');
    assert.is(bytes, 12);
  });

  test('counts what has come of a download that is given up', async () => {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(new Uint8Array(5));
      yield new Uint8Array(7);
    }
    const source = { openContent: () => Promise.resolve({ status: 'open', bytes: pieces(), length: null }) };
    let bytes = 0;
    const box = countedDownloads(source as unknown as BoxApi, (count) => (bytes += count));
    const content = await box.openContent('1', {}, new AbortController().signal);
    for await (const chunk of content.bytes) {
      assert.is(chunk.length, 5);
      break;
    }
    assert.is(bytes, 5);
  });
});
