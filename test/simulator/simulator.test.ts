import { get } from 'node:http';
import * as assert from 'uvu/assert';
import { presetNamed, presetNames } from '../../src/simulator/presets.js';
import { suite } from '../support/suite.js';
import { clientOf, request, withSimulator } from './client.js';

const tree = { users: 3, foldersPerUser: 2, filesPerFolder: 2 };

suite('startSimulator() access', (test) => {
  test('answers 401 without a body to an unknown or expired token', () =>
    withSimulator({ tree }, async (simulator) => {
      const unknown = await request(simulator, '/2.0/users/me', { headers: { authorization: 'Bearer nothing' } });
      assert.equal([unknown.status, unknown.text], [401, '']);
      assert.match(unknown.headers.get('www-authenticate') ?? '', /^Bearer realm="Service", error="invalid_token"/);
      const client = clientOf(simulator);
      assert.is((await client.get('/2.0/users/me')).status, 200);
      simulator.box.advance(3_600_001);
      assert.is((await client.get('/2.0/users/me')).status, 401);
    }));

  test('answers 403 without a body when a scope is missing', () =>
    withSimulator({ tree, settings: { app: { scopes: ['root_readonly'] } } }, async (simulator) => {
      const reply = await clientOf(simulator).get('/2.0/users');
      assert.equal([reply.status, reply.text], [403, '']);
      assert.match(reply.headers.get('www-authenticate') ?? '', /error="insufficient_scope"/);
      const asUser = await clientOf(simulator).get('/2.0/folders/0/items', { 'as-user': simulator.credentials.userId });
      assert.equal([asUser.status, asUser.text], [403, '']);
    }));

  test('answers 403 without a body when the app may not call as users', () =>
    withSimulator({ tree, settings: { app: { asUser: false } } }, async (simulator) => {
      const reply = await clientOf(simulator).get('/2.0/folders/0/items', { 'As-User': simulator.credentials.userId });
      assert.equal([reply.status, reply.text], [403, '']);
    }));

  test('lets administrators call as users, but not everybody as everybody', () =>
    withSimulator({ tree }, async (simulator) => {
      const { box } = simulator;
      const [admin = '', plain = '', other = ''] = box.tree.owners;
      const coadmins = [
        box.createUser({ name: 'Co', role: 'coadmin' }).id,
        box.createUser({ name: 'Adm', role: 'coadmin' }).id,
      ];
      const [one = '', two = ''] = coadmins;
      const external = box.createUser({ name: 'Guest', kind: 'external' }).id;
      const cases: readonly (readonly [caller: string, target: string, status: number])[] = [
        [box.serviceAccountId, plain, 200],
        [box.serviceAccountId, admin, 200],
        [admin, plain, 200],
        [one, plain, 200],
        [plain, other, 403],
        [one, two, 403],
        [one, admin, 403],
        [admin, box.serviceAccountId, 403],
        [admin, external, 403],
        [admin, '404', 404],
      ];
      for (const [caller, target, status] of cases) {
        const reply = await clientOf(simulator, caller).get('/2.0/users/me', { 'as-user': target });
        assert.is(reply.status, status, `${caller} as ${target}`);
        if (status === 200) assert.is(reply.json.id, target);
        if (status === 403) assert.is(reply.json.code, 'access_denied_insufficient_permissions');
      }
    }));

  test('names a deactivated user as the reason, with 401 or 403', () =>
    withSimulator({ tree }, async (simulator) => {
      const { box } = simulator;
      const [, user = ''] = box.tree.owners;
      box.deactivateUser(user);
      for (const status of [401, 403] as const) {
        box.settings.inactiveStatus = status;
        const reply = await clientOf(simulator).get('/2.0/folders/0/items', { 'as-user': user });
        assert.is(reply.status, status);
        assert.match(reply.json.message, 'User has been deactivated');
        assert.is((await clientOf(simulator, user).get('/2.0/users/me')).status, status);
      }
      box.activateUser(user);
      assert.is((await clientOf(simulator).get('/2.0/folders/0/items', { 'as-user': user })).status, 200);
    }));

  test('hides what the caller does not see, and tells trashed from gone', () =>
    withSimulator({ tree }, async (simulator) => {
      const { box } = simulator;
      const [one = '', two = ''] = box.tree.owners;
      const folder = box.tree.folder(0, 0);
      const [file] = box.items.children(folder.id, 'file');
      assert.ok(file);
      const statusOf = async (user: string, path: string) => {
        const { status, json } = await clientOf(simulator, user).get(path);
        return `${status} ${json.code}`;
      };
      assert.is(await statusOf(two, `/2.0/files/${file.id}`), '404 not_found');
      assert.is(await statusOf(two, `/2.0/folders/${folder.id}/items`), '404 not_found');
      assert.is(await statusOf(box.serviceAccountId, `/2.0/files/${file.id}`), '404 not_found');
      assert.is(await statusOf(one, '/2.0/files/12345'), '404 not_found');
      assert.is(await statusOf(one, '/2.0/files/abc'), '405 method_not_allowed');
      box.trash(folder);
      assert.is(await statusOf(one, `/2.0/folders/${folder.id}/items`), '404 trashed');
      assert.is(await statusOf(one, `/2.0/files/${file.id}`), '404 trashed');
      assert.is(await statusOf(one, `/2.0/files/${file.id}/content`), '404 trashed');
      assert.is(await statusOf(one, `/2.0/folders/${folder.id}/trash`), '200 undefined');
      assert.is(await statusOf(one, `/2.0/files/${file.id}/trash`), '404 not_trashed');
      box.purge(folder);
      assert.is(await statusOf(one, `/2.0/folders/${folder.id}`), '404 not_found');
      assert.is(await statusOf(one, `/2.0/files/${file.id}`), '404 not_found');
    }));

  test('opens an item by a shared link, with its password and until its end', () =>
    withSimulator({ tree }, async (simulator) => {
      const { box } = simulator;
      const [, two = ''] = box.tree.owners;
      const folder = box.tree.folder(0, 0);
      const [file] = box.items.children(folder.id, 'file');
      assert.ok(file);
      const token =
        box.share(folder, { password: 'guess', unsharedAt: '2099-01-01T00:00:00Z' }).sharedLink?.token ?? '';
      const url = `https://app.box.com/s/${token}`;
      const statusOf = async (boxapi: string, id = file.id) =>
        (await clientOf(simulator, two).get(`/2.0/files/${id}`, { boxapi })).status;
      assert.is(await statusOf(`shared_link=${url}&shared_link_password=guess`), 200);
      assert.is(await statusOf(`shared_link=${url}`), 404);
      const [elsewhere] = box.items.children(box.tree.folder(0, 1).id, 'file');
      assert.is(await statusOf(`shared_link=${url}&shared_link_password=guess`, elsewhere?.id), 404);
      const shared = await clientOf(simulator, two).get('/2.0/shared_items', {
        boxapi: `shared_link=${url}&shared_link_password=guess`,
      });
      assert.is(shared.json.id, folder.id);
      box.unshare(folder);
      assert.is(await statusOf(`shared_link=${url}&shared_link_password=guess`), 404);
    }));
});

suite('startSimulator() answers', (test) => {
  test('are ASCII with escaped slashes, and say that they are from Box', () =>
    withSimulator({ tree: 'edge-cases' }, async (simulator) => {
      const { text, headers } = await clientOf(simulator, simulator.credentials.userId).get('/2.0/users/me');
      assert.match(text, 'Zo\\u00eb O\\u2019Neill');
      assert.match(text, 'https:\\/\\/');
      assert.ok(headers.get('box-request-id'));
      assert.ok(Math.abs(Date.parse(headers.get('date') ?? '') - Date.now()) < 5_000);
    }));

  test('have names of headers in the case of the settings', () =>
    withSimulator({ tree }, async (simulator) => {
      const namesOf = () =>
        new Promise<string[]>((resolve, reject) => {
          get(`${simulator.url}/2.0/users/me`, { agent: false }, (response) => {
            response.resume();
            resolve(response.rawHeaders.filter((_, index) => index % 2 === 0));
          }).on('error', reject);
        });
      assert.ok((await namesOf()).includes('WWW-Authenticate'));
      simulator.box.settings.headerCase = 'lower';
      assert.ok((await namesOf()).includes('www-authenticate'));
    }));

  test('come as late as the latency says', () =>
    withSimulator({ tree, settings: { latencyMs: 30 } }, async (simulator) => {
      const began = performance.now();
      await clientOf(simulator).get('/2.0/users/me');
      assert.ok(performance.now() - began >= 29);
    }));

  test('are 404 for unknown addresses and 405 for writing', () =>
    withSimulator({ tree }, async (simulator) => {
      const client = clientOf(simulator);
      assert.is((await client.get('/2.0/nothing')).json.code, 'not_found');
      assert.is((await client.send('DELETE', '/2.0/files/1')).json.code, 'method_not_allowed');
    }));

  test('are 304 for an etag that is still right', () =>
    withSimulator({ tree }, async ({ box, ...rest }) => {
      const client = clientOf({ box, ...rest }, rest.credentials.userId);
      const folder = box.tree.folder(0, 0);
      const path = `/2.0/folders/${folder.id}`;
      assert.is((await client.get(path, { 'if-none-match': String(folder.etag) })).status, 304);
      box.setDescription(folder, 'new');
      assert.is((await client.get(path, { 'if-none-match': String(folder.etag) })).status, 200);
    }));

  test('are counted by route, status, folder and user', () =>
    withSimulator({ tree }, async (simulator) => {
      const { calls, credentials } = simulator;
      const client = clientOf(simulator, credentials.userId);
      await client.get('/2.0/folders/0/items');
      await client.get('/2.0/folders/0/items');
      await client.get('/2.0/files/1');
      assert.equal(
        [calls.of('folders'), calls.of('folders', 404), calls.of('items', 404), calls.withStatus(200)],
        [2, 0, 1, 2],
      );
      assert.equal([...calls.listingsByFolder], [['0', 2]]);
      assert.equal([...calls.byUser], [[credentials.userId, 3]]);
      assert.equal(calls.recent.map(({ path, status }) => [path, status]).at(-1), ['/2.0/files/1', 404]);
      calls.reset();
      assert.equal([calls.total, calls.recent.length], [0, 0]);
    }));
});

suite('presetNamed()', (test) => {
  test('knows every preset, and the benchmark in other sizes', () => {
    for (const name of presetNames) assert.ok(presetNamed(name).shape, name);
    const { shape } = presetNamed('bench:840x24x3');
    assert.equal([shape.foldersPerUser, shape.filesPerFolder, shape.users], [840, 24, 3]);
  });

  test('refuses other names, and says which there are', () => {
    assert.throws(() => presetNamed('constructor'), /expected one of empty, one-file, demo/);
  });

  const counts: Record<string, number> = {
    empty: 0,
    'one-file': 1,
    bench: 200 * 101,
    users: 20_000 + 2_000,
    'big-folder': 50_001,
    chain: 400,
    'three-levels': 28_000,
    'many-users': 2_500 * 6,
  };
  for (const [name, count] of Object.entries(counts)) {
    test(`makes ${count} items of "${name}"`, () =>
      withSimulator({ tree: name }, ({ box }) => {
        let found = 0;
        for (const { type } of box.truth()) found += type === 'web_link' ? 0 : 1;
        assert.is(found, count);
      }));
  }

  test('makes a company of about two hundred items for the demo', () =>
    withSimulator({ tree: 'demo' }, ({ box }) => {
      const truth = [...box.truth()];
      assert.ok(truth.length > 180 && truth.length < 260, String(truth.length));
      assert.is(new Set(truth.map(({ ownerId }) => ownerId)).size, 10);
      const found = truth.filter((item) => item.content().includes('mica barrier'));
      assert.equal(
        found.map(({ path }) => path),
        ['/Heron ferry/Battery/Thermal runaway analysis.md'],
      );
    }));
});

suite('startSimulator() for trials', (test) => {
  test('tells of each request before it is answered, so that the answer shows what is changed then', async () => {
    const asked: string[] = [];
    let change = () => {};
    const onRequest = ({ route, id }: { readonly route: string; readonly id: string }) => {
      asked.push(`${route} ${id}`);
      change();
    };
    await withSimulator({ tree: 'empty', onRequest }, async (simulator) => {
      const client = clientOf(simulator, simulator.credentials.userId);
      change = () => void simulator.box.createFile({ name: 'late.txt' });
      const { json } = await client.get('/2.0/folders/0/items');
      assert.equal(
        Array.from(json.entries, ({ name }) => name),
        ['late.txt'],
      );
      assert.equal(asked, ['folders 0']);
    });
  });

  test('knows items whose ids are no numbers where it is told so, as Elastic names them', () =>
    withSimulator({ tree: 'empty', settings: { ids: 'any' } }, async (simulator) => {
      const { box, credentials } = simulator;
      box.createFolder({ id: 'folder_number_0', name: 'A' });
      const client = clientOf(simulator, credentials.userId);
      assert.is((await client.get('/2.0/folders/folder_number_0')).json.id, 'folder_number_0');
      assert.is((await client.get('/2.0/folders/number_0')).status, 404);
      box.settings.ids = 'numbers';
      assert.is((await client.get('/2.0/folders/folder_number_0')).status, 405);
    }));
});
