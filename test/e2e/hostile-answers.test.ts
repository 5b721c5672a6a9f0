import type { ServerResponse } from 'node:http';
import * as assert from 'uvu/assert';
import { gzipBomb } from '../support/gzip-bomb.js';
import { serve } from '../support/serve.js';
import { suite } from '../support/suite.js';
import { weigh } from '../support/weigh-run.js';

suite(
  'a heap of 192 MiB, and answers that nobody asked for',
  (test) => {
    test('suffices for a page with a million entries although 1,000 were asked for', async () => {
      const page = Buffer.from(`{"entries":[${new Array(1_000_000).fill('{}').join(',')}],"next_marker":null}`);
      const { code, stderr } = await weigh({
        name: 'a million entries',
        tree: 'one-file',
        spoilBox: ({ url = '' }, response) => {
          if (!url.startsWith('/2.0/folders/0/items')) return false;
          response.writeHead(200, { 'content-type': 'application/json' }).end(page);
          return true;
        },
      });
      assert.is(code, 3, stderr.slice(-1_500));
    });

    test('suffices for empty pages with ever new markers, which end', async () => {
      let pages = 0;
      const { code, summary, stderr } = await weigh({
        name: 'ever new markers',
        tree: 'one-file',
        spoilBox: ({ url = '' }, response) => {
          if (!url.startsWith('/2.0/folders/0/items')) return false;
          pages += 1;
          response
            .writeHead(200, { 'content-type': 'application/json' })
            .end(JSON.stringify({ entries: [], next_marker: `marker-${pages}` }));
          return true;
        },
      });
      assert.is(code, 3, stderr.slice(-1_500));
      assert.is(summary?.unread.length, 1);
      console.log(`ever new markers: ended after ${pages} pages`);
    });

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

    test('suffices for answers to bulk requests that unpack to 1 GiB each: tried for as long as configured, and said', async () => {
      let requests = 0;
      const { code, stderr } = await weigh({
        name: 'Elasticsearch sends 1 GiB gzipped',
        tree: 'one-file',
        config: { 'elasticsearch.bulk.queue_refresh_timeout': 2 },
        spoilElasticsearch: ({ url = '' }, response) => {
          if (!url.includes('/_bulk')) return false;
          requests += 1;
          return explode(response, 'application/vnd.elasticsearch+json');
        },
      });
      assert.is(code, 1, stderr.slice(-1_500));
      assert.match(stderr, /the answer is larger than 16 MiB, expected a smaller one .*\(tried \d+ times in \d+ s/);
      assert.ok(requests >= 2 && requests < 100, `${requests} requests`);
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
