import * as assert from 'uvu/assert';
import type { Simulator, SimulatorOptions } from '../../../src/simulator/simulator.js';
import { crawlFields } from '../../../src/simulator/truth.js';
import { suite } from '../../support/suite.js';
import { clientOf, withSimulator, type Client, type Body } from '../client.js';

interface Setting {
  readonly simulator: Simulator;
  readonly client: Client;
  /** Address of the first folder's items. */
  readonly items: string;
  readonly folder: string;
}

function withFolder(
  shape: { readonly filesPerFolder: number; readonly foldersPerUser?: number; readonly webLinks?: number },
  run: (setting: Setting) => Promise<void>,
  settings: SimulatorOptions['settings'] = {},
): Promise<void> {
  return withSimulator({ tree: { foldersPerUser: 1, ...shape }, settings }, (simulator) => {
    const folder = simulator.box.tree.folder(0, 0).id;
    const client = clientOf(simulator, simulator.credentials.userId);
    return run({ simulator, client, folder, items: `/2.0/folders/${folder}/items` });
  });
}

const idsOf = (entries: readonly Body[]): string[] => entries.map(({ id }) => id);

suite('folderItems() by offset', (test) => {
  test('answers in the shape that Box has', () =>
    withFolder({ filesPerFolder: 3 }, async ({ client, items }) => {
      const { json, text } = await client.get(`${items}?limit=2&offset=1`);
      assert.equal(Object.keys(json), ['total_count', 'entries', 'offset', 'limit', 'order']);
      assert.equal([json.total_count, json.entries.length, json.offset, json.limit], [3, 2, 1, 2]);
      assert.match(text, '"order":[{"by":"type","direction":"ASC"},{"by":"name","direction":"ASC"}]');
    }));

  test('limits to 100 unless told, and to 1,000 at most', () =>
    withFolder({ filesPerFolder: 1_200 }, async ({ client, items }) => {
      assert.is((await client.get(items)).json.entries.length, 100);
      const { json } = await client.get(`${items}?limit=5000`);
      assert.equal([json.limit, json.entries.length], [1_000, 1_000]);
    }));

  test('refuses what is no number, and offsets beyond the highest', () =>
    withFolder({ filesPerFolder: 1 }, async ({ client, items }) => {
      assert.is((await client.get(`${items}?limit=x`)).json.code, 'invalid_limit');
      assert.is((await client.get(`${items}?offset=-1`)).json.code, 'invalid_offset');
      assert.is((await client.get(`${items}?offset=300000`)).status, 200);
      const { status, json } = await client.get(`${items}?offset=300001`);
      assert.equal([status, json.code], [400, 'bad_request']);
      assert.match(json.context_info.errors[0].message, 'must not exceed the maximum offset of 300000');
    }));

  test('sorts by type first, then by what was asked', () =>
    withFolder({ filesPerFolder: 3, webLinks: 1 }, async ({ client, items, folder, simulator }) => {
      const { box } = simulator;
      const [first] = box.items.children(folder, 'file');
      assert.ok(first);
      box.rename(first, 'zzz.txt');
      box.createFolder({ name: 'zz folder', folder });
      const namesOf = async (query: string) =>
        (await client.get(`${items}?${query}`)).json.entries.map(({ type, name }) => `${type} ${name}`);
      const names = await namesOf('');
      assert.is(names[0], 'folder zz folder');
      assert.is(names[3], 'file zzz.txt');
      const down = await namesOf('sort=name&direction=DESC');
      assert.equal([down[0], down[1]], ['folder zz folder', 'file zzz.txt']);
      assert.is((await namesOf('sort=id'))[1], 'file zzz.txt');
      assert.equal(await namesOf('offset=3&limit=1'), ['file zzz.txt']);
    }));

  test('shows nothing at the dead offsets of a root and counts them', () =>
    withSimulator({ tree: { filesInRoot: 5 }, settings: { paging: { deadOffsets: 3 } } }, async (simulator) => {
      const client = clientOf(simulator, simulator.credentials.userId);
      const found: string[] = [];
      let offset = 0;
      for (let total = 1; offset < total; offset += 2) {
        const { json } = await client.get(`/2.0/folders/0/items?limit=2&offset=${offset}`);
        total = json.total_count;
        assert.is(total, 8);
        if (offset === 0) assert.is(json.entries.length, 0);
        found.push(...idsOf(json.entries));
      }
      assert.is(new Set(found).size, 5);
    }));
});

suite('folderItems() by marker', (test) => {
  const pagesOf = async (client: Client, items: string, limit: number): Promise<Body[]> => {
    const pages: Body[] = [];
    let marker = '';
    do {
      const mark = marker === '' ? '' : `&marker=${marker}`;
      pages.push((await client.get(`${items}?usemarker=true&limit=${limit}${mark}`)).json);
      marker = pages.at(-1)?.next_marker ?? '';
    } while (marker !== '');
    return pages;
  };

  test('has neither offset nor total, and no page too many', () =>
    withFolder({ filesPerFolder: 6 }, async ({ client, items }) => {
      const pages = await pagesOf(client, items, 3);
      assert.equal(
        pages.map(({ entries }) => entries.length),
        [3, 3],
      );
      assert.equal(Object.keys(pages[0] ?? {}), ['entries', 'limit', 'next_marker']);
      assert.is(pages[1]?.next_marker, null);
    }));

  for (const [lastMarker, end] of [
    ['null', null],
    ['empty', ''],
    ['absent', undefined],
  ] as const) {
    test(`ends with a marker that is ${lastMarker}`, () =>
      withFolder(
        { filesPerFolder: 1 },
        async ({ client, items }) => {
          assert.is((await client.get(`${items}?usemarker=true`)).json.next_marker, end);
        },
        { paging: { lastMarker } },
      ));
  }

  test('may have short pages, empty pages and an order that is an object', () =>
    withFolder(
      { filesPerFolder: 5 },
      async ({ client, items }) => {
        const pages = await pagesOf(client, items, 1_000);
        assert.equal(
          pages.map(({ entries }) => entries.length),
          [2, 0, 2, 0, 1],
        );
        assert.is(new Set(pages.flatMap(({ entries }) => idsOf(entries))).size, 5);
        assert.is(pages[0]?.limit, 1_000);
        assert.equal(pages[0]?.order, { by: 'name', direction: 'ASC' });
      },
      { paging: { shortPages: 2, emptyPages: true, order: 'object' } },
    ));

  test('goes on in the right place while items come, go and are renamed', () =>
    withFolder({ filesPerFolder: 6 }, async ({ client, items, folder, simulator }) => {
      const { box } = simulator;
      const [a, b, c, d, e] = [...box.items.children(folder, 'file')];
      assert.ok(a && b && c && d && e);
      const one = (await client.get(`${items}?usemarker=true&limit=2`)).json;
      box.trash(a);
      box.rename(c, 'renamed');
      box.trash(d);
      const added = box.createFile({ name: '000 first by name', folder });
      const rest = (await client.get(`${items}?usemarker=true&limit=100&marker=${one.next_marker}`)).json;
      const ids = [...idsOf(one.entries), ...idsOf(rest.entries)];
      assert.is(new Set(ids).size, ids.length);
      assert.equal(ids.includes(c.id) && ids.includes(added.id) && !ids.includes(d.id), true);
    }));

  test('refuses markers of other folders, of other times and none at all', () =>
    withFolder({ filesPerFolder: 3, foldersPerUser: 2 }, async ({ client, items, simulator }) => {
      const { next_marker: marker } = (await client.get(`${items}?usemarker=true&limit=1`)).json;
      const other = `/2.0/folders/${simulator.box.tree.folder(0, 1).id}/items`;
      assert.is((await client.get(`${other}?usemarker=true&marker=${marker}`)).status, 400);
      assert.is((await client.get(`${items}?usemarker=true&marker=nonsense`)).status, 400);
      assert.is((await client.get(`${items}?usemarker=true&marker=${marker}`)).status, 200);
      simulator.box.expireMarkers();
      const { status, json } = await client.get(`${items}?usemarker=true&marker=${marker}`);
      assert.equal([status, json.context_info.errors[0].name], [400, 'marker']);
    }));
});

suite('folderItems() entries', (test) => {
  test('are minimal without fields', () =>
    withFolder({ filesPerFolder: 1, webLinks: 1 }, async ({ client, items, simulator }) => {
      const { entries } = (await client.get(items)).json;
      assert.equal(Object.keys(entries[0]).sort(), [
        'etag',
        'file_version',
        'id',
        'name',
        'sequence_id',
        'sha1',
        'type',
      ]);
      assert.equal(Object.keys(entries[1]).sort(), ['etag', 'id', 'name', 'sequence_id', 'type', 'url']);
      const root = await clientOf(simulator, simulator.credentials.userId).get('/2.0/folders/0/items');
      assert.equal(Object.keys(root.json.entries[0]).sort(), ['etag', 'id', 'name', 'sequence_id', 'type']);
    }));

  test('have what fields names and the base, whichever their type has', () =>
    withFolder({ filesPerFolder: 1, webLinks: 1 }, async ({ client, items }) => {
      const { entries } = (await client.get(`${items}?fields=name,size,url,sha1,unknown,name,constructor`)).json;
      assert.equal(Object.keys(entries[0]), ['type', 'id', 'etag', 'name', 'size', 'sha1']);
      assert.equal(Object.keys(entries[1]), ['type', 'id', 'etag', 'name', 'url']);
    }));

  test('of a collaborator show the parent and path that he sees', () =>
    withSimulator({ tree: { users: 2, foldersPerUser: 3, depth: 3, filesPerFolder: 1 } }, async (simulator) => {
      const { box } = simulator;
      const [owner = '', guest = ''] = box.tree.owners;
      const [, middle, inner] = [0, 1, 2].map((index) => box.tree.folder(0, index));
      assert.ok(middle && inner);
      box.collaborate(middle, { userId: guest, role: 'viewer' });
      const entriesFor = async (user: string, folder: string) => {
        const path = `/2.0/folders/${folder}/items?fields=parent,path_collection,owned_by,permissions`;
        return (await clientOf(simulator, user).get(path)).json.entries;
      };
      const root = (await entriesFor(guest, '0')).find(({ id }) => id === middle.id);
      assert.ok(root);
      assert.equal([root.parent.id, idsOf(root.path_collection.entries), root.owned_by.id], ['0', ['0'], owner]);
      assert.equal([root.permissions.can_download, root.permissions.can_upload], [true, false]);
      const [nested] = await entriesFor(guest, middle.id);
      assert.equal(
        [nested.id, nested.parent.id, idsOf(nested.path_collection.entries)],
        [inner.id, middle.id, ['0', middle.id]],
      );
      const [own] = await entriesFor(owner, middle.id);
      assert.is(own.path_collection.total_count, 3);
    }));

  test('of a root include what is shared through groups once, and not what is pending, expired or access only', () =>
    withSimulator({ tree: { users: 2, foldersPerUser: 6 } }, async (simulator) => {
      const { box } = simulator;
      const [, guest = ''] = box.tree.owners;
      const folder = (index: number) => box.tree.folder(0, index);
      const group = box.createGroup({ name: 'Crew' });
      box.addMember(group.id, guest);
      box.collaborate(folder(0), { groupId: group.id });
      box.collaborate(folder(0), { userId: guest });
      box.collaborate(folder(1), { userId: guest, status: 'pending' });
      box.collaborate(folder(2), { userId: guest, expiresAt: box.now() - 1 });
      box.collaborate(folder(3), { userId: guest, isAccessOnly: true });
      const everybody = box.createGroup({ name: 'All', groupType: 'all_users_group' });
      box.collaborate(folder(4), { groupId: everybody.id });
      const client = clientOf(simulator, guest);
      const shown = (await client.all('/2.0/folders/0/items?limit=2&fields=owned_by')).filter(
        ({ owned_by: by }) => by.id !== guest,
      );
      assert.equal(idsOf(shown), [folder(0).id, folder(4).id]);
      assert.is((await client.get(`/2.0/folders/${folder(3).id}/items`)).status, 200);
      assert.is((await client.get(`/2.0/folders/${folder(2).id}/items`)).status, 404);
      box.removeMember(group.id, guest);
      for (const { id } of box.collaborations.ofItem('folder', folder(0).id)) box.removeCollaboration(id);
      assert.is((await client.get(`/2.0/folders/${folder(0).id}/items`)).status, 404);
    }));

  test('may carry odd values in place of the true ones', () =>
    withSimulator({ tree: 'edge-cases' }, async (simulator) => {
      const client = clientOf(simulator, simulator.credentials.userId);
      const folder = simulator.box.find('/Oddities \u{1f9ed}');
      const { text, json } = await client.get(
        `/2.0/folders/${folder?.id ?? ''}/items?limit=1000&fields=${crawlFields.join(',')}`,
      );
      const named = new Map(json.entries.map((entry) => [entry.name, entry]));
      assert.match(text, '"id":1580000000001,');
      assert.is(named.get('size-null.txt')?.size, null);
      assert.is('size' in (named.get('size-absent.txt') ?? {}), false);
      assert.is(named.get('zero.txt')?.size, 0);
      assert.is(named.get('one-beyond-the-limit.txt')?.size, 10_485_761);
      assert.is(named.get('two\nlines.txt')?.type, 'file');
      assert.is(named.get('extension-null.txt')?.extension, null);
      const root = await client.get(`/2.0/folders/0/items?fields=size,name,parent`);
      assert.match(root.text, '"size":1.0034576983313e+14');
    }));
});
