import { createHash } from 'node:crypto';
import * as assert from 'uvu/assert';
import { contents, type Content } from '../../src/simulator/content.js';
import { suite } from '../support/suite.js';

const texts = contents(1, [100, 900]);

suite('contents()', (test) => {
  const cases: readonly Content[] = [
    texts.pool(0),
    texts.pool(4_000_000_000),
    { kind: 'filler', bytes: 0, salt: 1 },
    { kind: 'filler', bytes: 700_001, salt: 262_143 },
    { kind: 'bytes', bytes: Buffer.from('given') },
  ];
  for (const content of cases) {
    test(`has a size and a sha1 of exactly its bytes: ${JSON.stringify(content)}`, () => {
      const bytes = texts.bytes(content);
      assert.is(texts.size(content), bytes.length);
      assert.is(texts.sha1(content), createHash('sha1').update(bytes).digest('hex'));
      assert.is(texts.sha1(content), texts.sha1(content));
    });
  }

  test('has thousands of distinct bodies, the same for the same seed', () => {
    const hashes = new Set(Array.from({ length: 4_096 }, (_, index) => texts.sha1(texts.pool(index))));
    assert.is(hashes.size, 4_096);
    const again = contents(1, [100, 900]);
    assert.is(again.sha1(again.pool(7)), texts.sha1(texts.pool(7)));
    const other = contents(2, [100, 900]);
    assert.is.not(other.sha1(other.pool(7)), texts.sha1(texts.pool(7)));
  });
});
