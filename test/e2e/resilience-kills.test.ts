import { setTimeout as pause } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { needing } from '../support/real-parts.js';
import { seededRandom } from '../support/seeded-random.js';
import { suite } from '../support/suite.js';
import { isLong, SyncTrial } from '../support/sync-trial.js';

const kills = isLong ? 50 : 10;
const rows = 1_200;

suite(
  'resilience: kill -9',
  (test) => {
    const real = needing(test, 'elasticsearch');

    real(
      `${kills} kills at random moments of a sync with changes: one run to the end, and the index is Box`,
      async () => {
        const seed = Number(process.env['TEST_SEED'] ?? 20_260_417);
        console.log(`seed ${seed}`);
        const random = seededRandom(seed);
        const trial = await SyncTrial.start({
          name: 'kills',
          account: 'enterprise',
          tree: isLong
            ? { users: 4, foldersPerUser: 200, depth: 3, filesPerFolder: 40, sharedShare: 0.1 }
            : { users: 3, foldersPerUser: 50, depth: 3, filesPerFolder: 12, sharedShare: 0.1 },
          // Slow enough that a run lasts for a few kills.
          simulator: { settings: { latencyMs: 25 } },
          config: {
            box: { listing: { concurrency: 4 } },
            pipeline_limits: { rows },
            bulk: { max_items: 200, max_wait_ms: 20 },
          },
        });
        try {
          const { box, simulator } = trial;
          await trial.syncs(0);
          const items = [...box.truth()];
          const files = items.filter(({ type }) => type === 'file');
          const change = () => {
            for (let count = 0; count < files.length / 40; count += 1) {
              const file = files[Math.floor(random() * files.length)];
              if (file === undefined || box.item(file).trashedAt !== null) continue;
              const what = random();
              if (what < 0.3) box.rename(file, `renamed-${Math.floor(random() * 1e9)}.txt`);
              else if (what < 0.5) box.newVersion(file.id, `text ${random()}`);
              else if (what < 0.7) box.trash(file);
              else
                box.createFile({ name: `new-${Math.floor(random() * 1e9)}.txt`, folder: file.ancestors.at(-1) ?? '0' });
            }
          };
          change();

          // What one clean run of the same Box costs, measured by the least that it can.
          const clean = box.leastListingCalls();
          simulator.calls.reset();
          let killed = 0;
          let settledAtKills = 0;
          for (let kill = 0; kill < kills; kill += 1) {
            const running = trial.start('--allow-deletes');
            await pause(300 + random() * (isLong ? 2_000 : 700));
            running.kill('SIGKILL');
            const { signal } = await running.ended;
            if (signal === 'SIGKILL') killed += 1;
            else settledAtKills += 1;
            // A run that had already ended: the next one walks anew, after further changes.
            if (signal !== 'SIGKILL') change();
          }
          const startedAt = Date.now();
          const last = await trial.syncs(0, '--allow-deletes');
          assert.ok(last.listed > 0);
          const listings = simulator.calls.of('folders');
          const runs = settledAtKills + 1;
          // The room of so few rows is that of one listing call at a time: a kill loses the page that is being listed, and
          // those with an entry that is on its way to the index.
          const bound = 1.1 * clean * runs + killed;
          console.log(
            `${killed} of ${kills} killed, ${runs} runs to the end, ${listings} listing calls, ${clean} a clean run, bound ${Math.round(bound)}, last run ${Date.now() - startedAt} ms`,
          );
          assert.ok(killed >= kills / 2, `only ${killed} runs were killed`);
          assert.ok(listings <= bound, `${listings} listing calls, expected at most ${bound}`);
          // What changed while a folder was already settled comes with the next run.
          const after = await trial.syncs(0, '--allow-deletes');
          assert.is(after.rejected, 0);
          await trial.assertEqual({ folderSizes: false });
        } finally {
          await trial.close();
        }
      },
    );

    real('after kill -9 it works again within 5 s of the start, and goes on instead of beginning anew', async () => {
      const trial = await SyncTrial.start({
        name: 'restart',
        account: 'free',
        tree: { foldersPerUser: 60, filesPerFolder: 10 },
        simulator: { settings: { latencyMs: 80 } },
        config: { box: { listing: { concurrency: 2 } }, bulk: { max_wait_ms: 50, max_items: 20 } },
      });
      try {
        const running = trial.start();
        await until(() => trial.simulator.calls.of('folders') >= 45);
        running.kill('SIGKILL');
        await running.ended;
        trial.simulator.calls.reset();
        const restartedAt = Date.now();
        const again = trial.start();
        await until(() => trial.simulator.calls.of('folders', 200) >= 1);
        const ms = Date.now() - restartedAt;
        assert.ok(ms < 5_000, `${ms} ms`);
        const ended = await again.ended;
        assert.is(ended.code, 0, ended.stderr);
        assert.match(ended.stderr, /going on where it was/);
        assert.is(ended.summary?.listed, [...trial.box.truth()].length);
        assert.ok(trial.simulator.calls.of('folders') <= 50, `${trial.simulator.calls.of('folders')} listing calls`);
        await trial.assertEqual();
      } finally {
        await trial.close();
      }
    });
  },
  { timeoutMs: isLong ? 3_600_000 : 90_000 },
);

async function until(isSo: () => boolean): Promise<void> {
  for (let waited = 0; !isSo(); waited += 5) {
    if (waited > 20_000) throw new Error('it did not become so within 20 s');
    await pause(5);
  }
}
