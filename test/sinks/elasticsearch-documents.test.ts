import { lastValueFrom, take, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import { elasticsearchClient } from '../../src/sinks/elasticsearch-client.js';
import { elasticsearchDocuments } from '../../src/sinks/elasticsearch-documents.js';
import type { IndexedPage } from '../../src/state/census.js';
import { suite } from '../support/suite.js';
import { type Exchange, loopbackElasticsearch } from './loopback-elasticsearch.js';

/** An index of `count` documents, read in pages of two; each page has a new id of the point in time. */
async function reading<T>(
  count: number,
  work: (read: ReturnType<typeof elasticsearchDocuments>, seen: readonly Exchange[]) => Promise<T>,
  failAt = -1,
): Promise<T> {
  let pages = 0;
  const server = await loopbackElasticsearch(({ method, url, body }, response) => {
    if (url.includes('/_pit') && method === 'POST') return response.end('{"id":"pit-0"}');
    if (method === 'DELETE') return response.end('{"succeeded":true,"num_freed":1}');
    if (pages === failAt) {
      response.statusCode = 403;
      return response.end('{"error":{"type":"security_exception","reason":"no read"},"status":403}');
    }
    pages += 1;
    const { search_after: [after = 0] = [] } = JSON.parse(body) as { search_after?: number[] };
    const hits = Array.from({ length: Math.min(2, count - after) }, (_, n) => {
      const id = String(after + n + 1);
      return { _index: 'i', _id: id, _source: { id, type: 'file' }, sort: [after + n + 1] };
    });
    return response.end(JSON.stringify({ pit_id: `pit-${pages}`, hits: { hits } }));
  });
  const client = elasticsearchClient({ host: server.host, version: 'test' });
  try {
    const read = elasticsearchDocuments(client, { index: 'i', isEnterprise: false, pageSize: 2 });
    return await work(read, server.seen);
  } finally {
    await client.close();
    await server.close();
  }
}

const pitsOf = (seen: readonly Exchange[]) =>
  seen
    .filter(({ method, url }) => method === 'POST' && url.includes('_search'))
    .map(({ body }) => (JSON.parse(body) as { pit: { id: string } }).pit.id);

suite('elasticsearchDocuments', (test) => {
  for (const [count, pages] of [
    [0, 1],
    [1, 1],
    [4, 3],
    [5, 3],
  ] as const) {
    test(`${count} documents in pages of two: each once, with ${pages} searches`, () =>
      reading(count, async (read, seen) => {
        assert.equal(seen, [], 'cold');
        const all = await lastValueFrom(read.pipe(toArray()));
        assert.equal(
          all.flatMap(({ documents }) => documents.map(({ id }) => id)),
          Array.from({ length: count }, (_, n) => String(n + 1)),
        );
        const pits = pitsOf(seen);
        assert.equal(
          pits,
          Array.from({ length: pages }, (_, n) => `pit-${n}`),
        );
        const closed = seen.filter(({ method }) => method === 'DELETE');
        assert.is(closed.length, 1);
        assert.match(closed[0]?.body ?? '', new RegExp(`pit-${pages}`));
      }));
  }

  test('a refusal is an error that names the index', () =>
    reading(
      4,
      async (read) => {
        let message = '';
        await lastValueFrom(read).catch((error: unknown) => (message = (error as Error).message));
        assert.match(message, /"i": 403 security_exception: no read, expected a key/);
      },
      1,
    ));

  const hit = (n: number) => ({ _id: String(n), _source: { id: String(n), type: 'file' }, sort: [n] });
  const strange: readonly [string, string, RegExp][] = [
    ['no point in time', '', /"id" of the point in time is missing/],
    ['text', '"<html>"', /it begins with "<html>"/],
    ['no hits', '{"hits":{}}', /"hits\.hits" is missing/],
    ['hits that are no list', '{"hits":{"hits":{}}}', /"hits\.hits" is missing/],
    ['a hit without its id', '{"hits":{"hits":[{"sort":[1]}]}}', /a hit has no "_id"/],
    [
      'a full page without a mark',
      JSON.stringify({ hits: { hits: [hit(1), { ...hit(2), sort: undefined }] } }),
      /does not say where the next one begins/,
    ],
    ['the same page for ever', JSON.stringify({ hits: { hits: [hit(1), hit(2)] } }), /does not say where the next one/],
    ['a page that ran out of time', '{"timed_out":true,"hits":{"hits":[]}}', /a part of it did not answer/],
    ['a page without a shard', '{"_shards":{"failed":1},"hits":{"hits":[]}}', /a part of it did not answer/],
  ];
  for (const [title, page, found] of strange) {
    test(`${title}: an error, and not the end of the index`, async () => {
      const server = await loopbackElasticsearch(({ url }, response) =>
        response.end(url.includes('/_pit') ? (page === '' ? '{}' : '{"id":"pit"}') : page),
      );
      const client = elasticsearchClient({ host: server.host, version: 'test' });
      try {
        const read = elasticsearchDocuments(client, { index: 'i', isEnterprise: false, pageSize: 2 });
        const failure: unknown = await lastValueFrom(read).catch((error: unknown) => error);
        assert.match(String(failure), /^TransientError: Cannot read the index "i": /);
        assert.match(String(failure), found);
      } finally {
        await client.close();
        await server.close();
      }
    });
  }

  /** Two pages of two documents each; `answer` may answer a search in their place. */
  const twoPages = async (answer: (search: number, size: number) => { status: number; body: string } | undefined) => {
    let searches = 0;
    let pits = 0;
    const server = await loopbackElasticsearch(({ url, body }, response) => {
      if (url.includes('/_pit')) {
        response.end(`{"id":"pit-${(pits += 1)}"}`);
        return;
      }
      searches += 1;
      const { search_after: after, size } = JSON.parse(body) as { search_after?: [number]; size: number };
      const own = answer(searches, size);
      response.statusCode = own?.status ?? 200;
      const from = after === undefined ? 0 : after[0];
      const hits = [1, 2, 3].filter((at) => at > from).slice(0, size);
      const page = { hits: { hits: hits.map((at) => ({ _id: `d${at}`, _source: {}, sort: [at] })) } };
      response.end(own?.body ?? JSON.stringify(page));
    });
    const client = elasticsearchClient({ host: server.host, version: 'test', maxAnswerBytes: 4_096 });
    try {
      const read = elasticsearchDocuments(client, { index: 'i', isEnterprise: false, pageSize: 2 });
      const found = await lastValueFrom(read.pipe(toArray())).catch((error: unknown) => error);
      const ids = Array.isArray(found) ? (found as IndexedPage[]).map(({ strangers }) => strangers.join(' ')) : found;
      return { ids, pits, searches };
    } finally {
      await client.close();
      await server.close();
    }
  };
  const lost = {
    status: 404,
    body: '{"error":{"type":"search_phase_execution_exception","reason":"all shards failed"},"status":404}',
  };

  test('a point in time that Elasticsearch has lost is opened anew, and reading begins anew', async () => {
    const { ids, searches } = await twoPages((search) => (search === 2 ? lost : undefined));
    assert.equal([ids, searches], [['d1 d2', 'd1 d2', 'd3'], 4]);
  });

  test('one that is lost again and again is said to be', async () => {
    const { ids, searches } = await twoPages(() => lost);
    assert.match(
      String(ids),
      /^TransientError: Cannot read the index "i": Elasticsearch has lost the point in time 4 times/,
    );
    assert.is(searches, 4);
  });

  test('a page that is too large to be read is read in halves', async () => {
    const large = { status: 200, body: JSON.stringify({ hits: { hits: [] }, text: 'x'.repeat(5_000) }) };
    const { ids, searches } = await twoPages((search, size) => (size > 1 && search < 3 ? large : undefined));
    assert.equal([ids, searches], [['d1', 'd2 d3', ''], 4]);
    const hopeless = await twoPages(() => large);
    assert.match(String(hopeless.ids), /^TransientError: Cannot read the index "i": the answer is larger than/);
  });

  test('reads no further than wanted', () =>
    reading(9, async (read, seen) => {
      await lastValueFrom(read.pipe(take(1)));
      assert.ok(pitsOf(seen).length <= 2);
    }));
});
