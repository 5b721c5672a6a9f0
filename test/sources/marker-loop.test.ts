import * as assert from 'uvu/assert';
import { MarkerLoop } from '../../src/sources/marker-loop.js';
import { suite } from '../support/suite.js';

suite('MarkerLoop', (test) => {
  test('markers that lead on are never an error', () => {
    const loop = new MarkerLoop();
    for (let at = 0; at < 1_000; at += 1) assert.is(loop.next(`m${at}`, 'x', `page ${at}`), undefined);
  });

  for (const [before, length] of [
    [0, 1],
    [0, 2],
    [3, 5],
    [10, 1],
    [1, 100],
  ] as const) {
    test(`a circle of ${length} behind ${before} others is noticed`, () => {
      const loop = new MarkerLoop();
      let asked = 0;
      const markers = function* () {
        for (let at = 0; at < before; at += 1) yield `m${at}`;
        for (;;) for (let at = 0; at < length; at += 1) yield `c${at}`;
      };
      for (const marker of markers()) {
        const error = loop.next(marker, 'folder 7', `page ${asked}`);
        asked += 1;
        if (error !== undefined) {
          assert.match(error.message, /^Cannot read folder 7: the marker "c\d+" has led back to itself/);
          break;
        }
      }
      assert.ok(asked > 3 && asked <= 16 * (before + length), `${asked} markers`);
    });
  }

  test('empty pages with ever new markers end', () => {
    const loop = new MarkerLoop();
    for (let at = 1; at <= 1_000; at += 1) assert.is(loop.next(`a${at}`, 'folder 7', ''), undefined);
    assert.is(loop.next('b', 'folder 7', 'p'), undefined);
    for (let at = 1; at <= 1_000; at += 1) assert.is(loop.next(`c${at}`, 'folder 7', ''), undefined);
    assert.match(
      loop.next('d', 'folder 7', '')?.message ?? '',
      /^Cannot read folder 7: 1001 pages in a row were empty/,
    );
  });

  test('the same page with ever new markers ends, also where others come between', () => {
    for (const length of [1, 3]) {
      const loop = new MarkerLoop();
      let asked = 0;
      let message: string | undefined;
      while (message === undefined && asked < 100) {
        message = loop.next(`m${asked}`, 'folder 7', `page ${asked % length}`)?.message;
        asked += 1;
      }
      assert.match(message ?? '', /^Cannot read folder 7: the same page has come several times/);
    }
  });
});
