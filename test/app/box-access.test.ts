import * as assert from 'uvu/assert';
import { type BoxAccess, boxAccess } from '../../src/app/box-access.js';
import { makeLog } from '../../src/app/log.js';
import type { HttpClient } from '../../src/box/http-client.js';
import { ConfigError } from '../../src/core/errors.js';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { MemoryTokenStore } from '../support/memory-token-store.js';
import { suite } from '../support/suite.js';
import { systemClock } from '../../src/core/clock.js';

function open(
  box: object,
  tokens = new MemoryTokenStore(),
  wrapTransport?: (network: HttpClient) => HttpClient,
): BoxAccess {
  const log = makeLog({ level: 'error', readable: true, version: '0' }, { write: () => {} });
  const deps = { clock: systemClock, random: () => 0, log, tokens, env: {}, version: '0', wrapTransport };
  return boxAccess(deps, loadTestConfig({ box }).config);
}

/** Who one is, when signed in so. */
async function whoAmI(access: BoxAccess): Promise<string> {
  try {
    return (await access.box.me(new AbortController().signal)).id;
  } finally {
    await access.close();
  }
}

suite(
  'boxAccess',
  (test) => {
    let simulator: Simulator;
    test.before(async () => {
      simulator = await startSimulator({ tree: { users: 1 } });
    });
    test.after(() => simulator.close());

    const app = () => ({
      base_url: simulator.url,
      client_id: simulator.credentials.clientId,
      client_secret: simulator.credentials.clientSecret,
    });

    test('client credentials: the service account, walked as an enterprise', async () => {
      const access = open({ ...app(), is_enterprise: 'box_enterprise', enterprise_id: '1234567' });
      assert.is(access.isEnterprise, true);
      assert.is(await whoAmI(access), simulator.box.serviceAccountId);
      assert.is(access.counts.calls.token, 1);
    });

    test('client credentials for one user: that account alone', async () => {
      const { userId } = simulator.credentials;
      const access = open({ ...app(), is_enterprise: 'box_enterprise', enterprise_id: '1234567', user_id: userId });
      assert.is(access.isEnterprise, false);
      assert.is(await whoAmI(access), userId);
    });

    test('OAuth: the rotated pair is kept', async () => {
      const tokens = new MemoryTokenStore();
      const { refreshToken, userId } = simulator.credentials;
      const access = open({ ...app(), is_enterprise: 'box_free', refresh_token: refreshToken }, tokens);
      assert.is(access.isEnterprise, false);
      assert.is(await whoAmI(access), userId);
      assert.is(tokens.saved.length, 1);
      assert.is.not(tokens.saved[0]?.refreshToken, refreshToken);
    });

    test('OAuth: a pair that Box has rotated is kept, though the run was aborted before the answer came', async () => {
      const tokens = new MemoryTokenStore();
      const account = await startSimulator({ tree: { users: 1 }, account: 'free' });
      try {
        const { clientId, clientSecret, refreshToken } = account.credentials;
        const box = {
          base_url: account.url,
          client_id: clientId,
          client_secret: clientSecret,
          is_enterprise: 'box_free',
        };
        let arrive = () => {};
        let goOn = () => {};
        const arrived = new Promise<void>((resolve) => (arrive = resolve));
        const held = new Promise<void>((resolve) => (goOn = resolve));
        const first = open({ ...box, refresh_token: refreshToken }, tokens, (network) => async (request, signal) => {
          const response = await network(request, signal);
          // Box has answered, and nobody has read it yet.
          arrive();
          await held;
          return response;
        });
        const run = new AbortController();
        const asked = first.box.me(run.signal).catch((error: unknown) => (error as Error).name);
        await arrived;
        run.abort();
        assert.is(await asked, 'AbortedError');
        assert.equal(tokens.saved, []);
        const closed = first.close();
        goOn();
        await closed;
        assert.is(tokens.saved.length, 1);
        // The configured one has been spent: only what was kept signs in.
        assert.is(await whoAmI(open({ ...box, refresh_token: refreshToken }, tokens)), account.credentials.userId);
      } finally {
        await account.close();
      }
    });

    test('JWT: with the configuration of the developer console', async () => {
      const jwtConfig = JSON.stringify(await simulator.jwtConfig());
      const access = open({ base_url: simulator.url, is_enterprise: 'box_enterprise', jwt_config: jwtConfig });
      assert.is(await whoAmI(access), simulator.box.serviceAccountId);
    });

    test('a JWT configuration that is none is a fault of the configuration', () => {
      assert.throws(
        () => open({ is_enterprise: 'box_enterprise', jwt_config: '{}' }),
        (error: unknown) => error instanceof ConfigError && /boxAppSettings\.clientID/.test(error.message),
      );
    });
  },
  { timeoutMs: 20_000 },
);
