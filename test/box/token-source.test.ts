import * as assert from 'uvu/assert';
import type { Grant, GrantedToken } from '../../src/box/grant.js';
import { GrantRefusedError } from '../../src/box/grant-refused-error.js';
import { tokenOrigin } from '../../src/box/token-origin.js';
import { tokenSource } from '../../src/box/token-source.js';
import type { StoredToken } from '../../src/box/token-store.js';
import { AbortedError, TransientError } from '../../src/core/errors.js';
import { never, rejection } from '../support/fake-http.js';
import { MemoryTokenStore } from '../support/memory-token-store.js';
import { suite } from '../support/suite.js';
import { VirtualClock, settled } from '../support/virtual-clock.js';

const hour = 3_600_000;
const refusedGrant = () =>
  new GrantRefusedError('Refused', { code: 'invalid_grant', description: 'x', serverNow: undefined });

interface SetUp {
  configured?: string | null;
  stored?: StoredToken;
  /** Without a refresh token: nothing is kept. */
  app?: boolean;
  expiresInMs?: number;
  answer?: (refreshToken: string | null, count: number, signal: AbortSignal) => Promise<GrantedToken>;
}

/** Box as a counter: spends whatever it is given for A1/R1, A2/R2 and so on, after a turn of the event loop. */
function setUp({ configured = 'R0', stored, app = false, expiresInMs = hour, answer }: SetUp = {}) {
  const clock = new VirtualClock(0);
  const store = new MemoryTokenStore();
  if (stored !== undefined) store.save('client', stored);
  const events: string[] = [];
  const save = store.save.bind(store);
  store.save = (account, token) => {
    events.push(`saved ${token.accessToken}/${token.refreshToken ?? ''}`);
    save(account, token);
  };
  const spent: (string | null)[] = [];
  const grant: Grant = async (refreshToken, signal) => {
    spent.push(refreshToken);
    const count = spent.length;
    await settled();
    if (answer !== undefined) return answer(refreshToken, count, signal);
    return { accessToken: `A${count}`, refreshToken: app ? null : `R${count}`, expiresInMs };
  };
  const kept = app ? null : { store, account: 'client', configuredRefreshToken: configured };
  return {
    clock,
    store,
    events,
    spent,
    source: tokenSource({ grant, clock, kept }),
    restart: () => tokenSource({ grant, clock, kept }),
  };
}

const storedPair = (more: Partial<StoredToken> = {}): StoredToken => ({
  accessToken: 'SA',
  refreshToken: 'SR',
  expiresAt: hour,
  origin: tokenOrigin('R0'),
  ...more,
});

suite('tokenSource()', (test) => {
  test('20 callers at once cost one sign-in', async () => {
    const { source, spent } = setUp();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => source.token(never)));
    assert.equal(new Set(tokens), new Set(['A1']));
    assert.equal(spent, ['R0']);
  });

  test('20 callers whose token was refused cost one sign-in', async () => {
    const { source, spent } = setUp();
    const stale = await source.token(never);
    const tokens = await Promise.all(Array.from({ length: 20 }, () => source.renew(stale, never)));
    assert.equal(new Set(tokens), new Set(['A2']));
    // Somebody who comes late with the old token gets what is there.
    assert.is(await source.renew(stale, never), 'A2');
    assert.equal(spent, ['R0', 'R1']);
  });

  test('a caller who comes while the token is renewed waits for the new one', async () => {
    const { source, events } = setUp();
    const stale = await source.token(never);
    const renewed = source.renew(stale, never);
    assert.is(await source.token(never), 'A2');
    assert.is(await renewed, 'A2');
    assert.is(events.length, 2);
  });

  test('the pair is saved before anybody has its access token', async () => {
    const { source, events, store } = setUp();
    await Promise.all([1, 2].map(() => source.token(never).then((token) => events.push(`got ${token}`))));
    assert.equal(events, ['saved A1/R1', 'got A1', 'got A1']);
    assert.equal(store.load('client'), {
      accessToken: 'A1',
      refreshToken: 'R1',
      expiresAt: hour,
      origin: tokenOrigin('R0'),
    });
  });

  test('what cannot be saved is not handed out, and is saved first thing at the next call', async () => {
    const { source, store, spent, events } = setUp();
    const save = store.save.bind(store);
    store.save = () => {
      throw new Error('Disk full');
    };
    assert.match((await rejection(source.token(never))).message, 'Disk full');
    assert.match((await rejection(source.token(never))).message, 'Disk full');
    store.save = save;
    assert.is(await source.token(never), 'A1');
    assert.equal(events, ['saved A1/R1']);
    assert.equal(spent, ['R0']);
  });

  const margins: readonly (readonly [expiresInMs: number, renewedAt: number])[] = [
    [4_123_000, 4_123_000 - 180_000],
    [600_000, 600_000 - 180_000],
    [60_000, 40_000],
    [3_000, 2_000],
  ];
  for (const [expiresInMs, renewedAt] of margins) {
    test(`a token of ${expiresInMs / 1_000} s is renewed after ${renewedAt / 1_000} s`, async () => {
      const { source, clock } = setUp({ expiresInMs });
      await source.token(never);
      await clock.advance(renewedAt - 1);
      assert.is(await source.token(never), 'A1');
      await clock.advance(1);
      assert.is(await source.token(never), 'A2');
    });
  }

  test('an app keeps nothing and signs in again when the token expires', async () => {
    const { source, clock, store, spent } = setUp({ app: true });
    assert.is(await source.token(never), 'A1');
    await clock.advance(hour);
    assert.is(await source.token(never), 'A2');
    assert.equal(spent, [null, null]);
    assert.equal(store.saved, []);
  });

  const restarts: readonly (readonly [what: string, setUp: SetUp, token: string, spent: unknown[]])[] = [
    ['the stored token wins', { stored: storedPair() }, 'SA', []],
    [
      'a stored token that has expired is renewed by its own refresh token',
      { stored: storedPair({ expiresAt: 1 }) },
      'A1',
      ['SR'],
    ],
    [
      'a stored token in its last three minutes is renewed',
      { stored: storedPair({ expiresAt: 179_000 }) },
      'A1',
      ['SR'],
    ],
    ['a configured token that has changed wins', { configured: 'NEW', stored: storedPair() }, 'A1', ['NEW']],
    ['without a configured one the stored one counts', { configured: null, stored: storedPair() }, 'SA', []],
    ['what was written back to the configuration is no change', { configured: 'SR', stored: storedPair() }, 'SA', []],
  ];
  for (const [what, options, token, spent] of restarts) {
    test(`after a restart: ${what}`, async () => {
      const opened = setUp(options);
      assert.is(await opened.source.token(never), token);
      assert.equal(opened.spent, spent);
    });
  }

  test('after a restart the last pair goes on, not the configured token', async () => {
    const { source, restart, clock, spent } = setUp();
    await source.token(never);
    assert.is(await restart().token(never), 'A1');
    await clock.advance(hour);
    await restart().token(never);
    assert.equal(spent, ['R0', 'R1']);
  });

  test('a changed configured token is remembered as the new origin', async () => {
    const { source, store } = setUp({ configured: 'NEW', stored: storedPair() });
    await source.token(never);
    assert.is(store.load('client')?.origin, tokenOrigin('NEW'));
  });

  test('a refused refresh token: a newer pair in the store is taken up', async () => {
    const { source, store, spent } = setUp({ answer: () => Promise.reject(refusedGrant()) });
    const asked = source.token(never);
    store.save('client', storedPair({ accessToken: 'LOGIN', refreshToken: 'LR' }));
    assert.is(await asked, 'LOGIN');
    assert.equal(spent, ['R0']);
  });

  test('a refused refresh token: a newer pair whose access token is used up is spent once', async () => {
    const { source, store, spent } = setUp({
      answer: (refreshToken) =>
        refreshToken === 'LR'
          ? Promise.resolve({ accessToken: 'A', refreshToken: 'R', expiresInMs: hour })
          : Promise.reject(refusedGrant()),
    });
    const asked = source.token(never);
    store.save('client', storedPair({ accessToken: 'LOGIN', refreshToken: 'LR', expiresAt: 0 }));
    assert.is(await asked, 'A');
    assert.equal(spent, ['R0', 'LR']);
  });

  test('a refused refresh token: nothing newer in the store is the end, after one try', async () => {
    const { source, spent } = setUp({
      stored: storedPair({ expiresAt: 0 }),
      answer: () => Promise.reject(refusedGrant()),
    });
    assert.instance(await rejection(source.token(never)), GrantRefusedError);
    assert.equal(spent, ['SR']);
  });

  test('after a failure the next call tries again', async () => {
    const { source, spent } = setUp({
      answer: (_, count) =>
        count === 1
          ? Promise.reject(new TransientError('Busy'))
          : Promise.resolve({ accessToken: 'A', refreshToken: 'R', expiresInMs: hour }),
    });
    assert.is((await rejection(source.token(never))).message, 'Busy');
    assert.is(await source.token(never), 'A');
    assert.equal(spent, ['R0', 'R0']);
  });

  test("one caller's abort fails only that caller", async () => {
    const { source, spent } = setUp();
    const controller = new AbortController();
    const aborted = rejection(source.token(controller.signal));
    const other = source.token(never);
    controller.abort();
    assert.instance(await aborted, AbortedError);
    assert.is(await other, 'A1');
    assert.equal(spent, ['R0']);
  });

  test('when all callers have aborted, the sign-in is told, and what it still brings is kept', async () => {
    const signals: AbortSignal[] = [];
    const { source, spent, store } = setUp({
      answer: async (_, __, signal) => {
        signals.push(signal);
        await settled();
        return { accessToken: 'A', refreshToken: 'R', expiresInMs: hour };
      },
    });
    const controller = new AbortController();
    const aborted = rejection(source.token(controller.signal));
    await settled();
    controller.abort();
    assert.instance(await aborted, AbortedError);
    assert.is(signals[0]?.aborted, true);
    // Whoever comes now waits for that answer: the refresh token is spent already.
    assert.is(await source.token(never), 'A');
    assert.equal(spent, ['R0']);
    assert.is(store.saved.length, 1);
  });

  test('a sign-in that everybody has left and that failed is begun again for who comes next', async () => {
    const { source, spent } = setUp({
      answer: (_, count) =>
        count === 1
          ? Promise.reject(new AbortedError())
          : Promise.resolve({ accessToken: 'A', refreshToken: 'R', expiresInMs: hour }),
    });
    const controller = new AbortController();
    const aborted = rejection(source.token(controller.signal));
    controller.abort();
    await aborted;
    assert.is(await source.token(never), 'A');
    assert.equal(spent, ['R0', 'R0']);
  });

  test('at the end, a sign-in that everybody has left is waited for, and what it brings is stored', async () => {
    let answer = () => {};
    const { source, store } = setUp({
      answer: () =>
        new Promise((resolve) => (answer = () => resolve({ accessToken: 'A', refreshToken: 'R', expiresInMs: hour }))),
    });
    const controller = new AbortController();
    const aborted = rejection(source.token(controller.signal));
    await settled();
    controller.abort();
    await aborted;
    let isSettled: boolean | undefined;
    const end = source.settled().then((inTime) => (isSettled = inTime));
    await settled();
    assert.is(isSettled, undefined);
    answer();
    await end;
    assert.is(isSettled, true);
    assert.is(store.saved.at(-1)?.refreshToken, 'R');
  });

  test('at the end, no further try is begun, and one that is never answered is waited for 5 s', async () => {
    const signals: AbortSignal[] = [];
    const { source, clock } = setUp({
      answer: (_, __, signal) => {
        signals.push(signal);
        return new Promise(() => {});
      },
    });
    void source.token(never);
    await settled();
    let isSettled: boolean | undefined;
    void source.settled().then((inTime) => (isSettled = inTime));
    assert.equal(
      signals.map(({ aborted }) => aborted),
      [true],
    );
    await clock.advance(4_999);
    assert.is(isSettled, undefined);
    await clock.advance(1);
    assert.is(isSettled, false);
  });

  test('at the end, a pair that could not be saved is saved, or the end says why not', async () => {
    const { source, store, clock } = setUp();
    const save = store.save.bind(store);
    store.save = () => {
      throw new Error('Disk full');
    };
    await rejection(source.token(never));
    assert.match((await rejection(source.settled())).message, 'Disk full');
    store.save = save;
    assert.is(await source.settled(), true);
    assert.is(store.saved.at(-1)?.refreshToken, 'R1');
    assert.is(clock.pending, 0);
  });

  test('after an abort nothing is begun', async () => {
    const { source, spent } = setUp();
    assert.instance(await rejection(source.token(AbortSignal.abort())), AbortedError);
    assert.equal(spent, []);
  });
});
