import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { startOwnElasticsearch } from '../support/elasticsearch.js';
import { needing } from '../support/real-parts.js';
import { seededRandom } from '../support/seeded-random.js';
import { suite } from '../support/suite.js';
import { isLong, SyncTrial, summaryOf, waitOf } from '../support/sync-trial.js';

suite(
  'resilience: an Elasticsearch under stress',
  (test) => {
    const real = needing(test, 'elasticsearch');

    real(
      '20 % of all items answered 429, 5 % of all requests cut after sending: nothing missing, nothing double, in order',
      async () => {
        const random = seededRandom(5);
        const trial = await SyncTrial.start({
          name: 'bulk',
          proxied: true,
          tree: isLong
            ? { users: 10, foldersPerUser: 100, filesPerFolder: 50 }
            : { users: 2, foldersPerUser: 20, filesPerFolder: 30 },
          config: { bulk: { max_items: 40, max_wait_ms: 50 } },
        });
        try {
          const { box, proxy } = trial;
          proxy.onItem = () => (random() < 0.2 ? 429 : undefined);
          proxy.onRequest = () => (random() < 0.05 ? { kind: 'cut' } : undefined);
          await trial.syncs(0);
          await trial.assertEqual();
          for (const [at, item] of [...box.truth()].entries()) {
            if (item.type !== 'file') continue;
            if (at % 3 === 0) box.rename(item, `renamed-${at}.txt`);
            else if (at % 17 === 0) box.trash(item);
            else if (at % 19 === 0) box.newVersion(item.id, `new ${at}`);
          }
          const second = await trial.syncs(0, '--allow-deletes');
          assert.is(second.rejected, 0);
          assert.ok(second.deleted > 0);
          await trial.assertEqual({ folderSizes: false });
          const { refused, cut, operations } = proxy.counts;
          assert.ok(refused > operations * 0.1 && cut > 0, JSON.stringify(proxy.counts));
          assert.equal([...proxy.overlapping], [], 'documents that were under way twice at once');
        } finally {
          await trial.close();
        }
      },
    );

    real('whole requests answered 429 and 503 for a while: the run waits and is complete', async () => {
      const trial = await SyncTrial.start({
        name: 'busy',
        account: 'free',
        proxied: true,
        tree: { foldersPerUser: 10, filesPerFolder: 30 },
        config: { bulk: { max_items: 50, max_wait_ms: 50 } },
      });
      try {
        // From the first request on: how long the program takes to begin is the machine's affair.
        let until: number | undefined;
        let answered = 0;
        trial.proxy.onRequest = () => {
          until ??= Date.now() + waitOf(60) * 1_000;
          if (Date.now() > until) return undefined;
          answered += 1;
          return { kind: 'status', status: answered % 2 === 0 ? 429 : 503 };
        };
        await trial.syncs(0);
        assert.ok(answered >= 2);
        await trial.assertEqual();
      } finally {
        await trial.close();
      }
    });

    real('documents that are refused one by one are kept with their reason, and written once they can be', async () => {
      const trial = await SyncTrial.start({
        name: 'refused',
        account: 'free',
        proxied: true,
        tree: { foldersPerUser: 10, filesPerFolder: 30 },
      });
      try {
        const bad = [...trial.box.truth()].filter(({ type }) => type === 'file').filter((_, at) => at % 60 === 0);
        const ids = new Set(bad.map(({ id }) => id));
        trial.proxy.onItem = ({ id }) => (ids.has(id) ? 400 : undefined);
        const first = await trial.syncs(3);
        assert.is(first.rejected, ids.size);
        assert.equal(
          [...ids].filter((id) => id === '').length + (await trial.documents()).size,
          [...trial.box.truth()].length - ids.size,
        );
        const listed = await trial.connector.run(['dead-letters', 'list']);
        for (const id of ids) assert.match(listed.stdout, id);
        assert.match(listed.stdout, /document_parsing_exception/);
        trial.proxy.onItem = undefined;
        const second = await trial.syncs(0);
        assert.is(second.written, ids.size);
        await trial.assertEqual();
        const after = await trial.connector.run(['dead-letters', 'list']);
        assert.not.match(after.stdout, /document_parsing_exception/);
      } finally {
        await trial.close();
      }
    });

    real('everything refused: the run fails, nothing is deleted, and the next one goes on', async () => {
      const trial = await SyncTrial.start({
        name: 'wholesale',
        account: 'free',
        proxied: true,
        tree: { foldersPerUser: 10, filesPerFolder: 30 },
      });
      try {
        await trial.syncs(0);
        const files = [...trial.box.truth()].filter(({ type }) => type === 'file');
        for (const file of files.slice(0, 200)) trial.box.rename(file, `renamed ${file.id}`);
        for (const file of files.slice(200, 210)) trial.box.trash(file);
        const before = (await trial.documents()).size;
        trial.proxy.onItem = () => 400;
        const ended = await trial.sync();
        assert.is(ended.code, 1);
        assert.match(ended.stderr, /refused, expected at most/);
        assert.is((await trial.documents()).size, before);
        trial.proxy.onItem = undefined;
        // What was refused is found changed again, in the run that goes on or in the one behind it.
        const next = await trial.sync();
        assert.ok(next.code === 0 || next.code === 3, next.stderr);
        const last = await trial.syncs(0);
        assert.is(last.rejected, 0);
        await trial.assertEqual({ folderSizes: false });
      } finally {
        await trial.close();
      }
    });

    real(
      'silent for a while: no more than the configured rows are listed meanwhile, memory stays flat, then it completes',
      async () => {
        const rows = isLong ? 6_000 : 1_500;
        const perFolder = 100;
        const trial = await SyncTrial.start({
          name: 'silent',
          account: 'free',
          proxied: true,
          tree: { foldersPerUser: isLong ? 510 : 50, filesPerFolder: perFolder },
          config: { pipeline_limits: { rows }, bulk: { max_items: 250 } },
        });
        try {
          const { calls } = trial.simulator;
          const running = trial.start();
          await until(() => calls.of('folders') >= 5);
          trial.proxy.silence();
          const operationsBefore = trial.proxy.counts.operations;
          await pause(isLong ? 10_000 : 1_500);
          const pid = running.process.pid ?? 0;
          const rssAtFirst = rssMiB(pid);
          const listedAtFirst = calls.of('folders');
          await pause(waitOf(150) * 1_000 - 1_500);
          const grown = rssMiB(pid) - rssAtFirst;
          assert.is(calls.of('folders'), listedAtFirst, 'nothing more is listed');
          // The root lists folders only; what was written before the silence is not outstanding.
          const outstanding = (listedAtFirst - 1) * perFolder - operationsBefore;
          assert.ok(outstanding <= rows, `${outstanding} rows outstanding`);
          assert.ok(grown < 12, `grown by ${grown} MiB`);
          trial.proxy.go();
          summaryOf(await running.ended, 0);
          await trial.assertEqual();
        } finally {
          await trial.close();
        }
      },
    );

    real('the cluster goes away in the middle and comes back: the run waits and is complete', async () => {
      const trial = await SyncTrial.start({
        name: 'away',
        account: 'free',
        proxied: true,
        tree: { foldersPerUser: 40, filesPerFolder: 30 },
        simulator: { settings: { latencyMs: 20 } },
        config: { bulk: { max_items: 50, max_wait_ms: 50 } },
      });
      try {
        const running = trial.start();
        await until(() => trial.proxy.counts.requests >= 3);
        await trial.proxy.down();
        await pause(waitOf(60) * 1_000);
        await trial.proxy.up();
        summaryOf(await running.ended, 0);
        await trial.assertEqual();
      } finally {
        await trial.close();
      }
    });

    real(
      'an API key that expires in the middle: exit 1 with words about the key; with a new one the run goes on',
      async () => {
        const trial = await SyncTrial.start({
          name: 'key',
          account: 'free',
          proxied: true,
          tree: { foldersPerUser: 20, filesPerFolder: 30 },
          config: { bulk: { max_items: 50, max_wait_ms: 50 } },
        });
        try {
          let requests = 0;
          trial.proxy.onRequest = () => {
            requests += 1;
            return requests > 3 ? { kind: 'status', status: 401 } : undefined;
          };
          const ended = await trial.sync();
          assert.is(ended.code, 1, ended.stderr);
          assert.match(ended.stderr, /key/i);
          trial.proxy.onRequest = undefined;
          const again = await trial.sync();
          summaryOf(again, 0);
          assert.match(again.stderr, /going on where it was/);
          await trial.assertEqual();
        } finally {
          await trial.close();
        }
      },
    );

    real(
      'an index that becomes read-only in the middle: exit 1 with words about the block; without it the run goes on',
      async () => {
        const trial = await SyncTrial.start({
          name: 'read-only',
          account: 'free',
          proxied: true,
          tree: { foldersPerUser: 20, filesPerFolder: 30 },
          simulator: { settings: { latencyMs: 10 } },
          config: {
            elasticsearch: { bulk: { queue_refresh_timeout: waitOf(60) } },
            bulk: { max_items: 50, max_wait_ms: 50 },
          },
        });
        const block = (value: boolean | null) =>
          trial.client.indices.putSettings({
            index: trial.index,
            settings: { 'index.blocks.read_only_allow_delete': value },
          });
        try {
          await trial.syncs(0);
          const files = [...trial.box.truth()].filter(({ type }) => type === 'file');
          for (const file of files.slice(0, 300)) trial.box.rename(file, `renamed ${file.id}`);
          for (const file of files.slice(300, 310)) trial.box.trash(file);
          const running = trial.start();
          const before = trial.proxy.counts.requests;
          await until(() => trial.proxy.counts.requests >= before + 2);
          // What Elasticsearch itself does when the disk is nearly full.
          await block(true);
          const ended = await running.ended;
          assert.is(ended.code, 1, ended.stderr);
          assert.match(ended.stderr, /index\.blocks/);
          assert.match(ended.stderr, trial.index);
          await block(null);
          const again = await trial.sync();
          summaryOf(again, 0);
          assert.match(again.stderr, /going on where it was/);
          await trial.assertEqual({ folderSizes: false });
        } finally {
          await trial.close();
        }
      },
    );

    // A node of its own takes half a minute; in the short form a proxy goes away instead (above).
    const own: typeof real = isLong ? real : () => {};
    own('a node that is restarted in the middle', async () => {
      const elasticsearch = await startOwnElasticsearch();
      try {
        const trial = await SyncTrial.start({
          name: 'node',
          account: 'free',
          elasticsearch,
          tree: { foldersPerUser: 400, filesPerFolder: 50 },
          simulator: { settings: { latencyMs: 50 } },
        });
        try {
          const running = trial.start();
          await until(() => trial.simulator.calls.of('folders') >= 100);
          await elasticsearch.restart();
          summaryOf(await running.ended, 0);
          await trial.assertEqual();
          const second = trial.start('--full');
          await pause(1_500);
          await elasticsearch.kill();
          await elasticsearch.restart();
          const ended = await second.ended;
          assert.ok(ended.code === 0 || ended.code === 1, ended.stderr);
          await trial.syncs(0);
          await trial.assertEqual();
        } finally {
          await trial.close();
        }
      } finally {
        await elasticsearch.stop();
      }
    });
  },
  { timeoutMs: isLong ? 3_600_000 : 60_000 },
);

function rssMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024;
}

async function until(isSo: () => boolean): Promise<void> {
  for (let waited = 0; !isSo(); waited += 5) {
    if (waited > 60_000) throw new Error('it did not become so within 60 s');
    await pause(5);
  }
}
