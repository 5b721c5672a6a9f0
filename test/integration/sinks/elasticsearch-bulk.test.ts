import { lastValueFrom, of, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import type { Outcome } from '../../../src/core/outcome.js';
import { type ElasticsearchBulkOptions, elasticsearchBulk } from '../../../src/sinks/elasticsearch-bulk.js';
import { bulkClient } from '../../../src/sinks/elasticsearch-client.js';
import { prepareIndex } from '../../../src/sinks/elasticsearch-index.js';
import type { Operation } from '../../../src/sinks/operation.js';
import { pipelineFlags } from '../../../src/sinks/pipeline-flags.js';
import { sinkConformance } from '../../sinks/conformance.js';
import { enveloped, index, remove, update } from '../../sinks/operations.js';
import { suite } from '../../support/suite.js';
import { adminClient, dropIndex, freshIndex, keyClient, readAll, unreachable } from './elasticsearch.js';

const name = 'elasticsearchBulk() on a real cluster';
const reason = await unreachable();

if (reason !== undefined) {
  suite(name, (test) => test.skip('all of it', reason));
} else {
  sinkConformance('elasticsearchBulk', {
    knowsMissing: true,
    timeoutMs: 20_000,
    make: async () => {
      const admin = adminClient();
      const target = freshIndex();
      const client = await keyClient(admin, { names: [target] });
      const { indexUuid } = await prepareIndex(client, { index: target });
      return {
        sink: elasticsearchBulk({ client: bulkClient(client), random: Math.random }, { index: target, indexUuid }),
        documents: () => readAll(admin, target),
        close: async () => {
          await dropIndex(admin, target);
          await client.close();
          await admin.close();
        },
      };
    },
  });

  suite(
    name,
    (test) => {
      const admin = adminClient();
      const target = freshIndex();
      const pipeline = `${target}-pipeline`;
      let indexUuid = '';
      const run = async (
        operations: readonly Operation[],
        options: Partial<ElasticsearchBulkOptions> = {},
        client = admin,
      ) => {
        const sink = elasticsearchBulk(
          { client: bulkClient(client), random: () => 0.01 },
          { index: target, indexUuid, ...options },
        );
        const settled = await lastValueFrom(of(enveloped(operations)).pipe(sink, toArray()));
        return new Map(settled.map(({ envelope, outcome }) => [(envelope.value as Operation).id, outcome]));
      };
      const failureOf = async (work: Promise<unknown>) => String(await work.catch((error: unknown) => error));
      const request = (method: string, path: string, body?: Record<string, unknown>) =>
        admin.transport.request({ method, path, ...(body && { body }) });
      const rejection = (outcome: Outcome | undefined) =>
        outcome?.kind === 'rejected' ? outcome.reason : outcome?.kind;

      test.before(async () => {
        ({ indexUuid } = await prepareIndex(admin, { index: target }));
        await request('PUT', `/_ingest/pipeline/${pipeline}`, { processors: [] });
      });
      test.after(async () => {
        await request('DELETE', `/_ingest/pipeline/${pipeline}`);
        await dropIndex(admin, target);
        await admin.close();
      });

      test("a refused document names Elasticsearch's error and the field; the others are written", async () => {
        const outcomes = await run([
          index('1', { name: 'a' }),
          index('2', { size: 'huge' }),
          index('3', { created_at: 'never' }),
        ]);
        assert.is(outcomes.get('1')?.kind, 'written');
        assert.match(
          rejection(outcomes.get('2')) ?? '',
          /^field "size": 400 document_parsing_exception: .*failed to parse field \[size\] of type \[long\]/,
        );
        assert.match(rejection(outcomes.get('3')) ?? '', /^field "created_at": 400 document_parsing_exception/);
      });

      test('whole documents go through the pipeline with their flags, partial updates do not', async () => {
        const flags = pipelineFlags({ extractBinaryContent: true, reduceWhitespace: true, runMlInference: true });
        await run([index('4', { name: 'a' }, { body: 'x' })], { pipeline: { name: pipeline, flags } });
        const whole = (await readAll(admin, target)).get('4');
        assert.is(whole?.['_extract_binary_content'], true);
        // No such pipeline: an update does not notice, a whole document ends the run.
        const missing = { pipeline: { name: `${pipeline}-none`, flags } };
        assert.is((await run([update('4', { name: 'b' })], missing)).get('4')?.kind, 'written');
        assert.is((await run([remove('nowhere')], missing)).get('nowhere')?.kind, 'deleted');
        assert.match(
          await failureOf(run([index('5', {})], missing)),
          /^PermanentError: Cannot use the ingest pipeline ".*-none": 400 illegal_argument_exception.*extraction\.method/,
        );
      });

      test('a document with raw content is taken where the pipeline leaves it, without being analyzed', async () => {
        const attachment = Buffer.alloc(300_000, 'text ').toString('base64');
        const outcomes = await run([index('6', { name: 'raw' }, { content: `"_attachment":"${attachment}"` })]);
        assert.is(outcomes.get('6')?.kind, 'written');
      });

      test('413 for a request of more than 100 MB: halved; the document that is too large goes without its content', async () => {
        const outcomes = await run([
          index('7', { name: 'small' }),
          index('8', { name: 'large' }, { content: `"_attachment":"${'x'.repeat(105 * 1024 * 1024)}"` }),
        ]);
        assert.is(outcomes.get('7')?.kind, 'written');
        const large = outcomes.get('8');
        assert.ok(large?.kind === 'written');
        assert.equal(large.version, { signature: 's-8', content: null });
        // Elasticsearch answers 413 and closes at once: whoever still writes may see the end before the answer.
        assert.match(large.withoutContent ?? '', /accepts \(413\)$|the connection to Elasticsearch was cut \(/);
      });

      test('a request that cannot be read is halved until the document is found', async () => {
        const outcomes = await run([index('9', {}), { ...index('10', {}), source: '{}}\n{' }, index('11', {})]);
        assert.equal(
          [outcomes.get('9')?.kind, outcomes.get('10')?.kind, outcomes.get('11')?.kind],
          ['written', 'rejected', 'written'],
        );
      });

      test('a read-only index is waited for', async () => {
        const block = (value: true | null) =>
          request('PUT', `/${target}/_settings`, { 'index.blocks.read_only_allow_delete': value });
        await block(true);
        const writing = run([index('12', { name: 'late' }), update('1', { name: 'later' })], {
          retry: { baseMs: 5_000 },
        });
        await new Promise((resolve) => setTimeout(resolve, 40));
        await block(null);
        assert.equal(
          [...(await writing).values()].map(({ kind }) => kind),
          ['written', 'written'],
        );
        await block(true);
        assert.match(
          await failureOf(run([index('12', {})], { retry: { maxElapsedMs: 0, baseMs: 10 } })),
          /^PermanentError: .*429 cluster_block_exception.*Free disk space/,
        );
        await block(null);
        await request('PUT', `/${target}/_settings`, { 'index.blocks.write': true });
        assert.match(
          await failureOf(run([index('12', {})], { retry: { maxElapsedMs: 0, baseMs: 10 } })),
          /^PermanentError: .*403 cluster_block_exception/,
        );
        await request('PUT', `/${target}/_settings`, { 'index.blocks.write': null });
      });

      test('a key that is not valid, or may not write, ends the run with advice', async () => {
        const reader = await keyClient(admin, { names: [target], privileges: ['read'] });
        assert.match(
          await failureOf(run([index('13', {})], {}, reader)),
          /^AuthError: Cannot write to the index .*403 security_exception.*privileges/,
        );
        await request('DELETE', '/_security/api_key', { name: 'sinks-test' });
        assert.match(
          await failureOf(run([index('13', {})], {}, reader)),
          /^AuthError: Cannot write to the index .*refuses the sign-in \(401/,
        );
        await reader.close();
      });

      test('a closed index, and one that was deleted, end the run', async () => {
        await request('POST', `/${target}/_close`);
        assert.match(await failureOf(run([index('14', {})])), /^PermanentError: .*index_closed_exception.*_open/);
        await request('POST', `/${target}/_open`);
        await dropIndex(admin, target);
        assert.match(
          await failureOf(run([remove('1')])),
          /^PermanentError: .*index_not_found_exception.*deleted or replaced/,
        );
        // Elasticsearch makes the index anew for an update; its UUID gives it away.
        assert.match(
          await failureOf(run([update('1', {})])),
          /^PermanentError: .*document_missing_exception.*deleted or replaced/,
        );
      });

      test('a cluster that is not there ends the run when the time is over', async () => {
        const { elasticsearchClient } = await import('../../../src/sinks/elasticsearch-client.js');
        const nowhere = elasticsearchClient({ host: 'http://127.0.0.1:9', version: 'test' });
        const failure = await failureOf(run([index('1', {})], { retry: { maxElapsedMs: 30, baseMs: 20 } }, nowhere));
        assert.match(
          failure,
          /^TransientError: Cannot write to the index .*cannot be reached \(connect ECONNREFUSED.*tried \d+ times/,
        );
        await nowhere.close();
      });
    },
    { timeoutMs: 30_000 },
  );
}
