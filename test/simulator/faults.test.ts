import * as assert from 'uvu/assert';
import type { FaultAnswer, FaultMatch } from '../../src/simulator/faults.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { suite } from '../support/suite.js';
import { clientOf, tokenRequest, withSimulator } from './client.js';

const tree = { users: 2, filesInRoot: 20 };
const items = '/2.0/folders/0/items';

async function broken(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => false,
    () => true,
  );
}

function withFault(
  match: FaultMatch,
  answer: FaultAnswer,
  run: (get: () => ReturnType<ReturnType<typeof clientOf>['get']>, simulator: Simulator) => Promise<void>,
): Promise<void> {
  return withSimulator({ tree }, (simulator) => {
    simulator.faults.add({ match, answer });
    const client = clientOf(simulator, simulator.credentials.userId);
    return run(() => client.get(items), simulator);
  });
}

suite('Faults', (test) => {
  test('answer in place of Box, for so many times', () =>
    withFault(
      { route: 'folders', times: 2 },
      { kind: 'answer', status: 503, headers: { 'Retry-After': '7' }, body: '{}' },
      async (get, { calls }) => {
        const reply = await get();
        assert.equal([reply.status, reply.headers.get('retry-after'), reply.text], [503, '7', '{}']);
        assert.equal([(await get()).status, (await get()).status], [503, 200]);
        assert.equal([calls.faults, calls.of('folders', 503)], [2, 2]);
      },
    ));

  test('begin with the n-th request that fits', () =>
    withFault({ route: 'folders', nth: 2, times: 1 }, { kind: 'html' }, async (get) => {
      const replies = [await get(), await get(), await get()];
      assert.equal(
        replies.map(({ status }) => status),
        [200, 502, 200],
      );
      assert.match(replies[1]?.text ?? '', '<html>');
    }));

  test('are found by path, user, id, method and form', () =>
    withSimulator({ tree }, async (simulator) => {
      const { faults, credentials } = simulator;
      const [, other = ''] = simulator.box.tree.owners;
      const answer = { kind: 'answer', status: 500 } as const;
      const client = clientOf(simulator);
      const statusAs = async (user: string) => (await client.get(items, { 'as-user': user })).status;
      const byUser = faults.add({ match: { asUser: other }, answer });
      assert.equal([await statusAs(other), await statusAs(credentials.userId)], [500, 200]);
      assert.equal([byUser.matched, byUser.applied], [1, 1]);
      faults.remove(byUser.id);
      assert.is(await statusAs(other), 200);
      faults.add({ match: { path: /folders\/0\/items\?limit/ }, answer });
      assert.equal([(await client.get(`${items}?limit=1`)).status, (await client.get(items)).status], [500, 200]);
      faults.add({ match: { body: 'grant_type=refresh_token', method: 'POST' }, answer });
      const refresh = { grant_type: 'refresh_token', refresh_token: credentials.refreshToken };
      assert.is((await tokenRequest(simulator, refresh)).status, 500);
      faults.clear();
      assert.is((await tokenRequest(simulator, refresh)).status, 200);
      assert.equal(faults.list(), []);
    }));

  test('tear the connection before or after the effect', () =>
    withSimulator({ tree }, async (simulator) => {
      const { faults, credentials } = simulator;
      const refresh = { grant_type: 'refresh_token', refresh_token: credentials.refreshToken };
      faults.add({ match: { route: 'token', times: 1 }, answer: { kind: 'reset' } });
      assert.is(await broken(tokenRequest(simulator, refresh)), true);
      faults.add({ match: { route: 'token', times: 1 }, answer: { kind: 'reset', after: true } });
      assert.is(await broken(tokenRequest(simulator, refresh)), true);
      // The second one was exchanged although nobody heard of it.
      assert.is((await tokenRequest(simulator, refresh)).json.error, 'invalid_grant');
    }));

  test('cut the body in the middle', () =>
    withFault({ times: 1 }, { kind: 'cut' }, async (get) => {
      assert.is(await broken(get()), true);
      assert.is((await get()).status, 200);
    }));

  test('break the JSON under a correct length', () =>
    withFault({}, { kind: 'broken-json' }, async (get) => {
      const { status, json, text } = await get();
      assert.equal([status, json, text.length > 0], [200, {}, true]);
    }));

  test('drip the body, whole in the end', () =>
    withFault({}, { kind: 'drip', pieces: 5, everyMs: 2 }, async (get) => {
      assert.is((await get()).json.entries.length, 20);
    }));

  test('stall after the first byte until the client gives up', () =>
    withFault({}, { kind: 'stall' }, async (_, simulator) => {
      const token = simulator.tokens.issueAccessToken(simulator.credentials.userId);
      const client = new AbortController();
      const response = await fetch(simulator.url + items, {
        headers: { authorization: `Bearer ${token}` },
        signal: client.signal,
      });
      assert.is(response.status, 200);
      const isBroken = broken(response.text());
      setTimeout(() => client.abort(), 20);
      assert.is(await isBroken, true);
    }));

  test('delay a true answer', () =>
    withFault({}, { kind: 'delay', ms: 30 }, async (get) => {
      const began = performance.now();
      assert.is((await get()).json.entries.length, 20);
      assert.ok(performance.now() - began >= 29);
    }));
});
