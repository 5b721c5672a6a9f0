import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { clientOf, request, withSimulator, type Body, type Reply } from './client.js';
import type { Simulator } from '../../src/simulator/simulator.js';

const tree = { users: 2, foldersPerUser: 2, filesPerFolder: 3 };

function ask(simulator: Simulator, method: string, path: string, body?: unknown): Promise<Reply> {
  return request(simulator, `/_simulator/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

function listOf({ text }: Reply): { readonly applied?: number }[] {
  return JSON.parse(text) as { applied?: number }[];
}

suite('admin API', (test) => {
  test('makes the changes that the model can make', () =>
    withSimulator({ tree }, async (simulator) => {
      const { box } = simulator;
      const folder = (await ask(simulator, 'POST', 'box/createFolder', [{ name: 'Made' }])).json;
      const file = (
        await ask(simulator, 'POST', 'box/createFile', [{ name: 'a.txt', folder: folder.id, content: 'text' }])
      ).json;
      assert.equal([file.name, file.parent], ['a.txt', folder.id]);
      await ask(simulator, 'POST', 'box/rename', [{ type: 'file', id: file.id }, 'b.txt']);
      await ask(simulator, 'POST', 'box/newVersion', [file.id, 'newer']);
      assert.equal(
        [box.file(file.id).name, box.contents.bytes(box.file(file.id).version.content).toString()],
        ['b.txt', 'newer'],
      );
      assert.is((await ask(simulator, 'POST', 'box/find', ['/Made/b.txt'])).json.id, file.id);
      assert.is((await ask(simulator, 'POST', 'box/trash', [{ type: 'folder', id: folder.id }])).status, 200);
      assert.is(box.find('/Made'), undefined);
    }));

  test('refuses what the model refuses and what is no method for it, in words', () =>
    withSimulator({ tree }, async (simulator) => {
      const missing = await ask(simulator, 'POST', 'box/trash', [{ type: 'file', id: '1' }]);
      assert.equal([missing.status, missing.json.error], [400, 'Cannot find file "1": there is no such item']);
      const ref = { type: 'folder', id: simulator.box.tree.folder(0, 0).id };
      assert.match((await ask(simulator, 'POST', 'box/restore', [ref])).json.error, 'it is not in the trash');
      await ask(simulator, 'POST', 'box/trash', [ref]);
      assert.match((await ask(simulator, 'POST', 'box/trash', [ref])).json.error, 'it is in the trash');
      for (const name of ['constructor', 'quietly', 'truth', '__proto__']) {
        assert.match((await ask(simulator, 'POST', `box/${name}`, [])).json.error, `Cannot call "${name}"`);
      }
      assert.match((await ask(simulator, 'POST', 'box/rename', {})).json.error, 'expected an array');
      assert.is((await ask(simulator, 'GET', 'nothing')).status, 400);
    }));

  test('tells the truth line by line', () =>
    withSimulator({ tree }, async (simulator) => {
      const { text, headers } = await ask(simulator, 'GET', 'truth?text=true&entry=true');
      assert.is(headers.get('content-type'), 'application/x-ndjson');
      const lines = text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Body);
      const truth = [...simulator.box.truth()];
      assert.equal(
        lines.map(({ path }) => path),
        truth.map(({ path }) => path),
      );
      const line = lines.find(({ type }) => type === 'file');
      const item = truth.find(({ type }) => type === 'file');
      assert.equal([line?.sha1, line?.text, line?.entry.name], [item?.sha1, item?.content().toString(), item?.name]);
      const [plain] = (await ask(simulator, 'GET', 'truth')).text
        .split('\n', 1)
        .map((each) => JSON.parse(each) as Body);
      assert.equal([plain?.text, plain?.entry], [undefined, undefined]);
    }));

  test('counts calls, but not its own', () =>
    withSimulator({ tree }, async (simulator) => {
      await clientOf(simulator).get('/2.0/users');
      const { json } = await ask(simulator, 'GET', 'calls');
      assert.equal([json.total, json.byRoute, json.byRouteAndStatus], [1, { users: 1 }, { users: { 200: 1 } }]);
      assert.is(listOf(await ask(simulator, 'GET', 'calls/recent')).length, 1);
      assert.is((await ask(simulator, 'DELETE', 'calls')).json.total, 0);
    }));

  test('changes settings, and refuses unknown ones', () =>
    withSimulator({ tree }, async (simulator) => {
      const { json } = await ask(simulator, 'PATCH', 'settings', { latencyMs: 1, paging: { shortPages: 2 } });
      assert.equal([json.paging.shortPages, json.paging.lastMarker], [2, 'null']);
      assert.is(simulator.box.settings.latencyMs, 1);
      const wrong = await ask(simulator, 'PATCH', 'settings', { paging: { shortPage: 2 } });
      assert.equal(
        [wrong.status, wrong.json.error],
        [400, 'Cannot change setting "paging.shortPage": there is no such setting'],
      );
    }));

  test('adds, shows and removes faults', () =>
    withSimulator({ tree }, async (simulator) => {
      const rule = { match: { route: 'users' }, answer: { kind: 'answer', status: 500 } };
      const { id } = (await ask(simulator, 'POST', 'faults', rule)).json;
      assert.is((await clientOf(simulator).get('/2.0/users')).status, 500);
      assert.is(listOf(await ask(simulator, 'GET', 'faults'))[0]?.applied, 1);
      assert.equal((await ask(simulator, 'DELETE', `faults/${id}`)).json, []);
      assert.is((await clientOf(simulator).get('/2.0/users')).status, 200);
      assert.match(
        (await ask(simulator, 'POST', 'faults', { match: {}, answer: { kind: 'boom' } })).json.error,
        'Cannot read the fault rule',
      );
    }));

  test('hands out tokens and what is needed to sign in', () =>
    withSimulator({ tree }, async (simulator) => {
      assert.equal((await ask(simulator, 'GET', 'credentials')).json, simulator.credentials);
      assert.is(listOf(await ask(simulator, 'GET', 'users')).length, 3);
      const { text } = await ask(simulator, 'POST', 'tokens/issueAccessToken', [simulator.credentials.userId]);
      const token = JSON.parse(text) as string;
      const me = () => request(simulator, '/2.0/users/me', { headers: { authorization: `Bearer ${token}` } });
      assert.is((await me()).status, 200);
      await ask(simulator, 'POST', 'tokens/expireAccessTokens');
      assert.is((await me()).status, 401);
    }));
});
