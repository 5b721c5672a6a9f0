import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { Fifo } from '../../src/core/fifo.js';
import { suite } from '../support/suite.js';

suite('Fifo', (test) => {
  test('gives back in order what an array would, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 400 }), (pushes) => {
        const fifo = new Fifo<number>();
        const model: number[] = [];
        for (const [index, push] of pushes.entries()) {
          if (push || index % 3 === 0) {
            fifo.push(index);
            model.push(index);
          } else assert.is(fifo.shift(), model.shift());
          assert.is(fifo.size, model.length);
        }
        while (model.length > 0) assert.is(fifo.shift(), model.shift());
        assert.is(fifo.shift(), undefined);
      }),
    );
  });
});
