import * as assert from 'uvu/assert';
import { releaseHeap } from '../../src/app/release-heap.js';
import { suite } from '../support/suite.js';

suite('releaseHeap', (test) => {
  test('collects what is no longer alive', () => {
    const dead = new WeakRef(new Array(100_000).fill(0));
    return new Promise<void>((resolve) => {
      // A WeakRef keeps its target until the end of the turn in which it was made.
      setImmediate(() => {
        releaseHeap();
        assert.is(dead.deref(), undefined);
        resolve();
      });
    });
  });
});
