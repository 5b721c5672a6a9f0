import { timingSafeEqual } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AbortedError, AuthError, ConfigError } from '../core/errors.js';
import { retrying } from '../core/retry.js';
import type { GrantDeps } from './grant.js';
import { postToken } from './post-token.js';
import { tokenOrigin } from './token-origin.js';
import type { StoredToken } from './token-store.js';

export interface OauthLoginDeps extends GrantDeps {
  /** Shows a line to the person at the terminal. */
  readonly say: (line: string) => void;
  /** A text that nobody can guess, of URL-safe characters. */
  readonly newState: () => string;
}

export interface OauthLoginOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where the person signs in. Default: Box's own page. */
  readonly authorizeUrl?: string;
  /** Where the browser comes back to, on 127.0.0.1; 0: any free port. */
  readonly port: number;
  /** The refresh token in the configuration, if there is one: the stored pair is to win over it. */
  readonly configuredRefreshToken?: string | null;
}

/**
 * The OAuth 2 round trip: says the URL to open, waits on a loopback port for the browser to come back, exchanges the
 * code at once and answers the browser with a small page. Resolves to the pair, which the caller stores.
 *
 * A call with another `state` is turned away and changes nothing. `AuthError` if the person or Box refuses,
 * `ConfigError` if the port is taken, `AbortedError` after an abort. The port is free again in every case.
 */
export async function oauthLogin(
  deps: OauthLoginDeps,
  options: OauthLoginOptions,
  signal: AbortSignal,
): Promise<StoredToken> {
  if (signal.aborted) throw new AbortedError();
  const state = deps.newState();
  const server = createServer();
  const ended = new AbortController();
  try {
    const redirectUri = `http://127.0.0.1:${await listen(server, options.port)}/callback`;
    const url = authorizeAddress(options, redirectUri, state);
    return await new Promise<StoredToken>((resolve, reject) => {
      const onAbort = () => reject(new AbortedError());
      signal.addEventListener('abort', onAbort, { once: true, signal: ended.signal });
      let used = false;
      const answerCallback = async (params: URLSearchParams, response: ServerResponse) => {
        if (!sameState(params.get('state') ?? '', state)) {
          void page(response, 400, 'This is not the sign-in that the connector is waiting for.');
          return;
        }
        if (used) {
          void page(response, 400, 'This sign-in has already been answered.');
          return;
        }
        used = true;
        try {
          const token = await exchange(deps, options, codeOf(params), redirectUri, signal);
          await page(response, 200, 'Signed in to Box. You can close this window.');
          resolve(token);
        } catch (error) {
          await page(response, 400, 'Box did not accept the sign-in. The terminal says why.');
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      server.on('request', (request: IncomingMessage, response: ServerResponse) => {
        // Whoever finds the port may ask for what is no address at all ("//").
        const { url: asked = '/' } = request;
        const { pathname, searchParams } = new URL(URL.canParse(asked, redirectUri) ? asked : '/', redirectUri);
        if (request.method === 'GET' && pathname === '/callback') void answerCallback(searchParams, response);
        else void page(response, 404, 'There is nothing here.');
      });
      deps.say(`Open this address in a browser and sign in to Box:\n${url}`);
      deps.say(`(The app in the developer console needs the redirect URI ${redirectUri})`);
    });
  } finally {
    ended.abort();
    server.close();
    server.closeAllConnections();
  }
}

function authorizeAddress(
  { clientId, authorizeUrl = 'https://account.box.com/api/oauth2/authorize' }: OauthLoginOptions,
  redirectUri: string,
  state: string,
): string {
  const url = new URL(authorizeUrl);
  url.searchParams.set('response_type', 'code');
  url.searchParams.set('client_id', clientId);
  url.searchParams.set('redirect_uri', redirectUri);
  url.searchParams.set('state', state);
  return url.href;
}

function codeOf(params: URLSearchParams): string {
  const code = params.get('code');
  if (code !== null && code !== '') return code;
  const error = params.get('error') ?? 'no code';
  const description = params.get('error_description');
  throw new AuthError(
    `Cannot sign in to Box: the browser came back with ${error}${description === null ? '' : ` ${JSON.stringify(description)}`}, expected a code; run "box-connector login" again and grant the access`,
  );
}

async function exchange(
  deps: OauthLoginDeps,
  { clientId, clientSecret, configuredRefreshToken = null }: OauthLoginOptions,
  code: string,
  redirectUri: string,
  signal: AbortSignal,
): Promise<StoredToken> {
  const form = {
    grant_type: 'authorization_code',
    code,
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uri: redirectUri,
  };
  const askedAt = deps.clock.now();
  const granted = await retrying((aborts, failure) => postToken(deps, form, aborts, failure), deps.retry, signal);
  if (granted.refreshToken === null) {
    throw new AuthError(
      'Cannot sign in to Box: the answer has no refresh token; make an app with User Authentication (OAuth 2.0) in the developer console',
    );
  }
  return {
    accessToken: granted.accessToken,
    refreshToken: granted.refreshToken,
    expiresAt: Math.round(askedAt + granted.expiresInMs),
    origin: tokenOrigin(configuredRefreshToken),
  };
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new ConfigError([`Cannot wait for the browser on port ${port}: ${error.message}; choose another port`], {
          cause: error,
        }),
      ),
    );
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function sameState(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function page(response: ServerResponse, status: number, text: string): Promise<void> {
  const html = `<!doctype html><meta charset="utf-8"><title>Box connector</title><p>${text}</p>\n`;
  return new Promise((resolve) => {
    // Who has closed the window meanwhile reads nothing, and must not keep the tokens from being stored.
    if (response.destroyed) {
      resolve();
      return;
    }
    response.on('close', resolve);
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', connection: 'close' });
    response.end(html);
  });
}
