import * as assert from 'uvu/assert';
import { docBlocks, docPages } from '../../support/documentation.js';
import { needing, realElasticsearch } from '../../support/real-parts.js';
import { suite } from '../../support/suite.js';

suite('requests in the documentation', (test) => {
  const withElasticsearch = needing(test, 'elasticsearch');

  withElasticsearch('Elasticsearch accepts them', async () => {
    const { url, username, password } = realElasticsearch();
    const send = async (method: string, path: string, body: string) => {
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
      const headers = { authorization, 'content-type': 'application/json' };
      const answer = await fetch(url + path, { method, headers, body });
      return {
        status: answer.status,
        body: (await answer.json()) as { readonly id?: string; readonly encoded?: string },
      };
    };
    const requests = docPages.flatMap(docBlocks).filter(({ language, isRun }) => language === 'http' && isRun);
    assert.ok(requests.length > 0);
    for (const { place, text } of requests) {
      const [, method = '', path = '', body = ''] = /^(\S+) (\S+)\n([\s\S]*)$/.exec(text) ?? [];
      // The only kind so far: whoever adds another has to say how it is cleared away.
      assert.is(`${method} ${path}`, 'POST /_security/api_key', place);
      const made = await send(method, `${path}?refresh=true`, body);
      assert.is(made.status, 200, `${place}: ${JSON.stringify(made.body)}`);
      assert.type(made.body.encoded, 'string');
      const revoked = await send('DELETE', '/_security/api_key', JSON.stringify({ ids: [made.body.id] }));
      assert.is(revoked.status, 200);
    }
  });
});
