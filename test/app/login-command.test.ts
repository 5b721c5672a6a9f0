import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { runCommandLine } from '../../src/app/command-line.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { fakeSurroundings } from '../support/fake-surroundings.js';
import { noService } from '../support/no-service.js';
import { suite } from '../support/suite.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';

suite('loginCommand', (test) => {
  test('goes through the browser and keeps the tokens, which it does not print', () =>
    inTemporaryFolder(async (folder) => {
      const simulator = await startSimulator({ tree: { users: 1 }, account: 'free' });
      try {
        const { clientId, clientSecret } = simulator.credentials;
        const config = join(folder, 'config.yml');
        const box = {
          is_enterprise: 'box_free',
          base_url: simulator.url,
          authorize_url: `${simulator.url}/api/oauth2/authorize`,
          client_id: clientId,
          client_secret: clientSecret,
        };
        writeFileSync(config, stringify({ sink: 'local_index', state: { path: join(folder, 'state') }, box }));
        const around = fakeSurroundings();
        const ended = runCommandLine(['-c', config, 'login', '--port', '0'], around, noService);
        while (!/redirect URI/.test(around.err())) await delay(5);
        // The browser: Box sends it back to the program.
        const [address = ''] = /http\S+authorize\S+/.exec(around.err()) ?? [];
        assert.match(await (await fetch(address)).text(), /Signed in to Box/);
        assert.is(await ended, 0, around.err());
        const store = sqliteStore(join(folder, 'state', 'local_index.state.sqlite'));
        const token = store.tokens.load(clientId);
        store.close();
        assert.type(token?.refreshToken, 'string');
        assert.match(around.out(), /^Signed in to Box; the tokens are in "/);
        for (const secret of [token?.accessToken, token?.refreshToken, clientSecret]) {
          assert.not.ok((around.out() + around.err()).includes(secret ?? ''));
        }
      } finally {
        await simulator.close();
      }
    }));

  test('--print gives the refresh token to whoever asked, works for a sign-in, and leaves nothing behind', () =>
    inTemporaryFolder(async (folder) => {
      const simulator = await startSimulator({ tree: { users: 1 }, account: 'free' });
      try {
        const { clientId, clientSecret } = simulator.credentials;
        const state = join(folder, 'state');
        const env = {
          BOX_BASE_URL: simulator.url,
          BOX_AUTHORIZE_URL: `${simulator.url}/api/oauth2/authorize`,
          BOX_CLIENT_ID: clientId,
          BOX_CLIENT_SECRET: clientSecret,
          STATE_PATH: state,
        };
        const around = fakeSurroundings({ env });
        const ended = runCommandLine(['login', '--port', '0', '--print'], around, noService);
        while (!/redirect URI/.test(around.err())) await delay(5);
        const [address = ''] = /http\S+authorize\S+/.exec(around.err()) ?? [];
        await (await fetch(address)).text();
        assert.is(await ended, 0, around.err());
        const token = around.out().trim();
        assert.match(token, /^\S+$/);
        assert.not.ok(around.err().includes(token));
        assert.not.ok(existsSync(state));
        const form = new URLSearchParams({
          ...{ grant_type: 'refresh_token', refresh_token: token },
          ...{ client_id: clientId, client_secret: clientSecret },
        });
        const answer = await fetch(`${simulator.url}/oauth2/token`, { method: 'POST', body: form });
        assert.is(answer.status, 200);
      } finally {
        await simulator.close();
      }
    }));
});
