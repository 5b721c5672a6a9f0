import * as assert from 'uvu/assert';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { isLong, SyncTrial } from '../support/sync-trial.js';

suite(
  'resilience: users who cannot be read, and an app that has lost its scope',
  (test) => {
    const real = needing(test, 'elasticsearch');

    const synced = async (): Promise<SyncTrial> => {
      const trial = await SyncTrial.start({
        name: 'users',
        tree: { users: 5, foldersPerUser: 4, depth: 2, filesPerFolder: 4, filesInRoot: 2, sharedShare: 0.5 },
      });
      await trial.syncs(0);
      await trial.assertEqual();
      return trial;
    };
    const json = { 'content-type': 'application/json' };

    const userLists = [
      [
        'empty',
        { kind: 'answer', status: 200, body: '{"entries":[],"total_count":0,"next_marker":null}', headers: json },
      ],
      ['refused', { kind: 'answer', status: 403, body: '{"type":"error","status":403,"code":"forbidden"}' }],
      ['failing', { kind: 'answer', status: 500, body: '' }],
      ['cut', { kind: 'cut' }],
      ['HTML', { kind: 'html', status: 200 }],
    ] as const;
    real('a list of users that is empty, refused, failing or cut: nothing is deleted, exit 3', async () => {
      const trial = await synced();
      try {
        const before = await trial.documents();
        for (const [what, answer] of userLists) {
          trial.simulator.faults.add({ match: { route: 'users' }, answer });
          const summary = await trial.syncs(3, '--full');
          assert.is(summary.deleted, 0, what);
          assert.is(summary.unread[0]?.type, 'users', what);
          assert.equal(await trial.documents(), before, what);
          trial.simulator.faults.clear();
        }
        await trial.syncs(0);
        await trial.assertEqual();
      } finally {
        await trial.close();
      }
    });

    real('a list of users that ends in the middle: those who are not on it keep their documents', async () => {
      const trial = await synced();
      try {
        const before = await trial.documents();
        const [first, second] = [...trial.box.people.managed()];
        const entries = [first, second].map((user) => ({ type: 'user', id: user?.id, name: 'x', status: 'active' }));
        const body = JSON.stringify({ entries, next_marker: 'm1' });
        trial.simulator.faults.add({
          match: { route: 'users', path: /[?&]marker=/ },
          answer: { kind: 'answer', status: 500, body: '' },
        });
        trial.simulator.faults.add({
          match: { route: 'users' },
          answer: { kind: 'answer', status: 200, headers: json, body },
        });
        const summary = await trial.syncs(3, '--full');
        assert.is(summary.deleted, 0);
        assert.equal(await trial.documents(), before);
      } finally {
        await trial.close();
      }
    });

    real('a list that is one user short, without an error: he exists, so his documents stay', async () => {
      const trial = await synced();
      try {
        const before = await trial.documents();
        const [, second] = [...trial.box.people.managed()];
        const others = [...trial.box.people.managed()].filter(({ id }) => id !== second?.id);
        const entries = others.map(({ id, name, login }) => ({ type: 'user', id, name, login, status: 'active' }));
        trial.simulator.faults.add({
          match: { route: 'users' },
          answer: { kind: 'answer', status: 200, headers: json, body: JSON.stringify({ entries, next_marker: null }) },
        });
        const summary = await trial.syncs(0, '--full');
        assert.is(summary.deleted, 0);
        assert.equal([...(await trial.documents()).keys()].sort(), [...before.keys()].sort());
      } finally {
        await trial.close();
      }
    });

    real('one user refused with 401 and with 403: nothing of that user is deleted, and the user is named', async () => {
      const trial = await synced();
      try {
        const [, second] = [...trial.box.people.managed()];
        const id = second?.id ?? '';
        const before = new Set((await trial.documents()).keys());
        const refusals = [
          [401, '{"type":"error","status":401,"code":"unauthorized","message":"User has been deactivated"}'],
          [403, '{"type":"error","status":403,"code":"access_denied_insufficient_permissions"}'],
          [404, '{"type":"error","status":404,"code":"not_found"}'],
        ] as const;
        for (const [status, body] of refusals) {
          trial.simulator.faults.add({ match: { asUser: id }, answer: { kind: 'answer', status, body } });
          const summary = await trial.syncs(3, '--full');
          assert.is(summary.deleted, 0, String(status));
          assert.ok(
            summary.unread.some((unread) => unread.type === 'user' && unread.id === id),
            String(status),
          );
          assert.equal(new Set((await trial.documents()).keys()), before, String(status));
          trial.simulator.faults.clear();
        }
        await trial.syncs(0);
        await trial.assertEqual();
      } finally {
        await trial.close();
      }
    });

    real('a user who becomes inactive keeps his documents; one who has left loses them', async () => {
      const trial = await synced();
      try {
        const [, second, third] = [...trial.box.people.managed()];
        const before = new Set((await trial.documents()).keys());
        trial.box.deactivateUser(second?.id ?? '');
        const inactive = await trial.syncs(0);
        assert.is(inactive.deleted, 0);
        assert.equal(new Set((await trial.documents()).keys()), before);
        trial.box.activateUser(second?.id ?? '');
        trial.box.deleteUser(third?.id ?? '');
        const left = await trial.syncs(0, '--allow-deletes');
        assert.ok(left.deleted > 0);
        await trial.assertEqual();
      } finally {
        await trial.close();
      }
    });

    const lost = [
      ['everything 404', 404, '{"type":"error","status":404,"code":"not_found"}', 3],
      ['everything 403', 403, '{"type":"error","status":403,"code":"access_denied_insufficient_permissions"}', 3],
      ['403 for want of scope', 403, '{"type":"error","status":403,"code":"insufficient_scope"}', 1],
      ['everything empty', 200, '{"entries":[],"total_count":0,"next_marker":null}', 3],
    ] as const;
    for (const account of ['enterprise', 'free'] as const) {
      real(`the app loses its scope (${account}): nothing is deleted, the message says what to look at`, async () => {
        const trial =
          account === 'enterprise'
            ? await synced()
            : await SyncTrial.start({
                name: 'scope',
                account,
                tree: { foldersPerUser: 6, filesPerFolder: 4, filesInRoot: 3 },
              });
        try {
          if (account === 'free') await trial.syncs(0);
          const before = new Set((await trial.documents()).keys());
          for (const [what, status, body, code] of lost) {
            for (const route of ['folders', 'items'] as const) {
              // A single item that is asked for is not found either, so that nothing but the guard keeps it.
              const answer =
                route === 'items' && status === 200
                  ? ({ kind: 'answer', status: 404, body: '{"type":"error","status":404,"code":"not_found"}' } as const)
                  : ({ kind: 'answer', status, body, headers: json } as const);
              trial.simulator.faults.add({ match: { route }, answer });
            }
            const ended = await trial.sync('--full');
            assert.is(ended.code, code, `${what}: ${ended.stderr}`);
            assert.is(ended.summary?.deleted ?? 0, 0, what);
            assert.match(ended.stderr, /scope|--allow-deletes/, what);
            assert.equal(new Set((await trial.documents()).keys()), before, what);
            trial.simulator.faults.clear();
          }
          await trial.syncs(0);
          await trial.assertEqual();
        } finally {
          await trial.close();
        }
      });
    }
  },
  { timeoutMs: isLong ? 900_000 : 90_000 },
);
