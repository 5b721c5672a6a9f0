import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { assertEqualsBox } from '../support/index-contents.js';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { assertCalls, inScene, leastCalls } from './scene.js';

const tree = {
  users: 3,
  foldersPerUser: 4,
  depth: 2,
  filesPerFolder: 5,
  filesInRoot: 2,
  webLinks: 1,
  sharedShare: 0.5,
};
const own = { ...tree, users: 1, sharedShare: 0 };

suite(
  'sign-ins',
  (test) => {
    const run = needing(test, 'elasticsearch');

    run('Box Free: the account of the refresh token; each process stores the token for the next', () =>
      inScene({ tree: own, account: 'free' }, async (scene) => {
        const { sim, box } = scene;
        const summary = await scene.sync();
        const documents = await scene.assertEqual();
        assert.is(summary.written, documents.size);
        const calls = leastCalls(box, { isEnterprise: false, text: false });
        // The service account has no part in a personal account.
        assertCalls(sim, { ...calls, folders: calls.folders - 1 });

        // A refresh token is good for one exchange: this one is spent, the next is in the state.
        for (let process = 2; process <= 3; process += 1) {
          box.advance(2 * 3_600_000);
          sim.calls.reset();
          box.createFile({ name: `new ${process}.txt` });
          const next = await scene.sync();
          assert.is(next.written, 1);
          assert.is(sim.calls.of('token'), 1);
          assert.is(sim.calls.of('token', 200), 1);
        }
        await scene.assertEqual();
      }),
    );

    run('Enterprise by client credentials: the accounts of all active users', () =>
      inScene({ tree }, async (scene) => {
        const { sim, box } = scene;
        await scene.sync();
        const documents = await scene.assertEqual();
        const owners = new Set(Array.from(documents.values(), (source) => (source['owned_by'] as { id: string }).id));
        assert.is(owners.size, 3);
        assertCalls(sim, leastCalls(box, { isEnterprise: true, text: false }));
      }),
    );

    run("JWT: the console's config.json with its encrypted key", () =>
      inScene({ tree }, async (scene) => {
        const { sim, box, connector } = scene;
        const path = join(connector.folder, 'config.json');
        writeFileSync(path, JSON.stringify(await sim.jwtConfig()));
        scene.configure({
          box: { jwt_config_file: path, client_id: undefined, client_secret: undefined, enterprise_id: undefined },
        });
        await scene.sync();
        await scene.assertEqual();
        assertCalls(sim, leastCalls(box, { isEnterprise: true, text: false }));
        assert.is(sim.calls.of('token', 200), 1);
      }),
    );

    run('JWT on a computer whose clock is eight minutes behind', () =>
      inScene({ tree, settings: { clockSkewMs: 480_000 } }, async (scene) => {
        const path = join(scene.connector.folder, 'config.json');
        writeFileSync(path, JSON.stringify(await scene.sim.jwtConfig()));
        scene.configure({ box: { jwt_config_file: path } });
        await scene.sync();
        await scene.assertEqual();
      }),
    );

    run('client credentials for one user: that account, with what others have shared into it', () =>
      inScene({ tree: 'empty' }, async (scene) => {
        const { sim, box } = scene;
        const anna = box.createUser({ name: 'Anna' }).id;
        const ben = box.createUser({ name: 'Ben' }).id;
        const folder = box.createFolder({ name: 'Hers', owner: anna });
        const file = box.createFile({ name: 'hers.txt', folder: folder.id });
        const link = box.createWebLink({ name: 'link', owner: anna, url: 'https://example.com/' });
        const shared = box.createFolder({ name: 'His', owner: ben });
        const inShared = box.createFile({ name: 'his.txt', folder: shared.id });
        box.createFile({ name: 'his own.txt', owner: ben });
        box.collaborate(shared, { userId: anna });
        scene.configure({ box: { user_id: anna, enterprise_id: undefined } });
        await scene.sync();
        const documents = await scene.contents();
        const wanted = [folder, file, link, shared, inShared].map(({ id }) => id);
        assert.equal([...documents.keys()].sort(), wanted.sort());
        const others = Array.from(box.truth(), ({ type, id }) => `${type} ${id}`);
        const except = new Set(others.filter((key) => !wanted.some((id) => key.endsWith(` ${id}`))));
        assertEqualsBox(documents, box, { except });
        // Root, two folders.
        assertCalls(sim, { token: 1, users: 0, folders: 3, content: 0 });
        for (const { asUser } of sim.calls.recent) assert.is(asUser, undefined);
      }),
    );
  },
  { timeoutMs: 30_000 },
);
