import * as assert from 'uvu/assert';
import { withClosing } from '../../src/app/with-closing.js';
import { suite } from '../support/suite.js';

suite('withClosing()', (test) => {
  const messageOf = (work: Promise<unknown>) => work.then(String, (error: unknown) => (error as Error).message);

  test('closes in reverse order, each also if another one fails, and gives the result', async () => {
    const closed: string[] = [];
    const work = withClosing(async (closing) => {
      closing(() => void closed.push('first'));
      closing(() => Promise.reject(new Error('cannot close')));
      closing(() => void closed.push('last'));
      await Promise.resolve();
      return 7;
    });
    assert.equal([await messageOf(work), closed], ['cannot close', ['last', 'first']]);
    assert.is(await withClosing(() => Promise.resolve(7)), 7);
  });

  test('the error of the work counts before those of closing', async () => {
    const closed: string[] = [];
    const work = withClosing((closing) => {
      closing(() => {
        closed.push('all the same');
        throw new Error('closing');
      });
      return Promise.reject(new Error('work'));
    });
    assert.equal([await messageOf(work), closed], ['work', ['all the same']]);
  });
});
