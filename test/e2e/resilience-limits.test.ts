import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { isLong, SyncTrial } from '../support/sync-trial.js';

suite(
  "resilience: Box's limit of calls, a full disk, big shapes",
  (test) => {
    const real = needing(test, 'elasticsearch');

    const limits = [
      ['the limit is the configured one', 1],
      ["Box's limit is half of the configured one", 2],
    ] as const;
    for (const [name, factor] of limits) {
      real(
        `${name}: nothing is lost, at most 1 % of the calls answered 429, hardly slower than the limit`,
        async () => {
          // In the short form time runs six times as fast.
          const perMinute = isLong ? 1_000 : 6_000;
          const trial = await SyncTrial.start({
            name: 'rate',
            account: 'free',
            tree: { foldersPerUser: isLong ? 1_641 : 500, filesPerFolder: 3 },
            simulator: { settings: { rate: { callsPerMinute: perMinute } } },
            config: { box: { calls_per_minute: perMinute * factor }, retry: { max_elapsed: 120, base_delay: 1 } },
          });
          try {
            const { calls } = trial.simulator;
            const summary = await trial.syncs(0);
            const refused = calls.withStatus(429);
            const made = calls.of('folders');
            console.log(`${name}: ${made} calls, ${refused} answered 429, ${summary.seconds} s`);
            assert.ok(refused <= made * 0.01, `${refused} of ${made} calls answered 429`);
            const atLeast = made / (perMinute / 60);
            // A refusal costs a second, which weighs more where all is over in a few.
            assert.ok(
              summary.seconds <= atLeast * 1.15 + (isLong ? 0 : 5),
              `${summary.seconds} s, ${atLeast} s by the limit`,
            );
            await trial.assertEqual();
          } finally {
            await trial.close();
          }
        },
      );
    }

    /** A small disk of its own; undefined where nothing may be mounted. */
    const smallDisk = (folder: string): boolean => {
      mkdirSync(folder, { recursive: true });
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', folder], { stdio: 'pipe' });
        return true;
      } catch {
        return false;
      }
    };

    real(
      'the disk is full in the middle: exit 1 with words about the disk; once there is room the next run completes',
      async () => {
        const trial = await SyncTrial.start({
          name: 'disk',
          account: 'free',
          tree: { foldersPerUser: 60, filesPerFolder: 100 },
        });
        const folder = join(trial.connector.folder, 'disk');
        const isMounted = smallDisk(folder);
        try {
          // Without a disk of its own: a limit on the size of files, which the program meets in the same place.
          const state = { state: { path: join(folder, 'data') } };
          trial.configure(state);
          let code: number | null;
          let stderr: string;
          if (isMounted) {
            const { bavail, bsize } = statfsSync(folder);
            writeFileSync(join(folder, 'filler'), Buffer.alloc(bavail * bsize - 500 * 1_024));
            ({ code, stderr } = await trial.sync());
            rmSync(join(folder, 'filler'));
          } else {
            ({ code, stderr } = await trial.connector.startWithFileLimit(['sync'], 500).ended);
          }
          assert.is(code, 1, stderr);
          assert.match(stderr, /disk|space/i);
          assert.not.match(stderr, /Unexpected error/);
          const again = await trial.sync();
          assert.is(again.code, 0, again.stderr);
          await trial.assertEqual();
        } finally {
          if (isMounted) execFileSync('umount', ['-l', folder]);
          await trial.close();
        }
      },
    );

    const shapes = [
      ['14,400 folders 60 x 60 x 4', { levels: [60, 60, 4], filesPerFolder: 1 }, 'free'],
      ['25,000 folders of four levels', { levels: [10, 12, 14, 14], filesPerFolder: 0 }, 'free'],
      ['2,500 users', { users: 2_500, foldersPerUser: 2, filesPerFolder: 2, sharedShare: 0.02 }, 'enterprise'],
      ['5,000 users', { users: 5_000, foldersPerUser: 2, filesPerFolder: 1 }, 'enterprise'],
      ['a folder of 300,000 files', { foldersPerUser: 1, filesPerFolder: 300_000 }, 'free'],
    ] as const;
    for (const [name, tree, account] of shapes) {
      if (!isLong) continue;
      real(`${name}: complete, without a stall`, async () => {
        const trial = await SyncTrial.start({ name: 'shape', account, tree });
        try {
          const summary = await trial.syncs(0);
          console.log(`${name}: ${summary.listed} items, ${summary.seconds} s, ${summary.peakRssMiB} MiB`);
          // The app of a single account has no root of its own.
          assert.is(summary.boxCalls['folders'], trial.box.leastListingCalls() - (account === 'free' ? 1 : 0));
          await trial.assertEqual();
        } finally {
          await trial.close();
        }
      });
    }
  },
  { timeoutMs: isLong ? 3_600_000 : 60_000 },
);
