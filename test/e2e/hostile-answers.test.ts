import type { ServerResponse } from 'node:http';
import * as assert from 'uvu/assert';
import { gzipBomb } from '../support/gzip-bomb.js';
import { serve } from '../support/serve.js';
import { suite } from '../support/suite.js';
import { weigh } from '../support/weigh-run.js';

suite(
  'a heap of 192 MiB, and answers that nobody asked for',
  (test) => {
    const bomb = gzipBomb(1_024);
    const explode = (response: ServerResponse, type: string): true => {
      response.writeHead(200, {
        'content-type': type,
        'content-encoding': 'gzip',
        'x-elastic-product': 'Elasticsearch',
      });
      response.end(bomb);
      return true;
    };

    test('suffices for an answer of Box that unpacks to 1 GiB', async () => {
      const { code, stderr } = await weigh({
        name: 'Box sends 1 GiB gzipped',
        tree: 'one-file',
        spoilBox: ({ url = '' }, response) =>
          url.startsWith('/2.0/folders/0/items') && explode(response, 'application/json'),
      });
      assert.is(code, 3, stderr.slice(-1_500));
    });

    test('suffices for an answer of Tika that unpacks to 1 GiB', async () => {
      const tika = await serve((request, response) => {
        request.resume();
        request.on('end', () => explode(response, 'text/plain'));
      });
      try {
        const config = { extraction: { method: 'tika' }, tika: { url: tika.url } };
        const { code, stderr, elasticsearch } = await weigh({
          name: 'Tika sends 1 GiB gzipped',
          tree: 'one-file',
          config,
        });
        assert.is(code, 0, stderr.slice(-1_500));
        assert.is(elasticsearch.documents.size, 1);
        const check = await weigh({
          name: 'Tika sends 1 GiB gzipped to check',
          tree: 'one-file',
          config,
          args: ['check'],
        });
        assert.is.not(check.code, null);
      } finally {
        await tika.close();
      }
    });
  },
  { timeoutMs: 60_000 },
);
