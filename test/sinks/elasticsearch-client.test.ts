import type { ServerResponse } from 'node:http';
import { lastValueFrom } from 'rxjs';
import * as assert from 'uvu/assert';
import { type ElasticsearchConnection, bulkClient, elasticsearchClient } from '../../src/sinks/elasticsearch-client.js';
import { prepareIndex } from '../../src/sinks/elasticsearch-index.js';
import { checkElasticsearch } from '../../src/sinks/elasticsearch-probe.js';
import { probePipeline } from '../../src/sinks/pipeline-probe.js';
import { suite } from '../support/suite.js';
import { type Exchange, type LoopbackElasticsearch, loopbackElasticsearch } from './loopback-elasticsearch.js';

const request = { index: 'box/a', pipeline: null, body: '{"delete":{"_id":"1"}}\n' };
const good = '{"errors":false,"items":[{"delete":{"status":200}}]}';

suite('elasticsearchClient() and bulkClient()', (test) => {
  const against = async (
    answer: (exchange: Exchange, response: ServerResponse) => void,
    work: (
      server: LoopbackElasticsearch,
      connect: (more?: Partial<ElasticsearchConnection>) => ReturnType<typeof elasticsearchClient>,
    ) => Promise<void>,
  ) => {
    const server = await loopbackElasticsearch(answer);
    const clients: ReturnType<typeof elasticsearchClient>[] = [];
    try {
      await work(server, (more) => {
        const client = elasticsearchClient({ host: server.host, version: '1.2.3', ...more });
        clients.push(client);
        return client;
      });
    } finally {
      for (const client of clients) await client.close();
      await server.close();
    }
  };
  const end =
    (text: string, status = 200) =>
    (_exchange: Exchange, response: ServerResponse) => {
      response.statusCode = status;
      response.end(text);
    };

  test('sends the body as it is, and asks for no more than is looked at', () =>
    against(end(good), async ({ seen }, connect) => {
      const client = bulkClient(
        connect({ apiKey: 'a2V5', username: 'u', password: 'p', headers: { 'X-Mine': 'yes' } }),
      );
      assert.equal(await lastValueFrom(client.bulk({ ...request, pipeline: 'p q' })), JSON.parse(good));
      const [exchange] = seen;
      assert.is(exchange?.method, 'POST');
      const url = new URL(exchange?.url ?? '', 'http://x');
      assert.is(url.pathname, '/box%2Fa/_bulk');
      assert.equal(Object.fromEntries(url.searchParams), {
        pipeline: 'p q',
        filter_path: 'errors,items.*._id,items.*.status,items.*.error',
      });
      assert.is(exchange?.body, request.body);
      assert.is(exchange?.headers.authorization, 'ApiKey a2V5');
      assert.is(exchange?.headers['user-agent'], 'box-elasticsearch-connector/1.2.3');
      assert.is(exchange?.headers['x-elastic-product-origin'], 'connectors');
      assert.is(exchange?.headers['x-mine'], 'yes');
      assert.is(exchange?.headers['content-encoding'], undefined);
    }));

  test('signs in with user and password where there is no key', () =>
    against(end(good), async ({ seen }, connect) => {
      await lastValueFrom(bulkClient(connect({ username: 'u', password: 'p' })).bulk(request));
      assert.is(seen[0]?.headers.authorization, `Basic ${Buffer.from('u:p').toString('base64')}`);
    }));

  test('is cold, and sends once for each subscription', () =>
    against(end(good), async ({ seen }, connect) => {
      const answer = bulkClient(connect()).bulk(request);
      await new Promise((resolve) => setTimeout(resolve, 10));
      assert.is(seen.length, 0);
      await lastValueFrom(answer);
      await lastValueFrom(answer);
      assert.is(seen.length, 2);
    }));

  const failures: readonly [string, (exchange: Exchange, response: ServerResponse) => void, RegExp][] = [
    [
      'a busy cluster, which is asked once',
      end('{"error":{"type":"x","reason":"full"},"status":429}', 429),
      /^TransientError: Cannot write to the index "box\/a": Elasticsearch answered 429 x: full/,
    ],
    ['a cut connection', (_exchange, response) => response.destroy(), /^TransientError: .*was cut \(/],
    [
      'a cut body',
      (_exchange, response) => {
        response.setHeader('content-length', '999');
        response.write('{"errors"');
        setTimeout(() => response.destroy(), 5);
      },
      /^TransientError/,
    ],
    ['no answer in time', () => {}, /^TransientError: .*did not answer in time/],
    ['broken JSON', end('{"errors":'), /^TransientError: .*the answer is broken/],
    ['another answer', end('{"ok":true}'), /^TransientError: .*no "errors" and "items"/],
    [
      'HTML',
      (_exchange, response) => {
        response.setHeader('content-type', 'text/html');
        response.end('<html>');
      },
      /^TransientError: Cannot write to the index "box\/a": the answer is not that of Elasticsearch \(it begins with "<html>"\).*proxies/,
    ],
    [
      'something that is not Elasticsearch',
      (_exchange, response) => {
        response.removeHeader('x-elastic-product');
        response.end(good);
      },
      /^PermanentError: .*not Elasticsearch/,
    ],
    [
      'an expired key',
      end('{"error":{"type":"security_exception","reason":"expired"},"status":401}', 401),
      /^AuthError/,
    ],
  ];
  for (const [title, answer, expected] of failures) {
    test(`fails: ${title}`, () =>
      against(answer, async ({ seen }, connect) => {
        const client = bulkClient(connect({ requestTimeoutMs: title === 'no answer in time' ? 40 : 5_000 }));
        const failure: unknown = await lastValueFrom(client.bulk(request)).catch((error: unknown) => error);
        assert.match(String(failure), expected);
        // Given up at once, it may not even have been seen.
        const least = title === 'no answer in time' ? 0 : 1;
        assert.ok(seen.length >= least && seen.length <= 1, 'it does not repeat by itself');
      }));
  }

  test('unsubscribing closes the request', async () => {
    let closed = () => {};
    const isClosed = new Promise<void>((resolve) => (closed = resolve));
    await against(
      (_exchange, response) => void response.on('close', closed),
      async ({ seen }, connect) => {
        const subscription = bulkClient(connect()).bulk(request).subscribe();
        while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
        subscription.unsubscribe();
        await isClosed;
      },
    );
  });

  test('what cannot be used is a ConfigError that names the key', () => {
    assert.throws(() => elasticsearchClient({ host: 'nonsense', version: '1' }), /elasticsearch\.host is "nonsense"/);
    assert.throws(
      () => elasticsearchClient({ host: 'https://es', caCerts: '/none/ca.pem', version: '1' }),
      /elasticsearch\.ca_certs is "\/none\/ca\.pem": ENOENT/,
    );
  });

  test('prepareIndex() refuses a data stream', () =>
    against(
      end('{".ds-box-1":{"data_stream":"box","aliases":{},"mappings":{},"settings":{"index":{"uuid":"u"}}}}'),
      async (_server, connect) => {
        const failure: unknown = await prepareIndex(connect(), { index: 'box' }).catch((error: unknown) => error);
        assert.match(String(failure), /^PermanentError: Cannot write into "box": it is a data stream/);
      },
    ));

  const noIndices: readonly [string, string][] = [
    ['text', '"<html>"'],
    ['a list', '[{"settings":{"index":{"uuid":"u"}}}]'],
    ['an index without an UUID', '{"box":{"aliases":{},"mappings":{},"settings":{"index":{}}}}'],
    ['something else', '{"ok":true}'],
  ];
  for (const [title, answer] of noIndices) {
    test(`prepareIndex() takes ${title} for no answer, and sends nothing more`, () =>
      against(end(answer), async ({ seen }, connect) => {
        const failure: unknown = await prepareIndex(connect(), { index: 'box' }).catch((error: unknown) => error);
        assert.match(
          String(failure),
          /^TransientError: Cannot read the index "box": the answer is not that of Elastic/,
        );
        assert.is(seen.length, 1);
      }));
  }

  test('probePipeline() does not take an answer without the refusal for one', () =>
    against(end('{"errors":false,"items":[{"index":{"status":201}}]}'), async (_server, connect) => {
      const asked = probePipeline(connect(), { index: 'box', pipeline: 'p' });
      const failure: unknown = await asked.catch((error: unknown) => error);
      assert.match(
        String(failure),
        /^TransientError: Cannot look for the ingest pipeline "p": .*accepts what it has to/,
      );
    }));

  test('checkElasticsearch() goes on where GET / is refused, warns about an old version, bears a cluster without security', () =>
    against(
      ({ method, url }, response) => {
        if (method === 'GET')
          end('{"error":{"type":"security_exception"}}', 403)({ method, url, headers: {}, body: '' }, response);
        else end('{"error":"no handler found"}', 400)({ method, url, headers: {}, body: '' }, response);
      },
      async (_server, connect) => {
        const findings = await checkElasticsearch(connect(), { index: 'box', pipeline: null });
        assert.equal(
          findings.map(({ ok, advice }) => [ok, advice !== null]),
          [
            [true, true],
            [true, true],
          ],
        );
      },
    ));

  test('checkElasticsearch() says that a version is too old', () =>
    against(
      ({ url }, response) => {
        const granted = Object.fromEntries(
          ['read', 'write', 'create_index', 'view_index_metadata', 'maintenance', 'monitor', 'manage'].map((name) => [
            name,
            true,
          ]),
        );
        response.end(
          JSON.stringify(
            url === '/' ? { version: { number: '7.17.0' } } : { cluster: { monitor: false }, index: { box: granted } },
          ),
        );
      },
      async (_server, connect) => {
        const [version, privileges] = await checkElasticsearch(connect(), { index: 'box', pipeline: null });
        assert.is(version?.ok, false);
        assert.match(version?.found ?? '', /7\.17\.0/);
        assert.is(privileges?.ok, true);
        assert.match(privileges?.found ?? '', /"monitor" on the cluster is not/);
      },
    ));
});
