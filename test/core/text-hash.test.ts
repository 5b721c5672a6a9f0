import * as assert from 'uvu/assert';
import { textHash } from '../../src/core/text-hash.js';
import { suite } from '../support/suite.js';

suite('textHash()', (test) => {
  test('16 hex digits, whatever the text', async () => {
    const hash = await textHash('salt');
    for (let count = 0; count < 300; count += 1) assert.match(hash('x'.repeat(count)), /^[0-9a-f]{16}$/);
    assert.match(hash('\u2603\ud83d\ude00\ud800'), /^[0-9a-f]{16}$/);
  });

  test('the same text has the same hash, also in another process', async () => {
    assert.is((await textHash('box-1'))('{"a":1}'), (await textHash('box-1'))('{"a":1}'));
    assert.is((await textHash(''))(''), 'a258d6ec1fb5d95c', 'a stored signature has to mean the same for ever');
  });

  test('another text, or another salt, has another hash', async () => {
    const hash = await textHash('a');
    const texts = Array.from({ length: 20_000 }, (_, index) => `{"id":"${index}","name":"file ${index}"}`);
    assert.is(new Set(texts.map(hash)).size, texts.length);
    assert.is.not(hash('x'), (await textHash('b'))('x'));
    assert.is.not(hash('\u00e9'), hash('e\u0301'));
  });
});
