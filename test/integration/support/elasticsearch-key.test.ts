import * as assert from 'uvu/assert';
import { createTestKey } from '../../support/elasticsearch-key.js';
import { needing, realElasticsearch } from '../../support/real-parts.js';
import { suite } from '../../support/suite.js';

suite(
  'createTestKey()',
  (test) => {
    const real = needing(test, 'elasticsearch');

    real('may write its own index and no other, and nothing once it is revoked', async () => {
      const { url } = realElasticsearch();
      const key = await createTestKey(realElasticsearch(), { index: 'test-key-own' });
      const send = async (method: string, path: string) => {
        const answer = await fetch(`${url}${path}`, {
          method,
          headers: { authorization: `ApiKey ${key.encoded}`, 'content-type': 'application/json' },
          ...(method === 'PUT' && { body: '{}' }),
        });
        return answer.status;
      };
      const statuses = [await send('PUT', '/test-key-own/_doc/1'), await send('PUT', '/test-key-other/_doc/1')];
      assert.equal(statuses, [201, 403]);
      assert.equal(
        [await send('GET', '/'), await send('GET', '/_security/user'), await send('GET', '/_search')],
        [200, 403, 200],
      );
      assert.is(await send('DELETE', '/test-key-own'), 200);
      await key.revoke();
      assert.is(await send('GET', '/test-key-own/_count'), 401);
    });
  },
  { timeoutMs: 20_000 },
);
