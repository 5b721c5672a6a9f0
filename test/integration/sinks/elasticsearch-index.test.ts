import * as assert from 'uvu/assert';
import { elasticsearchClient } from '../../../src/sinks/elasticsearch-client.js';
import { prepareIndex } from '../../../src/sinks/elasticsearch-index.js';
import { checkElasticsearch } from '../../../src/sinks/elasticsearch-probe.js';
import { probePipeline } from '../../../src/sinks/pipeline-probe.js';
import { suite } from '../../support/suite.js';
import { adminClient, dropIndex, freshIndex, keyClient, readAll, unreachable } from './elasticsearch.js';

const reason = await unreachable();

if (reason !== undefined) {
  suite('prepareIndex()', (test) => test.skip('all of it', reason));
} else {
  suite(
    'prepareIndex() and checkElasticsearch()',
    (test) => {
      const admin = adminClient();
      const names: string[] = [];
      const fresh = () => {
        const name = freshIndex();
        names.push(name);
        return name;
      };
      const request = <T = unknown>(method: string, path: string, body?: Record<string, unknown>) =>
        admin.transport.request<T>({ method, path, ...(body && { body }) });
      const mapping = async (index: string) => {
        const answer = await request<Record<string, { mappings: { properties: Record<string, unknown> } }>>(
          'GET',
          `/${index}/_mapping`,
        );
        return Object.values(answer)[0]?.mappings.properties ?? {};
      };
      const failureOf = async (work: Promise<unknown>) => String(await work.catch((error: unknown) => error));
      test.after(async () => {
        for (const name of names) await dropIndex(admin, name);
        await admin.close();
      });

      test('creates a missing index with the least-privilege key, and finds it again', async () => {
        const index = fresh();
        const client = await keyClient(admin, { names: [index] });
        const made = await prepareIndex(client, { index });
        assert.is(made.created, true);
        assert.match(made.indexUuid, /^[\w-]{20,}$/);
        assert.equal(await prepareIndex(client, { index }), { indexUuid: made.indexUuid, created: false });
        const fields = await mapping(index);
        assert.equal(fields['_sync'], { type: 'object', enabled: false });
        assert.equal(fields['id'], { type: 'keyword', ignore_above: 8_191 });
        await client.close();
      });

      test("adopts the index of Elastic's connector and keeps _sync out of the mapping", async () => {
        const index = fresh();
        const document = {
          id: '1',
          type: 'file',
          name: 'a.txt',
          _timestamp: '2023-08-04T03:17:55-07:00',
          size: 5,
          parent: { id: '0', name: 'All' },
          description: '',
        };
        await request('PUT', `/${index}/_doc/1`, document);
        const { created } = await prepareIndex(admin, { index });
        assert.is(created, false);
        const fields = await mapping(index);
        assert.equal(fields['_sync'], { type: 'object', enabled: false });
        assert.is((fields['name'] as { type: string }).type, 'text');
        assert.equal(Object.keys((fields['parent'] as { properties: object }).properties).sort(), [
          'etag',
          'id',
          'name',
          'sequence_id',
          'type',
        ]);
        assert.is((await readAll(admin, index)).size, 1);
      });

      test('refuses a mapping that contradicts, naming every field, and changes nothing', async () => {
        const index = fresh();
        await request('PUT', `/${index}`, {
          mappings: { properties: { name: { type: 'date' }, parent: { properties: { id: { type: 'long' } } } } },
        });
        const failure = await failureOf(prepareIndex(admin, { index }));
        assert.match(
          failure,
          /^PermanentError: Cannot write into the index .*field "name" is of type date, expected one of text/s,
        );
        assert.match(failure, /field "parent\.id" is of type long, expected one of keyword/);
        assert.equal(Object.keys(await mapping(index)).sort(), ['name', 'parent']);
      });

      test('takes an alias with one index to write to, refuses one without', async () => {
        const [one, two, alias] = [fresh(), fresh(), `${freshIndex()}-alias`];
        await request('PUT', `/${one}`, { aliases: { [alias]: {} } });
        const { indexUuid } = await prepareIndex(admin, { index: alias });
        assert.is(indexUuid, (await prepareIndex(admin, { index: one })).indexUuid);
        await request('PUT', `/${two}`, { aliases: { [alias]: {} } });
        assert.match(
          await failureOf(prepareIndex(admin, { index: alias })),
          /alias of 2 indices .* none is to be written to/,
        );
        await request('POST', '/_aliases', { actions: [{ add: { index: two, alias, is_write_index: true } }] });
        assert.is(
          (await prepareIndex(admin, { index: alias })).indexUuid,
          (await prepareIndex(admin, { index: two })).indexUuid,
        );
      });

      test('a key without privileges is an AuthError with the privileges; a name that is none is refused', async () => {
        const index = fresh();
        const client = await keyClient(admin, { names: ['other'], privileges: ['read'] });
        assert.match(await failureOf(prepareIndex(client, { index })), /^AuthError: .*view_index_metadata/);
        assert.match(
          await failureOf(prepareIndex(admin, { index: 'Upper' })),
          /^PermanentError: .*invalid_index_name_exception/,
        );
        await client.close();
      });

      test('probePipeline() tells a missing pipeline, with or without an index, and leaves nothing behind', async () => {
        const [absent, present, alias] = [freshIndex(), fresh(), `${freshIndex()}-alias`];
        await request('PUT', `/${present}`, { aliases: { [alias]: {} } });
        const pipeline = `${present}-pipeline`;
        await request('PUT', `/_ingest/pipeline/${pipeline}`, { processors: [] });
        const client = await keyClient(admin, { names: [absent, present, alias] });
        for (const index of [absent, present, alias]) {
          await probePipeline(client, { index, pipeline });
          assert.match(
            await failureOf(probePipeline(client, { index, pipeline: 'sinks-test-none' })),
            /^PermanentError: Cannot use the ingest pipeline "sinks-test-none"/,
          );
        }
        assert.is((await readAll(admin, present)).size, 0);
        assert.match(await failureOf(readAll(admin, absent)), /index_not_found_exception/);
        await request('DELETE', `/_ingest/pipeline/${pipeline}`);
        await client.close();
      });

      test('checkElasticsearch() says all is well with the least-privilege key', async () => {
        const index = fresh();
        const client = await keyClient(admin, { names: [index] });
        const findings = await checkElasticsearch(client, { index, pipeline: null });
        assert.ok(
          findings.every(({ ok, advice }) => ok && advice === null),
          JSON.stringify(findings),
        );
        assert.match(findings[0]?.found ?? '', /^signed in, version 9\./);
        await client.close();
      });

      test('checkElasticsearch() names what is lacking', async () => {
        const index = fresh();
        const client = await keyClient(admin, { names: [index], privileges: ['read', 'write'], cluster: [] });
        const findings = await checkElasticsearch(client, { index, pipeline: 'sinks-test-none' });
        assert.equal(
          findings.map(({ ok }) => ok),
          [true, false, false],
          JSON.stringify(findings),
        );
        assert.match(findings[1]?.advice ?? '', /create_index, view_index_metadata, maintenance, monitor, manage$/);
        assert.match(findings[2]?.found ?? '', /sinks-test-none/);
        await client.close();
      });

      test('checkElasticsearch() ends early without a connection or a sign-in', async () => {
        const wrong = elasticsearchClient({ host: 'http://127.0.0.1:9', version: 'test' });
        const [connection, ...none] = await checkElasticsearch(wrong, { index: 'x', pipeline: null });
        assert.is(none.length, 0);
        assert.match(connection?.found ?? '', /cannot be reached/);
        await wrong.close();
        const host = process.env['TEST_ELASTICSEARCH_URL'] ?? 'http://127.0.0.1:9200';
        const stranger = elasticsearchClient({ host, apiKey: 'Zm9vOmJhcg==', version: 'test' });
        const findings = await checkElasticsearch(stranger, { index: 'x', pipeline: null });
        assert.equal(
          findings.map(({ what, ok }) => [what, ok]),
          [['Elasticsearch sign-in', false]],
        );
        await stranger.close();
      });
    },
    { timeoutMs: 30_000 },
  );
}
