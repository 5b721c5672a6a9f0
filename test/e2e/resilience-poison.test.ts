import * as assert from 'uvu/assert';
import type { BulkFault, ProxiedOperation } from '../support/bulk-proxy.js';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { SyncTrial } from '../support/sync-trial.js';
import { complete, inScene, summaryOf } from './scene.js';

/** Of the content in base64: what a gateway lets through. */
const gatewayLimit = 100_000;

const status = (code: number, type: string): BulkFault => ({ kind: 'status', status: code, type });

const sizeOf = (operations: readonly ProxiedOperation[]) =>
  operations.reduce((sum, { lines }) => sum + lines.length, 0);

suite(
  'resilience: one document that poisons each request it is in',
  (test) => {
    const real = needing(test, 'elasticsearch');

    const poison: readonly (readonly [string, (operations: readonly ProxiedOperation[]) => boolean, BulkFault])[] = [
      ['a gateway that cuts above a size', (operations) => sizeOf(operations) > gatewayLimit, { kind: 'torn' }],
      ['429 circuit_breaking_exception', hasBadContent, status(429, 'circuit_breaking_exception')],
      ['500', hasBadContent, status(500, 'null_pointer_exception')],
      ['502', hasBadContent, status(502, 'bad_gateway')],
      ['504', hasBadContent, status(504, 'gateway_timeout')],
    ];
    for (const [at, [title, isPoisoned, fault]] of poison.entries()) {
      real(`${title}: the eleven others are written, it goes without its text, and not for ever with it`, () =>
        inTrial(`poison-${at}`, async (trial) => {
          trial.proxy.onRequest = (operations) => (isPoisoned(operations) ? fault : undefined);
          const bad = trial.box.createFile({ ...file(trial, 'bad.txt'), content: 'bad'.repeat(50_000) });
          const contents = () => trial.simulator.calls.of('content');

          const startedAt = Date.now();
          const first = await trial.syncs(0);
          assert.ok(Date.now() - startedAt < 30_000, `${Date.now() - startedAt} ms`);
          assert.equal([first.written, first.rejected, first.withoutContent, contents()], [12, 0, 1, 12]);
          await trial.assertEqual();
          const documents = await trial.documents();
          for (const [id, { _attachment: content }] of documents) {
            assert.is(typeof content, id === bad.id ? 'undefined' : 'string', id);
          }

          const second = await trial.sync();
          assert.is(second.code, 0, second.stderr);
          assert.match(second.stderr, /Elasticsearch does not take the content: .*, while others passed/);
          assert.is(contents(), 13, 'it may have been passing');

          // extraction.max_tries is 2: done with, said once, and then nothing more.
          const third = await trial.sync();
          assert.equal([third.code, third.summary?.written, third.summary?.withoutContent], [0, 1, 1]);
          assert.match(third.stderr, /it failed in 2 tries.*\\"retry-texts\\" has it tried again/);
          const last = await trial.syncs(0);
          assert.equal([last.unchanged, last.written, last.withoutContent, contents()], [12, 0, 0, 13]);
          const said = await trial.connector.run(['status']);
          assert.match(said.stdout, /Texts +1 given up/);
        }),
      );
    }

    real('one that poisons them without its text as well: a dead letter, exit 3, and written when it can be', () =>
      inTrial('poison-letter', async (trial) => {
        const bad = trial.box.createFile({ ...file(trial, 'bad.txt'), content: 'bad' });
        trial.proxy.onRequest = (operations) =>
          operations.some(({ id }) => id === bad.id) ? status(502, 'bad_gateway') : undefined;
        const startedAt = Date.now();
        const first = await trial.syncs(3);
        assert.ok(Date.now() - startedAt < 60_000, `${Date.now() - startedAt} ms`);
        assert.equal([first.state, first.written, first.rejected], ['incomplete', 11, 1]);
        assert.is((await trial.documents()).size, 11);
        const letters = await trial.connector.run(['dead-letters', 'list']);
        assert.match(
          letters.stdout,
          new RegExp(`"documentId":"${bad.id}".*each time that this document was in the request`),
        );

        trial.proxy.onRequest = undefined;
        assert.is((await trial.syncs(0)).written, 1);
        await trial.assertEqual();
        assert.is((await trial.connector.run(['dead-letters', 'list'])).stdout, '');
      }),
    );

    real('twelve files in a row that the pipeline, without on_failure, cannot read: indexed without text, once', () =>
      inScene({ tree: 'empty', account: 'free' }, async (scene) => {
        const { box, client, connector, index, sim } = scene;

        const owner = sim.credentials.userId;
        const locked = Array.from({ length: 12 }, (_, at) =>
          box.createFile({ name: `a-${at}.pdf`, owner, content: `locked ${at}` }),
        );
        const fine = Array.from({ length: 3 }, (_, at) =>
          box.createFile({ name: `b-${at}.txt`, owner, content: 'text' }),
        );
        await client.ingest.putPipeline({
          id: index,
          processors: [{ plain_attachment: { field: '_attachment' } } as never],
        });
        try {
          scene.configure({ extraction: { method: 'ingest_attachment' }, pipeline: { name: index } });
          const contents = () => sim.calls.of('content');

          const ended = await connector.run(['sync']);
          const first = complete(ended);
          assert.equal([first.written, first.withoutContent, contents()], [15, 12, 15]);
          assert.match(
            ended.stderr,
            /12 files are indexed without their text.*Elasticsearch does not take the content: .*Error parsing document in field \[_attachment\]/,
          );
          const documents = await scene.assertEqual();
          for (const { id } of locked) {
            assert.equal([documents.get(id)?.['body'], documents.get(id)?.['_attachment']], [undefined, undefined]);
          }
          for (const { id } of fine) assert.is(documents.get(id)?.['body'], 'text');

          // Where ten in a row are refused it may be the pipeline: what comes behind them is offered once more.
          const second = complete(await connector.run(['sync']));
          assert.ok(contents() <= 17, `${contents()} contents`);
          assert.is(second.written, contents() - 15);
          const before = contents();
          const third = complete(await connector.run(['sync']));
          assert.equal([third.written, third.unchanged, third.bulkRequests, contents()], [0, 15, 0, before]);
          assert.match((await connector.run(['status'])).stdout, /Texts +12 given up/);

          // A pipeline that has been mended gets all of them again, on request.
          await client.ingest.putPipeline({ id: index, processors: [] });
          assert.match((await connector.run(['retry-texts'])).stdout, /^12 texts/);
          assert.equal([complete(await connector.run(['sync'])).written, contents()], [12, before + 12]);
          const mended = await scene.contents();
          for (const { id } of locked) assert.is(typeof mended.get(id)?.['_attachment'], 'string');
          assert.not.match((await connector.run(['status'])).stdout, /given up/);
        } finally {
          await client.ingest.deletePipeline({ id: index });
        }
      }),
    );

    real('a pipeline that reads nothing ends no run, and is not offered the same contents for ever', () =>
      inScene({ tree: 'empty', account: 'free' }, async (scene) => {
        const { box, client, connector, index, sim } = scene;

        const owner = sim.credentials.userId;
        for (let at = 0; at < 60; at += 1) box.createFile({ name: `${at}.pdf`, owner, content: `locked ${at}` });
        await client.ingest.putPipeline({
          id: index,
          processors: [{ plain_attachment: { field: '_attachment' } } as never],
        });
        try {
          scene.configure({
            extraction: { method: 'ingest_attachment', max_tries: 2 },
            pipeline: { name: index },
          });
          for (let run = 1; run <= 3; run += 1) assert.is(complete(await connector.run(['sync'])).listed, 60);
          const before = sim.calls.of('content');
          assert.is(before, 110, 'all of them, and once more all but the first ten');
          const idle = summaryOf(await connector.run(['sync']));
          assert.equal([idle.state, idle.unchanged, sim.calls.of('content')], ['complete', 60, before]);
        } finally {
          await client.ingest.deletePipeline({ id: index });
        }
      }),
    );

    function hasBadContent(operations: readonly ProxiedOperation[]): boolean {
      return operations.some(({ lines }) => lines.includes('_attachment') && lines.includes('"bad.txt"'));
    }

    function file({ simulator }: SyncTrial, name: string): { name: string; owner: string } {
      return { name, owner: simulator.credentials.userId };
    }

    /** Eleven files in the root of one account, and their contents on the way to the index. */
    async function inTrial(name: string, work: (trial: SyncTrial) => Promise<void>): Promise<void> {
      const trial = await SyncTrial.start({
        name,
        account: 'free',
        proxied: true,
        tree: { filesInRoot: 11, textBytes: 100, extensions: ['txt'] },
        config: { extraction: { method: 'ingest_attachment', max_tries: 2 }, pipeline: { name: 'poison' } },
      });
      try {
        await trial.client.ingest.putPipeline({ id: 'poison', processors: [] });
        await work(trial);
      } finally {
        await trial.close();
      }
    }
  },
  { timeoutMs: 120_000 },
);
