import * as assert from 'uvu/assert';
import type { Simulator, SimulatorOptions } from '../../../src/simulator/simulator.js';
import { suite } from '../../support/suite.js';
import { clientOf, request, withSimulator, type Client, type Body } from '../client.js';

const tree = { users: 3, foldersPerUser: 2, filesPerFolder: 4 };

function withEvents(
  run: (simulator: Simulator, client: Client) => Promise<void>,
  settings: SimulatorOptions['settings'] = {},
): Promise<void> {
  return withSimulator({ tree, settings }, (simulator) =>
    run(simulator, clientOf(simulator, simulator.credentials.userId)),
  );
}

/** Positions as they stand in the text: parsing them as JSON would round them. */
const positionIn = (text: string): string => /"next_stream_position":"?(\d+)"?/.exec(text)?.[1] ?? '';
const typesOf = ({ entries }: Pick<Body, 'entries'>): string[] => entries.map(({ event_type: type }) => type);

const filesOf = ({ box }: Simulator, user = 0) => [...box.items.children(box.tree.folder(user, 0).id, 'file')];

suite('listEvents() of a user', (test) => {
  test('tells every change once, in positions beyond what a double holds', () =>
    withEvents(async (simulator, client) => {
      const { box } = simulator;
      const now = await client.get('/2.0/events?stream_type=changes&stream_position=now');
      assert.equal([now.json.chunk_size, now.json.entries], [0, []]);
      const [file, other] = filesOf(simulator);
      assert.ok(file && other);
      const folder = box.createFolder({ name: 'New' });
      box.createFile({ name: 'a.txt', folder: folder.id, content: 'a' });
      box.rename(file, 'b.txt');
      box.newVersion(file.id, 'new');
      box.move(file, folder.id);
      box.trash(file);
      box.restore(file);
      box.copy(other.id, { folder: folder.id });
      box.share(folder);
      const { json, text } = await client.get(
        `/2.0/events?stream_type=changes&stream_position=${positionIn(now.text)}`,
      );
      const expected = 'CREATE UPLOAD RENAME UPLOAD MOVE TRASH UNDELETE_VIA_TRASH COPY'
        .split(' ')
        .map((type) => `ITEM_${type}`);
      assert.equal(typesOf(json), expected);
      assert.is(json.chunk_size, 8);
      assert.ok(BigInt(positionIn(text)) > BigInt(Number.MAX_SAFE_INTEGER));
      assert.is.not(String(json.next_stream_position), positionIn(text));
      const all = await client.get(`/2.0/events?stream_position=${positionIn(now.text)}`);
      assert.is(typesOf(all.json).at(-1), 'ITEM_SHARED_CREATE');
      assert.is(new Set(json.entries.map(({ event_id: id }) => id)).size, 8);
    }));

  test('sends a snapshot of the item with the new place, and of a trashed one with none', () =>
    withEvents(async (simulator, client) => {
      const { box } = simulator;
      const [file] = filesOf(simulator);
      assert.ok(file);
      box.move(file, box.tree.folder(0, 1).id);
      box.trash(file);
      const { entries } = (await client.get('/2.0/events?stream_type=changes')).json;
      const [{ source: moved }, { source: trashed }] = entries;
      assert.equal([moved.parent.id, moved.item_status, moved.synced], [box.tree.folder(0, 1).id, 'active', false]);
      assert.equal([trashed.parent, trashed.item_status], [null, 'deleted']);
      assert.equal(trashed.path_collection, { entries: [], total_count: 0 });
      assert.ok(trashed.purged_at > trashed.trashed_at);
    }));

  test('shows what others change only to those who see it', () =>
    withEvents(async (simulator) => {
      const { box } = simulator;
      const [, two = '', three = ''] = box.tree.owners;
      const { id } = box.collaborate(box.tree.folder(0, 0), { userId: two });
      const [file] = filesOf(simulator);
      assert.ok(file);
      box.rename(file, 'seen.txt');
      box.removeCollaboration(id);
      box.rename(file, 'unseen.txt');
      const seenBy = async (user: string, stream: string) =>
        typesOf((await clientOf(simulator, user).get(`/2.0/events?stream_type=${stream}`)).json);
      assert.equal(await seenBy(two, 'all'), ['COLLAB_ADD_COLLABORATOR', 'ITEM_RENAME', 'COLLAB_REMOVE_COLLABORATOR']);
      assert.equal(await seenBy(two, 'changes'), ['ITEM_RENAME']);
      assert.equal(await seenBy(three, 'all'), []);
    }));

  test('logs downloads in all, not in changes', () =>
    withEvents(async (simulator, client) => {
      const [file] = filesOf(simulator);
      await client.get(`/2.0/files/${file?.id ?? ''}/content`);
      assert.equal(typesOf((await client.get('/2.0/events?stream_type=all')).json), ['ITEM_DOWNLOAD']);
      assert.equal(typesOf((await client.get('/2.0/events?stream_type=changes')).json), []);
    }));

  test('may send strings, repeat events, cut chunks short and turn them round', () =>
    withEvents(
      async (simulator, client) => {
        for (const file of filesOf(simulator)) simulator.box.rename(file, `new ${file.name}`);
        const one = await client.get('/2.0/events?stream_type=changes&limit=100');
        assert.is(typeof one.json.next_stream_position, 'string');
        assert.is(one.json.entries.length, 2);
        const two = await client.get(`/2.0/events?stream_type=changes&stream_position=${positionIn(one.text)}`);
        assert.equal([two.json.entries.length, two.json.chunk_size], [3, 3]);
        const ids = [...one.json.entries, ...two.json.entries].map(({ event_id: id }) => id);
        assert.is(new Set(ids).size, 4);
        assert.ok(two.json.entries[0].source.name > two.json.entries[1].source.name);
      },
      { events: { positions: 'string', duplicates: 1, chunk: 2, shuffled: true } },
    ));

  test('shows events late', () =>
    withEvents(
      async (simulator, client) => {
        const [file] = filesOf(simulator);
        assert.ok(file);
        simulator.box.rename(file, 'late.txt');
        assert.equal(typesOf((await client.get('/2.0/events')).json), []);
        simulator.box.advance(5_001);
        assert.equal(typesOf((await client.get('/2.0/events')).json), ['ITEM_RENAME']);
      },
      { events: { delayMs: 5_000 } },
    ));

  test('refuses positions that are forgotten or none, or begins at the oldest', () =>
    withEvents(async (simulator, client) => {
      const { box } = simulator;
      const [file, other] = filesOf(simulator);
      assert.ok(file && other);
      box.rename(file, 'one.txt');
      const { text } = await client.get('/2.0/events');
      box.rename(file, 'two.txt');
      box.forgetEvents();
      box.rename(other, 'three.txt');
      const path = `/2.0/events?stream_position=${positionIn(text)}`;
      const { status, json } = await client.get(path);
      assert.equal([status, json.context_info.errors[0].name], [400, 'stream_position']);
      assert.is((await client.get('/2.0/events?stream_position=12345')).status, 400);
      box.settings.events.expired = 'oldest';
      assert.is((await client.get(path)).json.chunk_size, 1);
    }));
});

suite('listEvents() of the enterprise', (test) => {
  test('tells what everybody changes, in the form of the administrators', () =>
    withEvents(async (simulator) => {
      const { box } = simulator;
      const client = clientOf(simulator);
      const [file] = filesOf(simulator, 1);
      assert.ok(file);
      const [, two = '', three = ''] = box.tree.owners;
      box.rename(file, 'new.txt');
      box.collaborate(box.tree.folder(1, 0), { userId: three, role: 'viewer' });
      box.deactivateUser(three);
      const { entries } = (await client.get('/2.0/events?stream_type=admin_logs_streaming')).json;
      assert.equal(typesOf({ entries }), ['RENAME', 'COLLABORATION_INVITE', 'EDIT_USER']);
      assert.equal([entries[0].source.item_id, entries[0].source.owned_by.id], [file.id, two]);
      assert.match(entries[0].event_id, /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
      assert.is(entries[1].accessible_by.id, three);
      assert.equal(
        [entries[1].source.folder_id, entries[1].additional_details.role],
        [box.tree.folder(1, 0).id, 'Viewer'],
      );
      const invites = await client.get('/2.0/events?stream_type=admin_logs&event_type=COLLABORATION_INVITE,UPLOAD');
      assert.equal(typesOf(invites.json), ['COLLABORATION_INVITE']);
    }));

  test('honours dates in admin_logs only, and sends position 0 with an empty page', () =>
    withEvents(async (simulator) => {
      const { box } = simulator;
      const client = clientOf(simulator);
      const [file] = filesOf(simulator);
      assert.ok(file);
      box.rename(file, 'early.txt');
      box.advance(60_000);
      const middle = new Date(box.now() - 1_000).toISOString();
      box.rename(file, 'late.txt');
      const logs = await client.get(`/2.0/events?stream_type=admin_logs&created_after=${middle}`);
      assert.equal([logs.json.chunk_size, logs.json.entries[0].source.item_name], [1, 'late.txt']);
      const next = await client.get(`/2.0/events?stream_type=admin_logs&stream_position=${positionIn(logs.text)}`);
      assert.is(positionIn(next.text), '0');
      const streaming = await client.get(`/2.0/events?stream_type=admin_logs_streaming&created_after=${middle}`);
      assert.is(streaming.json.chunk_size, 2);
    }));

  test('is for administrators with the scope', () =>
    withEvents(async (simulator) => {
      const [, plain = ''] = simulator.box.tree.owners;
      const path = '/2.0/events?stream_type=admin_logs';
      assert.is((await clientOf(simulator, plain).get(path)).json.code, 'access_denied_insufficient_permissions');
      simulator.box.settings.app.scopes = ['root_readonly'];
      assert.equal(
        [(await clientOf(simulator).get(path)).status, (await clientOf(simulator).get(path)).text],
        [403, ''],
      );
    }));
});

suite('longPoll()', (test) => {
  const addressOf = async (client: Client): Promise<string> => {
    const { entries } = (await client.send('OPTIONS', '/2.0/events?stream_type=changes')).json;
    assert.equal([entries[0].type, entries[0].max_retries], ['realtime_server', '10']);
    return entries[0].url;
  };

  test('answers when something happens to the user', () =>
    withEvents(async (simulator, client) => {
      const address = await addressOf(client);
      const { text } = await client.get('/2.0/events?stream_position=now');
      const waiting = request(simulator, `${address}&stream_position=${positionIn(text)}`);
      const [foreign] = filesOf(simulator, 1);
      const [file] = filesOf(simulator);
      assert.ok(file && foreign);
      simulator.box.rename(foreign, 'not mine.txt');
      await new Promise((resolve) => setTimeout(resolve, 20));
      simulator.box.rename(file, 'mine.txt');
      assert.equal((await waiting).json, { message: 'new_change' });
      const late = await request(simulator, `${address}&stream_position=${positionIn(text)}`);
      assert.equal(late.json, { message: 'new_change' });
    }));

  test('asks to connect again after its time', () =>
    withEvents(
      async (simulator, client) => {
        assert.equal((await request(simulator, await addressOf(client))).json, { version: 1, message: 'reconnect' });
      },
      { events: { longPollMs: 20 } },
    ));
});
