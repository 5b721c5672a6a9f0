import * as assert from 'uvu/assert';
import type { Item } from '../../src/simulator/item.js';
import type { Summary } from '../support/connector.js';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { isLong, SyncTrial } from '../support/sync-trial.js';

const folderName = 'The folder';

suite(
  'resilience: listings that fail in the middle of a second full sync',
  (test) => {
    const real = needing(test, 'elasticsearch');

    /** A Box that is in the index, with one folder of 23 files and one sub-folder that comes in three pages. */
    const synced = async (): Promise<{ trial: SyncTrial; folder: Item; inside: readonly Item[]; below: Item }> => {
      const trial = await SyncTrial.start({
        name: 'listing',
        tree: { users: 2, foldersPerUser: 6, depth: 2, filesPerFolder: 5 },
        simulator: { settings: { paging: { shortPages: 10 } } },
      });
      const { box } = trial;
      const folder = box.createFolder({ name: folderName, owner: trial.simulator.credentials.userId });
      const inside = Array.from({ length: 23 }, (_, at) => box.createFile({ name: `${at}.txt`, folder: folder.id }));
      const below = box.createFolder({ name: 'Below', folder: folder.id });
      for (let at = 0; at < 4; at += 1) box.createFile({ name: `below-${at}.txt`, folder: below.id });
      await trial.syncs(0);
      await trial.assertEqual();
      // So that there is something to be deleted and to be written in the second run.
      box.trash(box.createFile({ name: 'short-lived.txt', folder: folder.id }));
      const [first, second] = inside;
      if (first === undefined || second === undefined) throw new Error('no files');
      box.trash(first);
      box.rename(second, 'renamed.txt');
      return { trial, folder, inside, below };
    };

    const assertNamed = ({ state, unread }: Summary, folder: Item, what: string): void => {
      assert.is(state, 'incomplete', what);
      assert.equal(
        unread.map(({ type, id, path }) => ({ type, id, path })),
        [{ type: 'folder', id: folder.id, path: `/${folderName}` }],
        what,
      );
      assert.ok((unread[0]?.reason.length ?? 0) > 20);
    };

    const forGood = [
      ['500', { kind: 'answer', status: 500, body: '{}' }],
      [
        '403',
        {
          kind: 'answer',
          status: 403,
          body: '{"type":"error","status":403,"code":"access_denied_insufficient_permissions"}',
        },
      ],
      ['404', { kind: 'answer', status: 404, body: '{"type":"error","status":404,"code":"not_found"}' }],
      ['429', { kind: 'answer', status: 429, body: '' }],
      ['a body that is cut', { kind: 'cut' }],
      ['broken JSON with 200', { kind: 'broken-json' }],
      ['HTML with 200', { kind: 'html', status: 200 }],
      [
        'JSON without entries',
        { kind: 'answer', status: 200, body: '{"total_count":0}', headers: { 'content-type': 'application/json' } },
      ],
      ['a torn connection', { kind: 'reset' }],
    ] as const;
    real(
      'a folder that cannot be read for good is named, nothing of it is deleted, exit 3; once it can, all is right',
      async () => {
        const { trial, folder } = await synced();
        try {
          const before = (await trial.documents()).size;
          for (const [at, [what, answer]] of forGood.entries()) {
            for (const page of ['first', 'second'] as const) {
              // In the short form each fault is in one place, in turn.
              if (!isLong && (at % 2 === 0) !== (page === 'first')) continue;
              const path = page === 'first' ? undefined : /[?&]marker=/;
              trial.simulator.faults.add({ match: { route: 'folders', id: folder.id, ...(path && { path }) }, answer });
              const summary = await trial.syncs(3, '--full');
              assertNamed(summary, folder, `${what} on the ${page} page`);
              assert.is(summary.deleted, 0, what);
              assert.is((await trial.documents()).size, before, what);
              trial.simulator.faults.clear();
            }
          }
          const mended = await trial.syncs(0);
          assert.is(mended.deleted, 1);
          await trial.assertEqual();
        } finally {
          await trial.close();
        }
      },
    );

    const forAWhile = [
      ['500 three times', { kind: 'answer', status: 500, body: '' }, 3],
      [
        '429 for a while',
        { kind: 'answer', status: 429, body: '', headers: { 'retry-after': isLong ? '20' : '1' } },
        3,
      ],
      ['a body that is cut once', { kind: 'cut' }, 1],
      ['HTML with 200, twice', { kind: 'html', status: 200 }, 2],
    ] as const;
    real('what a retry mends leaves no trace: exit 0', async () => {
      const { trial, folder } = await synced();
      try {
        let deleted = 1;
        for (const [what, answer, times] of forAWhile) {
          const fault = trial.simulator.faults.add({ match: { route: 'folders', id: folder.id, times }, answer });
          const summary = await trial.syncs(0, '--full');
          assert.is(fault.applied, times, what);
          assert.is(summary.deleted, deleted, what);
          await trial.assertEqual();
          deleted = 0;
          trial.simulator.faults.clear();
        }
      } finally {
        await trial.close();
      }
    });

    real(
      'a Box that answers every call with 429 for a while: the run ends resumably, and the next one completes',
      async () => {
        const { trial } = await synced();
        try {
          const before = (await trial.documents()).size;
          trial.simulator.faults.add({
            match: { route: 'folders' },
            answer: { kind: 'answer', status: 429, body: '', headers: { 'retry-after': isLong ? '30' : '1' } },
          });
          const until = Date.now() + (isLong ? 600_000 : 0);
          do {
            const { state, deleted } = await trial.syncs(3, '--full');
            assert.equal([state, deleted, (await trial.documents()).size], ['incomplete', 0, before]);
          } while (Date.now() < until);
          trial.simulator.faults.clear();
          const { deleted } = await trial.syncs(0);
          assert.is(deleted, 1);
          await trial.assertEqual();
        } finally {
          await trial.close();
        }
      },
    );

    real('an entry without modified_at, size or name costs nothing but what is missing', async () => {
      const { trial, inside } = await synced();
      try {
        const odd = [
          { modified_at: undefined },
          { size: undefined },
          { size: 'null' },
          { name: undefined },
          { modified_at: 'null' },
        ];
        for (const [at, fields] of odd.entries()) {
          const file = inside[at + 4];
          if (file !== undefined) trial.box.setOdd(file, fields);
        }
        const summary = await trial.syncs(0, '--full');
        assert.is(summary.rejected, 0);
        assert.is(summary.deleted, 1);
        const nameless = inside[7]?.id ?? '';
        await trial.assertEqual({ except: new Set([`file ${nameless}`]) });
        assert.is((await trial.documents()).get(nameless)?.['name'], null);
      } finally {
        await trial.close();
      }
    });

    real('a field of the wrong type costs the field, said once, and it comes back', async () => {
      const { trial, inside } = await synced();
      try {
        const [, , third] = inside;
        if (third === undefined) throw new Error('no file');
        trial.box.setOdd(third, { size: '"large"' });
        const odd = await trial.sync('--full');
        assert.equal([odd.code, odd.summary?.rejected], [0, 0], odd.stderr);
        assert.match(odd.stderr, /Cannot use field .*size.* of one item: indexed without it/);
        const sizeOf = async () => (await trial.documents()).get(third.id)?.['size'];
        assert.is(await sizeOf(), null);
        trial.box.setOdd(third, {});
        await trial.syncs(0);
        assert.type(await sizeOf(), 'number');
        await trial.assertEqual();
      } finally {
        await trial.close();
      }
    });

    real('empty pages with a marker, and a last marker that is null, empty or absent', async () => {
      const { trial } = await synced();
      try {
        trial.box.settings.paging.emptyPages = true;
        let deleted = 1;
        for (const lastMarker of ['null', 'empty', 'absent'] as const) {
          trial.box.settings.paging.lastMarker = lastMarker;
          const summary = await trial.syncs(0, '--full');
          assert.is(summary.deleted, deleted, lastMarker);
          deleted = 0;
          await trial.assertEqual();
        }
      } finally {
        await trial.close();
      }
    });

    real(
      'markers that Box no longer knows after a stop: the folders are listed anew, each item counts once',
      async () => {
        const trial = await SyncTrial.start({
          name: 'markers',
          account: 'free',
          tree: { foldersPerUser: 3, filesPerFolder: 40 },
          simulator: { settings: { paging: { shortPages: 10 } } },
          config: { box: { listing: { concurrency: 4 } } },
        });
        try {
          trial.configure({ box: { max_calls: 9 } });
          const stopped = await trial.syncs(3);
          assert.is(stopped.state, 'interrupted');
          trial.box.expireMarkers();
          trial.configure();
          const { calls } = trial.simulator;
          const refused = calls.withStatus(400);
          const summary = await trial.syncs(0);
          assert.ok(calls.withStatus(400) > refused, 'a marker was refused');
          assert.is(summary.listed, 123);
          await trial.assertEqual();
        } finally {
          await trial.close();
        }
      },
    );

    /** Answers the folder's listing with pages that are written here: `[marker that is asked for, entries, next]`. */
    const script = (
      trial: SyncTrial,
      folder: Item,
      pages: readonly (readonly [string, readonly unknown[], string | null])[],
    ) => {
      for (const [marker, entries, next] of pages) {
        const path = marker === '' ? /^(?!.*[?&]marker=)/ : new RegExp(`[?&]marker=${marker}(&|$)`);
        trial.simulator.faults.add({
          match: { route: 'folders', id: folder.id, path },
          answer: {
            kind: 'answer',
            status: 200,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ entries, limit: 1_000, next_marker: next }),
          },
        });
      }
    };
    const entriesOf = (trial: SyncTrial, folder: Item): readonly unknown[] =>
      [...trial.box.truth()].filter(({ ancestors }) => ancestors.at(-1) === folder.id).map(({ entry }) => entry);

    real('a page that is repeated counts once', async () => {
      const { trial, folder } = await synced();
      try {
        const entries = entriesOf(trial, folder);
        const first = entries.slice(0, 10);
        script(trial, folder, [
          ['', first, 'm1'],
          ['m1', first, 'm2'],
          ['m2', [], 'm3'],
          ['m3', entries.slice(8), null],
        ]);
        const summary = await trial.syncs(0, '--full');
        assert.is(summary.listed, [...trial.box.truth()].length);
        assert.is(summary.deleted, 1);
        await trial.assertEqual();
      } finally {
        await trial.close();
      }
    });

    real('a marker that leads back to its own page ends the folder as unread, not never', async () => {
      const { trial, folder } = await synced();
      try {
        const before = (await trial.documents()).size;
        const entries = entriesOf(trial, folder);
        script(trial, folder, [
          ['', entries.slice(0, 10), 'm1'],
          ['m1', entries.slice(10, 15), 'm1'],
        ]);
        const summary = await trial.syncs(3, '--full');
        assertNamed(summary, folder, 'a circle');
        assert.is(summary.deleted, 0);
        assert.is((await trial.documents()).size, before);
      } finally {
        await trial.close();
      }
    });
  },
  { timeoutMs: isLong ? 900_000 : 90_000 },
);
