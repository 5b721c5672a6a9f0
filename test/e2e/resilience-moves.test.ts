import { setTimeout as pause } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import type { Item } from '../../src/simulator/item.js';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { isLong, summaryOf, SyncTrial } from '../support/sync-trial.js';

suite(
  'resilience: folders that are moved during the walk',
  (test) => {
    const real = needing(test, 'elasticsearch');

    interface Scene {
      readonly trial: SyncTrial;
      /** Listed last of the three, since the newest folder is listed first. */
      readonly late: Item;
      readonly gap: Item;
      readonly early: Item;
      readonly big: Item;
      readonly users: readonly string[];
    }

    const prepared = async (bigIn: 'late' | 'early'): Promise<Scene> => {
      const trial = await SyncTrial.start({
        name: 'moves',
        tree: { users: 3, foldersPerUser: 3, filesPerFolder: 4 },
        config: { box: { listing: { concurrency: 1 } } },
      });
      const { box } = trial;
      const users = [...box.people.managed()].map(({ id }) => id);
      const [owner = ''] = users;
      const [late, gap, early] = ['1-late', '2-gap', '3-early'].map((name) => box.createFolder({ name, owner }));
      if (late === undefined || gap === undefined || early === undefined) throw new Error('no folders');
      const big = box.createFolder({ name: 'Big', folder: bigIn === 'late' ? late.id : early.id });
      for (let at = 0; at < 10; at += 1) {
        const below = box.createFolder({ name: `Below ${at}`, folder: big.id });
        for (let file = 0; file < (isLong ? 200 : 8); file += 1) {
          box.createFile({ name: `${at}-${file}.txt`, folder: below.id });
        }
      }
      await trial.syncs(0);
      await trial.assertEqual({ folderSizes: false });
      return { trial, late, gap, early, big, users };
    };

    /** The second walk, with the move while the folder between the two is being listed. */
    const walkAndMove = async ({ trial, late, gap, early }: Scene, move: () => void) => {
      const { calls, faults } = trial.simulator;
      faults.add({ match: { route: 'folders', id: gap.id }, answer: { kind: 'delay', ms: 500 } });
      const before = new Set((await trial.documents()).keys());
      calls.reset();
      const running = trial.start('--full');
      for (let waited = 0; (calls.listingsByFolder.get(gap.id) ?? 0) === 0; waited += 2) {
        if (waited > 20_000) throw new Error('the gap was not listed');
        await pause(2);
      }
      assert.is(calls.listingsByFolder.get(early.id), 1, 'the early folder is listed');
      assert.is(calls.listingsByFolder.get(late.id), undefined, 'the late folder is not');
      move();
      const summary = summaryOf(await running.ended, 0);
      faults.clear();
      assert.is(summary.deleted, 0);
      assert.equal(new Set((await trial.documents()).keys()), before);
      await trial.syncs(0);
      await trial.assertEqual({ folderSizes: false });
    };

    real(
      'half of the index moves from where the walk has not been to where it has been: nothing is deleted',
      async () => {
        const scene = await prepared('late');
        try {
          await walkAndMove(scene, () => scene.trial.box.move(scene.big, scene.early.id));
        } finally {
          await scene.trial.close();
        }
      },
    );

    real(
      'half of the index moves from where the walk has been to where it has not: it is found twice, kept once',
      async () => {
        const scene = await prepared('early');
        try {
          await walkAndMove(scene, () => scene.trial.box.move(scene.big, scene.late.id));
        } finally {
          await scene.trial.close();
        }
      },
    );

    real('half of the index moves to a user whose root has already been walked: nothing is deleted', async () => {
      const scene = await prepared('late');
      try {
        await walkAndMove(scene, () => scene.trial.box.move(scene.big, { owner: scene.users[2] ?? '' }));
      } finally {
        await scene.trial.close();
      }
    });
  },
  { timeoutMs: isLong ? 900_000 : 90_000 },
);
