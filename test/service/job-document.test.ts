import * as assert from 'uvu/assert';
import { parseJob, withoutSecrets } from '../../src/service/job-document.js';
import { suite } from '../support/suite.js';

const parsed = (configuration: unknown) =>
  parseJob('j', { connector: { configuration } }, { seqNo: 1, primaryTerm: 1 });

suite('withoutSecrets', (test) => {
  test('empties what is marked as sensitive and has a value, and touches nothing else', () => {
    const job = parsed({
      client_id: { sensitive: false, value: 'id' },
      client_secret: { sensitive: true, value: 's' },
      refresh_token: { sensitive: true, value: '' },
      odd: 'text',
    });
    assert.equal(withoutSecrets(job), { connector: { configuration: { client_secret: { value: '' } } } });
  });

  test('writes nothing where there is nothing to empty', () => {
    for (const configuration of [undefined, null, {}, { client_secret: { sensitive: true, value: null } }]) {
      assert.equal(withoutSecrets(parsed(configuration)), {});
    }
  });
});
