import * as assert from 'uvu/assert';
import { answerTooLarge } from '../../src/box/answer-too-large.js';
import { PageLimits } from '../../src/box/page-limits.js';
import { PermanentError } from '../../src/core/errors.js';
import { rejection } from '../support/fake-http.js';
import { suite } from '../support/suite.js';

suite('PageLimits', (test) => {
  const asking = (fits: number, nextMarker: string | null = 'm') => {
    const asked: number[] = [];
    const ask = async (limit: number) => {
      await Promise.resolve();
      asked.push(limit);
      if (limit > fits) throw answerTooLarge('Cannot GET', '33554432 bytes', 'a page of JSON');
      return { nextMarker };
    };
    return { asked, ask };
  };

  test('asks for half as many until it fits, and remembers that for this list until its end', async () => {
    const limits = new PageLimits();
    const { asked, ask } = asking(200);
    await limits.read('a', 1_000, ask);
    await limits.read('a', 1_000, ask);
    await limits.read('a', 70, ask);
    assert.equal(asked.splice(0), [1_000, 500, 250, 125, 125, 70]);
    await limits.read('b', 1_000, ask);
    assert.equal(asked.splice(0), [1_000, 500, 250, 125]);
    await limits.read('a', 1_000, asking(200, null).ask);
    await limits.read('a', 1_000, ask);
    assert.is(asked[0], 1_000);
  });

  test('one entry that is too large is given up', async () => {
    const { asked, ask } = asking(0);
    assert.match((await rejection(new PageLimits().read('a', 5, ask))).message, /more than 33554432 bytes/);
    assert.equal(asked, [5, 2, 1]);
  });

  test('no other failure is asked again', async () => {
    let asked = 0;
    const ask = () => {
      asked += 1;
      return Promise.reject(new PermanentError('404'));
    };
    assert.is((await rejection(new PageLimits().read('a', 5, ask))).message, '404');
    assert.is(asked, 1);
  });

  test('holds the limits of a thousand lists', async () => {
    const limits = new PageLimits();
    const { asked, ask } = asking(3);
    for (let list = 0; list <= 1_000; list += 1) await limits.read(String(list), 4, ask);
    asked.splice(0);
    await limits.read('1000', 4, ask);
    await limits.read('0', 4, ask);
    assert.equal(asked, [2, 4, 2]);
  });
});
