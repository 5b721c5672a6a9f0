import { BoxCcgAuth, BoxClient, BoxJwtAuth, BoxOAuth, CcgConfig, JwtConfig, OAuthConfig } from 'box-node-sdk';
import type { Readable } from 'node:stream';
import * as assert from 'uvu/assert';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.js';
import { suite } from '../support/suite.js';
import { request } from './client.js';

// Box's own client is the judge: what it cannot read, Box would not send.

interface Setting {
  readonly simulator: Simulator;
  readonly client: BoxClient;
  readonly first: string;
  readonly second: string;
}

const shape = { users: 3, foldersPerUser: 3, depth: 2, filesPerFolder: 5, webLinks: 1 };

async function withClient(run: (setting: Setting) => Promise<void>): Promise<void> {
  const simulator = await startSimulator({ tree: shape });
  const { clientId, clientSecret, enterpriseId } = simulator.credentials;
  const auth = new BoxCcgAuth({ config: new CcgConfig({ clientId, clientSecret, enterpriseId }) });
  const [first = '', second = ''] = simulator.box.tree.owners;
  try {
    await run({ simulator, client: pointed(new BoxClient({ auth }), simulator), first, second });
  } finally {
    await simulator.close();
  }
}

function pointed(client: BoxClient, { url }: Simulator): BoxClient {
  return client.withCustomBaseUrls({ baseUrl: url, uploadUrl: url, oauth2Url: `${url}/oauth2` });
}

async function textOf(stream: Readable | undefined): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString();
}

suite('simulator with box-node-sdk', (test) => {
  test('signs in as the service account by client credentials', () =>
    withClient(async ({ client, simulator }) => {
      const me = await client.users.getUserMe({ fields: ['enterprise', 'login'] });
      assert.is(me.id, simulator.box.serviceAccountId);
      assert.is((await client.folders.getFolderItems('0')).totalCount, 0);
      assert.is(simulator.calls.of('token'), 1);
    }));

  test('signs in as a user by client credentials', () =>
    withClient(async ({ simulator, second }) => {
      const { clientId, clientSecret } = simulator.credentials;
      const config = new CcgConfig({ clientId, clientSecret, userId: second });
      const client = pointed(new BoxClient({ auth: new BoxCcgAuth({ config }) }), simulator);
      assert.is((await client.users.getUserMe()).id, second);
    }));

  test('signs in by JWT with the encrypted key of config.json', () =>
    withClient(async ({ simulator, first }) => {
      const config = JwtConfig.fromConfigJsonString(JSON.stringify(await simulator.jwtConfig()));
      const auth = new BoxJwtAuth({ config });
      assert.is(
        (await pointed(new BoxClient({ auth }), simulator).users.getUserMe()).id,
        simulator.box.serviceAccountId,
      );
      const ofUser = pointed(new BoxClient({ auth: auth.withUserSubject(first) }), simulator);
      assert.is((await ofUser.users.getUserMe()).id, first);
    }));

  test('signs in through the browser, then rotates the refresh token', () =>
    withClient(async ({ simulator, first }) => {
      const { clientId, clientSecret } = simulator.credentials;
      const auth = new BoxOAuth({ config: new OAuthConfig({ clientId, clientSecret }) });
      const client = pointed(new BoxClient({ auth }), simulator);
      const address = new URL(auth.getAuthorizeUrl({ redirectUri: 'http://127.0.0.1:1/callback', state: 's1' }));
      const { status, headers } = await request(simulator, address.pathname + address.search);
      assert.is(status, 302);
      const back = new URL(headers.get('location') ?? '');
      assert.is(back.searchParams.get('state'), 's1');
      const code = back.searchParams.get('code') ?? '';
      const before = await auth.getTokensAuthorizationCodeGrant(code, client.networkSession);
      assert.is((await client.users.getUserMe()).id, first);
      const after = await auth.refreshToken(client.networkSession);
      assert.is.not(after.refreshToken, before.refreshToken);
      assert.is((await client.users.getUserMe()).id, first);
      const smaller = await auth.downscopeToken(
        ['item_preview'],
        `${simulator.url}/2.0/folders/${simulator.box.tree.folder(0, 0).id}`,
        undefined,
        client.networkSession,
      );
      assert.ok(smaller.accessToken);
      await auth.revokeToken(client.networkSession);
      assert.is(simulator.calls.of('revoke', 200), 1);
    }));

  test('lists users in both ways of paging, and finds one by login', () =>
    withClient(async ({ client, first }) => {
      const byOffset = await client.users.getUsers({ limit: 2, offset: 1 });
      assert.is(byOffset.totalCount, 3);
      assert.is(byOffset.entries?.length, 2);
      const one = await client.users.getUsers({ usemarker: true, limit: 2 });
      assert.is(one.entries?.length, 2);
      const two = await client.users.getUsers({ usemarker: true, limit: 2, marker: one.nextMarker ?? '' });
      assert.is(two.entries?.length, 1);
      assert.not.ok(two.nextMarker);
      const { login = '' } = await client.users.getUserById(first);
      assert.equal(
        (await client.users.getUsers({ filterTerm: login })).entries?.map(({ id }) => id),
        [first],
      );
    }));

  test('lists a folder as another user in both ways of paging', () =>
    withClient(async ({ client, simulator, second }) => {
      const as = client.withAsUserHeader(second);
      const folder = simulator.box.tree.folder(1, 0).id;
      const whole = await as.folders.getFolderItems(folder);
      assert.equal(
        whole.entries?.map(({ type }) => type),
        ['folder', 'file', 'file', 'file', 'file', 'file', 'web_link'],
      );
      const names: (string | undefined)[] = [];
      let marker: string | null | undefined;
      do {
        const page = await as.folders.getFolderItems(folder, {
          queryParams: { usemarker: true, limit: 3, ...(marker ? { marker } : {}) },
        });
        names.push(...(page.entries ?? []).map(({ name }) => name));
        marker = page.nextMarker;
      } while (marker);
      assert.equal(
        names,
        whole.entries?.map(({ name }) => name),
      );
      const fields = [
        'size',
        'owned_by',
        'path_collection',
        'created_at',
        'tags',
        'extension',
        'shared_link',
        'classification',
      ];
      const wide = await as.folders.getFolderItems(folder, { queryParams: { fields, limit: 1000 } });
      const [, file] = wide.entries ?? [];
      assert.is(file?.type, 'file');
    }));

  test('reads single items, and follows the redirect to the content', () =>
    withClient(async ({ client, simulator, first }) => {
      const as = client.withAsUserHeader(first);
      const [file] = simulator.box.items.children(simulator.box.tree.folder(0, 0).id, 'file');
      const [link] = simulator.box.items.children(simulator.box.tree.folder(0, 0).id, 'web_link');
      assert.ok(file && link);
      const read = await as.files.getFileById(file.id);
      assert.is(read.name, file.name);
      assert.equal(
        read.pathCollection?.entries.map(({ id }) => id),
        ['0', file.parent],
      );
      assert.is((await as.webLinks.getWebLinkById(link.id)).url, link.url);
      const folder = await as.folders.getFolderById(file.parent);
      assert.is(folder.itemCollection?.totalCount, 7);
      const root = await as.folders.getFolderById('0');
      assert.is(root.name, 'All Files');
      const text = await textOf(await as.downloads.downloadFile(file.id));
      assert.is(text, simulator.box.contents.bytes(file.version.content).toString());
    }));

  test('renews an expired token once and goes on', () =>
    withClient(async ({ client, simulator }) => {
      await client.users.getUserMe();
      simulator.tokens.expireAccessTokens();
      assert.is((await client.users.getUserMe()).id, simulator.box.serviceAccountId);
      assert.is(simulator.calls.of('token'), 2);
      assert.is(simulator.calls.of('me', 401), 1);
    }));

  test('reads events of a user, of the enterprise, and where to wait for more', () =>
    withClient(async ({ client, simulator, first }) => {
      simulator.box.settings.events.positions = 'string';
      const as = client.withAsUserHeader(first);
      const { nextStreamPosition } = await as.events.getEvents({ streamType: 'changes', streamPosition: 'now' });
      const [file] = simulator.box.items.children(simulator.box.tree.folder(0, 0).id, 'file');
      assert.ok(file);
      simulator.box.rename(file, 'renamed.txt');
      simulator.box.trash(file);
      const page = await as.events.getEvents({ streamType: 'changes', streamPosition: String(nextStreamPosition) });
      assert.equal(
        page.entries?.map(({ eventType }) => eventType),
        ['ITEM_RENAME', 'ITEM_TRASH'],
      );
      const logs = await client.events.getEvents({ streamType: 'admin_logs_streaming' });
      assert.equal(
        logs.entries?.map(({ eventType }) => eventType),
        ['RENAME', 'DELETE'],
      );
      const servers = await as.events.getEventsWithLongPolling();
      assert.is(servers.entries?.[0]?.type, 'realtime_server');
    }));

  test('reads groups, memberships and collaborations', () =>
    withClient(async ({ client, simulator, first, second }) => {
      const { box } = simulator;
      const group = box.createGroup({ name: 'Crew' });
      box.addMember(group.id, second, 'admin');
      const folder = box.tree.folder(0, 0);
      const collaboration = box.collaborate(folder, { groupId: group.id, role: 'viewer' });
      assert.equal(
        (await client.groups.getGroups()).entries?.map(({ name }) => name),
        ['Crew'],
      );
      const memberships = await client.memberships.getGroupMemberships(group.id);
      assert.is(memberships.entries?.[0]?.user?.id, second);
      assert.is((await client.memberships.getUserMemberships(second)).totalCount, 1);
      const as = client.withAsUserHeader(first);
      const list = await as.listCollaborations.getFolderCollaborations(folder.id);
      assert.equal(
        list.entries?.map(({ id, role }) => [id, role]),
        [[collaboration.id, 'viewer']],
      );
      assert.is((await client.listCollaborations.getGroupCollaborations(group.id)).totalCount, 1);
      const seen = await client.withAsUserHeader(second).folders.getFolderItems('0');
      assert.ok(seen.entries?.some(({ id }) => id === folder.id));
    }));

  test('reads the trash', () =>
    withClient(async ({ client, simulator, first }) => {
      const folder = simulator.box.trash(simulator.box.tree.folder(0, 0));
      const as = client.withAsUserHeader(first);
      assert.equal(
        (await as.trashedItems.getTrashedItems()).entries?.map(({ id }) => id),
        [folder.id],
      );
      assert.is((await as.trashedFolders.getTrashedFolderById(folder.id)).itemStatus, 'trashed');
    }));
});
