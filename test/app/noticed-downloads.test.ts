import * as assert from 'uvu/assert';
import { noticedDownloads } from '../../src/app/noticed-downloads.js';
import type { BoxApi } from '../../src/box/box-api.js';
import { PermanentError, TransientError } from '../../src/core/errors.js';
import { never } from '../support/fake-http.js';
import { suite } from '../support/suite.js';

suite('noticedDownloads()', (test) => {
  test('tells of each third failure in a row; a download that works, and a refusal, are none', async () => {
    const answers = ['t', 't', 't', 't', 't', 'o', 't', 't', 't', 'p', 't', 't', 't'];
    const told: string[] = [];
    let count = 0;
    const openContent = (): Promise<unknown> => {
      const kind = answers[count];
      count += 1;
      if (kind === 'o') return Promise.resolve({ status: 'open' });
      return Promise.reject(kind === 't' ? new TransientError(`failure ${count}`) : new PermanentError('refused'));
    };
    const box = noticedDownloads({ openContent } as unknown as BoxApi, (reason) => told.push(reason), 3);
    for (const answer of answers) {
      const error = await box.openContent('1', {}, never).catch((failure: unknown) => failure);
      assert.is(error instanceof Error, answer !== 'o');
    }
    assert.equal(told, ['failure 3', 'failure 9', 'failure 13']);
  });
});
