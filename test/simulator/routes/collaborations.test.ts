import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.js';
import { clientOf, withSimulator } from '../client.js';

const tree = { users: 3, foldersPerUser: 2, depth: 2, filesPerFolder: 1 };

suite('collaborations', (test) => {
  test('are listed without markers, those of folders above only when the settings say so', () =>
    withSimulator({ tree }, async (simulator) => {
      const { box } = simulator;
      const [owner = '', guest = ''] = box.tree.owners;
      const [outer, inner] = [box.tree.folder(0, 0), box.tree.folder(0, 1)];
      box.collaborate(outer, { userId: guest, role: 'viewer' });
      const client = clientOf(simulator, owner);
      const list = async () => (await client.get(`/2.0/folders/${inner.id}/collaborations`)).json;
      assert.equal(await list(), { total_count: 0, entries: [] });
      box.settings.inheritedCollaborations = true;
      const [entry] = (await list()).entries;
      assert.equal([entry.item.id, entry.accessible_by.id, entry.role], [outer.id, guest, 'viewer']);
    }));

  test('hide the item of a pending one', () =>
    withSimulator({ tree }, async (simulator) => {
      const { box } = simulator;
      const [owner = '', guest = ''] = box.tree.owners;
      const [file] = box.items.children(box.tree.folder(0, 0).id, 'file');
      assert.ok(file);
      box.collaborate(file, { userId: guest, status: 'pending' });
      box.collaborate(file, { inviteEmail: 'new@example.net' });
      const { entries } = (await clientOf(simulator, owner).get(`/2.0/files/${file.id}/collaborations`)).json;
      assert.equal(
        entries.map(({ status, item }) => [status, item]),
        [
          ['pending', null],
          ['pending', null],
        ],
      );
      assert.equal(
        [entries[0].accessible_by.name, entries[1].accessible_by, entries[1].invite_email],
        ['', null, 'new@example.net'],
      );
    }));

  test('do not exist on a root', () =>
    withSimulator({ tree }, async (simulator) => {
      const { status, json } = await clientOf(simulator, simulator.credentials.userId).get(
        '/2.0/folders/0/collaborations',
      );
      assert.equal([status, json.code], [400, 'collaborations_not_available_on_root_folder']);
    }));
});

suite('groups', (test) => {
  test('are paged by offset only, up to 10,000', () =>
    withSimulator({ tree }, async (simulator) => {
      const { box } = simulator;
      const client = clientOf(simulator);
      const groups = ['A', 'B', 'C'].map((name) => box.createGroup({ name }));
      const { json } = await client.get('/2.0/groups?limit=2&offset=1&usemarker=true');
      assert.equal([json.total_count, json.entries.map(({ name }) => name)], [3, ['B', 'C']]);
      assert.is((await client.get('/2.0/groups?offset=10001')).status, 400);
      assert.is((await client.get(`/2.0/groups/${groups[0]?.id ?? ''}/memberships`)).json.total_count, 0);
      assert.is((await client.get('/2.0/groups/1/memberships')).status, 404);
      const [, plain = ''] = box.tree.owners;
      assert.is((await clientOf(simulator, plain).get('/2.0/groups')).status, 403);
    }));
});

suite('users', (test) => {
  test('are listed without the service account, external ones only by their whole login', () =>
    withSimulator({ tree }, async (simulator) => {
      const { box } = simulator;
      const client = clientOf(simulator);
      const guest = box.createUser({ name: 'Guest', kind: 'external', login: 'guest@example.net' });
      const idsOf = async (query: string) => (await client.get(`/2.0/users?${query}`)).json.entries.map(({ id }) => id);
      assert.equal(await idsOf(''), box.tree.owners);
      assert.equal(await idsOf('filter_term=guest@example.net'), [guest.id]);
      assert.equal(await idsOf('filter_term=guest'), []);
      assert.is((await client.get('/2.0/users?offset=10001')).status, 400);
      const external = await client.get(`/2.0/users/${guest.id}`);
      assert.equal([external.json.name, external.json.status], ['Guest', null]);
      const fields = await client.get('/2.0/users?limit=1&fields=role,enterprise,unknown');
      assert.equal(fields.json.entries[0], {
        type: 'user',
        id: box.tree.owners[0],
        role: 'admin',
        enterprise: { type: 'enterprise', id: '1234567', name: 'Example Company' },
      });
    }));

  test('go with everything that they own', () =>
    withSimulator({ tree }, async (simulator) => {
      const { box } = simulator;
      const [owner = '', guest = ''] = box.tree.owners;
      box.collaborate(box.tree.folder(0, 0), { userId: guest });
      box.deleteUser(owner);
      const client = clientOf(simulator);
      assert.is((await client.get(`/2.0/users/${owner}`)).status, 404);
      assert.is((await client.get('/2.0/folders/0/items', { 'as-user': owner })).status, 404);
      const asGuest = clientOf(simulator, guest);
      assert.is((await asGuest.get(`/2.0/folders/${box.tree.folder(0, 0).id}/items`)).status, 404);
      const root = await asGuest.get('/2.0/folders/0/items?fields=owned_by');
      assert.ok(root.json.entries.every(({ owned_by: by }) => by.id === guest));
    }));
});

suite('trashItems()', (test) => {
  test('shows what was trashed itself, to its owner', () =>
    withSimulator({ tree }, async (simulator) => {
      const { box } = simulator;
      const [owner = '', other = ''] = box.tree.owners;
      const folder = box.trash(box.tree.folder(0, 0));
      const client = clientOf(simulator, owner);
      const { json } = await client.get('/2.0/folders/trash/items?fields=name,item_status,path_collection,parent');
      assert.equal([json.total_count, json.entries[0].id, json.entries[0].item_status], [1, folder.id, 'trashed']);
      assert.is(json.entries[0].path_collection.entries[0].id, '1');
      assert.is((await clientOf(simulator, other).get('/2.0/folders/trash/items')).json.total_count, 0);
      assert.equal(
        (await client.all('/2.0/folders/trash/items')).map(({ id }) => id),
        [folder.id],
      );
      const mixed = await client.get('/2.0/folders/trash/items?usemarker=true&offset=0');
      assert.equal([mixed.status, mixed.json.context_info.errors[0].reason], [400, 'invalid_parameter']);
      box.restore(folder);
      assert.is((await client.get('/2.0/folders/trash/items')).json.total_count, 0);
    }));
});
