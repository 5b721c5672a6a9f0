import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Item } from '../../src/simulator/item.js';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { inScene } from './scene.js';
import { SyncTrial, type SyncTrialOptions } from '../support/sync-trial.js';

const tree = { users: 3, foldersPerUser: 2, depth: 1, filesPerFolder: 3 };
const refused = {
  kind: 'answer',
  status: 403,
  body: '{"type":"error","status":403,"code":"access_denied_insufficient_permissions"}',
} as const;
const trashed = { kind: 'answer', status: 404, body: '{"type":"error","status":404,"code":"trashed"}' } as const;

suite(
  'resilience: what has gone',
  (test) => {
    const real = needing(test, 'elasticsearch');

    const inTrial = async (
      options: Partial<SyncTrialOptions>,
      work: (trial: SyncTrial, users: readonly string[]) => Promise<void>,
    ) => {
      const trial = await SyncTrial.start({ name: 'absence', tree, ...options });
      try {
        await work(
          trial,
          Array.from(trial.box.people.managed(), ({ id }) => id),
        );
      } finally {
        await trial.close();
      }
    };
    const filesIn = ({ box }: SyncTrial, folder: Item, count: number) =>
      Array.from({ length: count }, (_, at) => box.createFile({ name: `${at}.txt`, folder: folder.id }));
    /** As if the state's folder had been lost. */
    const loseState = ({ connector }: SyncTrial) => rmSync(join(connector.folder, 'data'), { recursive: true });

    real('a folder that is trashed between its parent’s listing and its own goes in that run, each night', () =>
      inTrial({}, async (trial, [owner = '']) => {
        const { box, simulator } = trial;
        for (let night = 1; night <= 3; night += 1) {
          const folder = box.createFolder({ name: `Short-lived ${night}`, owner });
          filesIn(trial, box.createFolder({ name: 'Below', folder: folder.id }), 5);
          const gone = box.createFile({ name: 'gone.txt', owner });
          await trial.syncs(0);
          box.trash(gone);
          filesIn(trial, folder, 2);
          // Its entry is still in the listing of its parent, and from then on it is in the trash.
          simulator.faults.add({ match: { route: 'folders', id: folder.id }, answer: trashed });
          const summary = await trial.syncs(0, ...(night === 2 ? ['--full'] : []));
          assert.equal([summary.deleted, summary.unread, summary.deletesPending], [8, [], 0]);
          simulator.faults.clear();
          box.trash(folder);
          await trial.assertEqual({ folderSizes: false });
        }
        assert.is((await trial.syncs(0)).deleted, 0);
      }),
    );

    real('a folder and a user who are refused for ever keep nothing of others searchable', () =>
      inTrial({ config: { deletes: { undecided_after: 0 } } }, async (trial, [one = '', two = '', three = '']) => {
        const { box, simulator } = trial;
        const closed = box.createFolder({ name: 'Closed', owner: two });
        const [kept] = filesIn(trial, closed, 3);
        const folder = box.createFolder({ name: 'To the trash', owner: one });
        filesIn(trial, box.createFolder({ name: 'Below', folder: folder.id }), 150);
        const purged = box.createFile({ name: 'purged.txt', owner: one });
        await trial.syncs(0);
        simulator.faults.add({ match: { route: 'folders', id: closed.id }, answer: refused });
        simulator.faults.add({ match: { asUser: three }, answer: refused });
        box.trash(folder);
        box.purge(purged);
        const first = await trial.syncs(3);
        assert.equal([first.deleted, first.deletesHeld, first.deletesPending], [152, 0, 1], 'user 3 may have the last');
        assert.equal(first.unread.map(({ id }) => id).sort(), [closed.id, three].sort());
        const second = await trial.syncs(3);
        assert.equal([second.deleted, second.deletesPending], [1, 0]);
        await trial.assertEqual({ folderSizes: false });
        assert.ok((await trial.documents()).has(kept?.id ?? ''));
      }),
    );

    for (const account of ['enterprise', 'free'] as const) {
      real(`${account}: what moves out of box.folders is deleted`, () =>
        inTrial({ account, tree: {} }, async (trial, [user]) => {
          const { box } = trial;
          const owner = user === undefined ? {} : { owner: user };
          const [a, b] = [box.createFolder({ name: 'A', ...owner }), box.createFolder({ name: 'B', ...owner })];
          const inside = box.createFolder({ name: 'Inside', folder: a.id });
          const [deep] = filesIn(trial, inside, 3);
          const [file, stays] = filesIn(trial, a, 2);
          if (file === undefined || stays === undefined || deep === undefined) throw new Error('no files');
          trial.configure({ box: { folders: [a.id] } });
          await trial.syncs(0);
          assert.is((await trial.documents()).size, 6);
          box.move(file, b.id);
          box.move(inside, b.id);
          const summary = await trial.syncs(0);
          assert.is(summary.deleted, 5);
          assert.equal([...(await trial.documents()).keys()], [stays.id]);
          assert.is((await trial.syncs(0)).deleted, 0);
          trial.configure();
          await trial.syncs(0);
          await trial.assertEqual();
          assert.is((await trial.documents()).get(deep.id)?.['path'], '/B/Inside/0.txt');
        }),
      );
    }

    real('folders whose ids look like types keep their documents, through a lost state and full runs', () =>
      inTrial({ tree: {} }, async (trial, [owner = '']) => {
        const { box, simulator } = trial;
        box.settings.ids = 'any';
        for (let at = 0; at < 12; at += 1) {
          box.createFolder({ id: `folder_number_${at}`, name: `F${at}`, owner });
          if (at % 3 === 0) box.createFile({ id: `number_${at}`, name: `${at}.txt`, owner });
          if (at % 4 === 0) box.createFolder({ id: `number_${at}`, name: `G${at}`, owner });
        }
        await trial.syncs(0);
        await trial.assertEqual();
        const before = (await trial.documents()).size;
        for (const again of [['--full'], ['--full'], [], ['--full']]) {
          if (again.length === 0) loseState(trial);
          simulator.calls.reset();
          const summary = await trial.syncs(0, ...again);
          assert.equal([summary.deleted, summary.written], [0, 0]);
          assert.is((await trial.documents()).size, before);
        }
        box.purge({ type: 'folder', id: 'folder_number_0' });
        box.purge({ type: 'file', id: 'number_0' });
        loseState(trial);
        assert.is((await trial.syncs(0)).deleted, 2);
        await trial.assertEqual();
      }),
    );

    real('after a lost state, what has gone from roots that nobody lists is deleted as well', () =>
      inTrial({}, async (trial, [one = '', two = '']) => {
        const { box, simulator } = trial;
        const service = simulator.credentials.userId;
        const own = [0, 1].map((at) => box.createFolder({ name: `Of the service account ${at}`, owner: service }));
        filesIn(trial, own[0]!, 3);
        const outsider = box.createUser({ name: 'Elsewhere', kind: 'external' }).id;
        const [left, kept] = [0, 1].map((at) => box.createFolder({ name: `Shared ${at}`, owner: outsider }));
        for (const folder of [left!, kept!]) {
          box.collaborate(folder, { userId: one });
          box.createFile({ name: 'shared.txt', folder: folder.id });
        }
        await trial.syncs(0);
        const before = (await trial.documents()).size;
        box.deactivateUser(two);
        loseState(trial);
        box.trash(own[0]!);
        box.trash(left!);
        const summary = await trial.syncs(0, '--full');
        assert.equal([summary.deleted, summary.deletesHeld, summary.deletesPending], [6, 0, 0]);
        assert.is((await trial.documents()).size, before - 6);
        assert.ok((await trial.documents()).has(kept?.id ?? ''));
        assert.is((await trial.syncs(0, '--full')).deleted, 0);
      }),
    );

    for (const again of [['--full'], ['--full', '--rewrite']]) {
      real(`a bulk file holds what it was given: "sync ${again.join(' ')}" also deletes what has gone`, () =>
        inScene({ tree: { users: 1, foldersPerUser: 1, filesPerFolder: 4 } }, async (scene) => {
          const { box, connector, client } = scene;
          const path = join(connector.folder, 'out.ndjson');
          scene.configure({ sink: 'bulk_file', bulk_file: { path } });
          await scene.sync();
          const [gone] = Array.from(box.truth()).filter(({ type }) => type === 'file');
          box.trash({ type: 'file', id: gone?.id ?? '' });
          const summary = await scene.sync(...again);
          assert.equal([summary.deleted, summary.written], [1, Array.from(box.truth()).length]);
          const bulkBody = readFileSync(path, 'utf8');
          const answer = await client.transport.request<{ errors: boolean }>({
            method: 'POST',
            path: '/_bulk',
            bulkBody,
          });
          assert.is(answer.errors, false);
          await scene.assertEqual();
          assert.is((await scene.sync()).written, 0);
        }),
      );
    }
  },
  { timeoutMs: 120_000 },
);
