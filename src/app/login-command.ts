import { randomBytes } from 'node:crypto';
import { nodeFetchClient } from '../box/node-fetch-client.js';
import { oauthLogin } from '../box/oauth-login.js';
import { withBaseUrl } from '../box/with-base-url.js';
import type { LoadedConfig } from '../config/load-config.js';
import { systemClock } from '../core/clock.js';
import { sqliteStore } from '../state/sqlite-store.js';
import type { CommandContext } from './command-context.js';
import { exitCodes } from './exit-codes.js';
import { networkOptions } from './network-options.js';
import { statePath } from './state-path.js';

/**
 * The OAuth round trip in a browser. The tokens go into the state, where a running process finds them, too; with `print`
 * the refresh token goes to stdout and nowhere else, since it is good once and another program is to use it.
 */
export async function loginCommand(
  { config }: LoadedConfig,
  { env, stdout, stderr, stop, version, say }: CommandContext,
  { port, print = false }: { readonly port: number; readonly print?: boolean },
): Promise<number> {
  const { box, retry } = config;
  const network = nodeFetchClient({ clock: systemClock }, networkOptions(config, env, version));
  const store = print ? undefined : sqliteStore(statePath(config));
  try {
    const token = await oauthLogin(
      {
        http: withBaseUrl(network.http, box.base_url),
        clock: systemClock,
        retry: { clock: systemClock, random: Math.random, maxAttempts: retry.max_attempts },
        say: (line) => void stderr.write(`${line}\n`),
        newState: () => randomBytes(24).toString('base64url'),
      },
      {
        clientId: box.client_id ?? '',
        clientSecret: box.client_secret ?? '',
        authorizeUrl: box.authorize_url,
        port,
        configuredRefreshToken: box.refresh_token,
      },
      stop,
    );
    if (store === undefined) {
      stderr.write('Signed in to Box. The refresh token is good once, for 60 days: put it where it is to be used\n');
      stdout.write(`${token.refreshToken ?? ''}\n`);
      return exitCodes.complete;
    }
    store.tokens.save(box.client_id ?? '', token);
    say(`Signed in to Box; the tokens are in "${statePath(config)}"`);
    return exitCodes.complete;
  } finally {
    store?.close();
    network.close();
  }
}
