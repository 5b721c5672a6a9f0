import { createHash } from 'node:crypto';
import fetch from 'node-fetch';
import * as assert from 'uvu/assert';
import { type BoxApi, type ItemPage, boxApi } from '../../src/box/box-api.js';
import { type BoxClient, type BoxClientOptions, boxClient } from '../../src/box/box-client.js';
import type { BoxItem } from '../../src/box/box-item.js';
import { GrantRefusedError } from '../../src/box/grant-refused-error.js';
import { parseJwtConfig } from '../../src/box/jwt-config.js';
import { nodeFetchClient } from '../../src/box/node-fetch-client.js';
import { oauthLogin } from '../../src/box/oauth-login.js';
import type { SignIn } from '../../src/box/sign-in.js';
import { systemClock } from '../../src/core/clock.js';
import { AuthError, PermanentError, TransientError } from '../../src/core/errors.js';
import type { FaultAnswer } from '../../src/simulator/faults.js';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.js';
import { never, rejection, rejectionOf } from '../support/fake-http.js';
import { MemoryTokenStore } from '../support/memory-token-store.js';
import { suite } from '../support/suite.js';

interface Opened {
  readonly box: Simulator;
  readonly store: MemoryTokenStore;
  readonly client: (signIn: SignIn, more?: Partial<BoxClientOptions>) => BoxClient & { readonly api: BoxApi };
}

/** Two users, each with a folder of three files. */
const tree = { users: 2, foldersPerUser: 1, filesPerFolder: 3, webLinks: 1 };

async function withBox(
  work: (opened: Opened) => Promise<void>,
  { stallMs = 10_000, ...options }: SimulatorOptions & { readonly stallMs?: number } = {},
): Promise<void> {
  const box = await startSimulator({ tree, ...options });
  const { http: transport, close } = nodeFetchClient({ clock: systemClock }, { stallMs });
  const store = new MemoryTokenStore();
  const retry = { baseMs: 1, maxAttempts: 3, maxElapsedMs: 2_000 };
  const client: Opened['client'] = (signIn, more) => {
    const deps = { transport, store, clock: systemClock, random: Math.random };
    const made = boxClient(deps, { baseUrl: box.url, signIn, callsPerMinute: 0, retry, ...more });
    return { ...made, api: boxApi(made.http) };
  };
  try {
    await work({ box, store, client });
  } finally {
    close();
    await box.close();
  }
}

function asUser({ credentials }: Simulator): SignIn {
  return { kind: 'refresh-token', ...credentials };
}

function asApp({ credentials }: Simulator, type: 'enterprise' | 'user' = 'enterprise'): SignIn {
  const subject = { type, id: type === 'enterprise' ? credentials.enterpriseId : credentials.userId };
  return { kind: 'client-credentials', ...credentials, subject };
}

async function asJwt(box: Simulator): Promise<SignIn> {
  const config = parseJwtConfig(JSON.stringify(await box.jwtConfig()));
  return { kind: 'jwt', config, subject: { type: 'enterprise', id: config.enterpriseId } };
}

function itemsOf({ entries }: ItemPage): BoxItem[] {
  return entries.map((entry) => {
    if ('problem' in entry) throw new Error(entry.problem);
    return entry.item;
  });
}

/** Everything below the root of a user. */
async function crawl(api: BoxApi, user: string | undefined, folder = '0'): Promise<BoxItem[]> {
  const found: BoxItem[] = [];
  let marker: string | null = null;
  do {
    const page: ItemPage = await api.listFolder(folder, { marker, asUser: user }, never);
    for (const item of itemsOf(page)) {
      found.push(item);
      if (item.type === 'folder') found.push(...(await crawl(api, user, item.id)));
    }
    marker = page.nextMarker;
  } while (marker !== null);
  return found;
}

async function sha1Of(api: BoxApi, fileId: string, user?: string): Promise<string> {
  const { bytes, length } = await api.openContent(fileId, { asUser: user }, never);
  const hash = createHash('sha1');
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.byteLength;
    hash.update(chunk);
  }
  assert.is(size, length);
  return hash.digest('hex');
}

suite('The Box client against the simulator', (test) => {
  const signIns: readonly (readonly [string, (box: Simulator) => SignIn | Promise<SignIn>])[] = [
    ['client credentials of the enterprise', asApp],
    ['JWT', asJwt],
  ];
  for (const [what, signIn] of signIns) {
    test(`${what}: finds every item of every user, with its content, and makes no other call`, () =>
      withBox(async ({ box, client }) => {
        const { api, counts } = client(await signIn(box));
        const { users } = await api.listUsers({ marker: null }, never);
        const truth = new Map(Array.from(box.box.truth(), (item) => [`${item.type} ${item.id}`, item]));
        assert.is(users.length, 2);
        let files = 0;
        for (const user of users) {
          for (const item of await crawl(api, user.id)) {
            const expected = truth.get(`${item.type} ${item.id}`);
            truth.delete(`${item.type} ${item.id}`);
            assert.is(item.name, expected?.name);
            if (item.type !== 'file') continue;
            files += 1;
            assert.is(item.sha1, expected?.sha1);
            assert.is(await sha1Of(api, item.id, user.id), item.sha1);
          }
        }
        assert.is(truth.size, 0);
        assert.is(files, 6);
        const { calls } = counts;
        assert.equal([calls.token, calls.users, calls.folders, calls.content, calls.download], [1, 1, 4, 6, 6]);
        assert.is(box.calls.total, 18);
        assert.is(box.calls.exposedDownloads, 0);
      }));
  }

  for (const [what, signIn] of [
    ['a refresh token', asUser],
    ['client credentials of a user', (box: Simulator) => asApp(box, 'user')],
  ] as const) {
    test(`${what}: acts as that user`, () =>
      withBox(async ({ box, client }) => {
        const { api } = client(signIn(box));
        assert.is((await api.me(never)).id, box.credentials.userId);
        const items = await crawl(api, undefined);
        assert.is(items.filter(({ type }) => type === 'file').length, 3);
        assert.is(items.filter(({ type }) => type === 'web_link').length, 1);
      }));
  }

  test('a refresh token rotates, and the next process goes on with the stored one', () =>
    withBox(async ({ box, store, client }) => {
      const first = client(asUser(box));
      await first.api.me(never);
      const second = client(asUser(box));
      await second.api.me(never);
      assert.is(second.counts.calls.token, 0);
      box.box.advance(4_000_000);
      await second.api.me(never);
      // It expired without our clock noticing: one 401, one renewal, one repetition.
      assert.equal([second.counts.calls.token, second.counts.repeats['token-renewed']], [1, 1]);
      assert.is(store.saved.length, 2);
    }));

  test('a spent refresh token without a stored one says to log in', () =>
    withBox(async ({ box, client }) => {
      const signIn: SignIn = { kind: 'refresh-token', ...box.credentials, refreshToken: 'spent' };
      const error = await rejectionOf(GrantRefusedError, client(signIn).api.me(never));
      assert.match(error.message, 'box-connector login');
      assert.is(box.calls.of('token'), 1);
    }));

  test('a wrong secret is refused once and in words', () =>
    withBox(async ({ box, client }) => {
      for (const signIn of [asApp(box), asUser(box)]) {
        const wrong = { ...signIn, clientSecret: 'wrong' };
        const error = await rejectionOf(AuthError, client(wrong).api.me(never));
        assert.match(error.message, 'box.client_secret');
      }
      assert.is(box.calls.of('token'), 2);
    }));

  test('an app that is not authorised is refused in words', () =>
    withBox(
      async ({ box, client }) => {
        assert.match((await rejectionOf(AuthError, client(asApp(box)).api.me(never))).message, 'admin console');
      },
      { settings: { app: { authorized: false } } },
    ));

  test('JWT finds its way when the clocks differ', () =>
    withBox(
      async ({ box, client }) => {
        const { api } = client(await asJwt(box));
        await api.me(never);
        assert.is(box.calls.of('token'), 2);
      },
      { settings: { clockSkewMs: -600_000 } },
    ));

  test('20 calls that meet an expired token renew it once', () =>
    withBox(async ({ box, client }) => {
      const { api } = client(asUser(box));
      await api.me(never);
      box.box.advance(4_000_000);
      await Promise.all(Array.from({ length: 20 }, () => api.listFolder('0', { marker: null }, never)));
      assert.is(box.calls.of('token'), 2);
    }));

  test('an inactive user costs no renewal and does not end the rest', () =>
    withBox(async ({ box, client }) => {
      for (const status of [401, 403] as const) {
        box.box.settings.inactiveStatus = status;
        const { api, counts } = client(asApp(box));
        const [, second] = (await api.listUsers({ marker: null }, never)).users;
        box.box.deactivateUser(second?.id ?? '');
        const listing = api.listFolder('0', { marker: null, asUser: second?.id }, never);
        assert.instance(await rejection(listing), PermanentError);
        await api.listFolder('0', { marker: null, asUser: box.credentials.userId }, never);
        assert.is(counts.calls.token, 1);
        box.box.activateUser(second?.id ?? '');
      }
    }));

  test('an app that may not act for others is told what to switch on', () =>
    withBox(
      async ({ box, client }) => {
        const listing = client(asApp(box)).api.listFolder('0', { marker: null, asUser: box.credentials.userId }, never);
        assert.match((await rejectionOf(AuthError, listing)).message, 'as-user header');
      },
      { settings: { app: { asUser: false } } },
    ));

  const faults: readonly FaultAnswer[] = [
    { kind: 'reset' },
    { kind: 'cut' },
    { kind: 'stall' },
    { kind: 'html' },
    { kind: 'html', status: 200 },
    { kind: 'broken-json' },
    { kind: 'answer', status: 500 },
    { kind: 'answer', status: 429, headers: { 'Retry-After': '0.02' } },
    { kind: 'answer', status: 409, body: '{"code":"operation_blocked_temporary"}' },
  ];
  for (const answer of faults) {
    const what = Object.values(answer)
      .filter((value) => typeof value !== 'object')
      .join(' ');
    // Long enough for a healthy answer on a busy machine.
    const stallMs = answer.kind === 'stall' ? 150 : 10_000;
    test(`a listing gets over: ${what}`, () =>
      withBox(
        async ({ box, client }) => {
          const { api, counts } = client(asUser(box));
          box.faults.add({ match: { route: 'folders', times: 1 }, answer });
          const page = await api.listFolder('0', { marker: null }, never);
          assert.is(page.entries.length, 1);
          assert.is(counts.calls.folders, 1);
          assert.is(box.calls.of('folders'), 2);
        },
        { stallMs },
      ));
    test(`a listing that always ends in: ${what}, is an error`, () =>
      withBox(
        async ({ box, client }) => {
          const { api } = client(asUser(box));
          box.faults.add({ match: { route: 'folders' }, answer });
          const error = await rejectionOf(TransientError, api.listFolder('0', { marker: null }, never));
          assert.match(error.message, 'tried 3 times');
          assert.is(box.calls.of('folders'), 3);
        },
        { stallMs },
      ));
  }

  for (const kind of ['cut', 'stall'] as const) {
    test(`content that is ${kind} is an error while it is read`, () =>
      withBox(
        async ({ box, client }) => {
          const { api } = client(asUser(box));
          const file = (await crawl(api, undefined)).find(({ type }) => type === 'file');
          box.faults.add({ match: { route: 'download' }, answer: { kind } });
          assert.instance(await rejection(sha1Of(api, file?.id ?? '')), TransientError);
        },
        { stallMs: 150 },
      ));
  }

  test('content that drips, but comes, is read to its end', () =>
    withBox(async ({ box, client }) => {
      const { api } = client(asUser(box));
      const file = (await crawl(api, undefined)).find((item) => item.type === 'file');
      box.faults.add({ match: { route: 'download' }, answer: { kind: 'drip', pieces: 4, everyMs: 5 } });
      assert.is(await sha1Of(api, file?.id ?? ''), file?.sha1);
    }));

  test('content that is not ready is waited for; one that never is, is an error', () =>
    withBox(
      async ({ box, client }) => {
        const { api, counts } = client(asUser(box));
        const file = (await crawl(api, undefined)).find((item) => item.type === 'file');
        box.box.setNotReady(file?.id ?? '', 5);
        assert.is(await sha1Of(api, file?.id ?? ''), file?.sha1);
        assert.equal([counts.calls.content, counts.repeats['not-ready']], [1, 5]);
        box.box.setNotReady(file?.id ?? '', 1_000);
        const impatient = client(asUser(box), { retry: { maxElapsedMs: 40 } }).api;
        assert.match((await rejectionOf(TransientError, sha1Of(impatient, file?.id ?? ''))).message, 'not ready yet');
      },
      { settings: { content: { retryAfter: '0.01' } } },
    ));

  test('proofs: trashed, gone, and an item that is there', () =>
    withBox(async ({ box, client }) => {
      const { api } = client(asUser(box));
      const [first, second, third] = (await crawl(api, undefined)).filter((item) => item.type === 'file');
      box.box.trash({ type: 'file', id: first?.id ?? '' });
      box.box.trash({ type: 'file', id: second?.id ?? '' });
      box.box.purge({ type: 'file', id: second?.id ?? '' });
      assert.equal(await api.getItem('file', first?.id ?? '', undefined, never), { gone: 'trashed' });
      assert.equal(await api.getItem('file', second?.id ?? '', undefined, never), { gone: 'not_found' });
      assert.equal(await api.getItem('file', third?.id ?? '', undefined, never), { item: third });
      assert.instance(await rejection(api.openContent(first?.id ?? '', {}, never)), PermanentError);
    }));

  test('whims of paging: short and empty pages, an object for order, an absent marker', () =>
    withBox(
      async ({ box, client }) => {
        const { api } = client(asUser(box));
        assert.is((await crawl(api, undefined)).length, 5);
      },
      { settings: { paging: { lastMarker: 'absent', order: 'object', shortPages: 2, emptyPages: true } } },
    ));

  test('the rate limit of Box is not met when ours is lower', () =>
    withBox(
      async ({ box, client }) => {
        const { api, counts } = client(asUser(box), { callsPerMinute: 6_000 });
        await Promise.all(Array.from({ length: 120 }, () => api.me(never)));
        assert.is(box.calls.withStatus(429), 0);
        assert.ok(counts.rateWaits.calls > 0);
      },
      { settings: { rate: { callsPerMinute: 12_000, burst: 110, retryAfter: '' } } },
    ));

  test('login brings a pair that works', () =>
    withBox(async ({ box, store, client }) => {
      const { http, close } = nodeFetchClient({ clock: systemClock });
      const based: typeof http = (request, signal) => http({ ...request, url: box.url + request.url }, signal);
      const retry = { clock: systemClock, random: Math.random };
      const open = (line: string) => {
        const url = /https?:\S+/.exec(line)?.[0];
        if (line.startsWith('Open') && url !== undefined) void fetch(url).then((response) => response.text());
      };
      const token = await oauthLogin(
        { http: based, clock: systemClock, retry, say: open, newState: () => 'state' },
        { ...box.credentials, port: 0, authorizeUrl: `${box.url}/api/oauth2/authorize` },
        never,
      );
      close();
      store.save(box.credentials.clientId, token);
      const { api, counts } = client({ ...box.credentials, kind: 'refresh-token', refreshToken: null });
      assert.is((await api.me(never)).id, box.credentials.userId);
      assert.is(counts.calls.token, 0);
    }));
});
