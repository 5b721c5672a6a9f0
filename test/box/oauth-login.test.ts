import * as assert from 'uvu/assert';
import fetch from 'node-fetch';
import { type OauthLoginOptions, oauthLogin } from '../../src/box/oauth-login.js';
import { tokenOrigin } from '../../src/box/token-origin.js';
import { AbortedError, AuthError, ConfigError } from '../../src/core/errors.js';
import { type FakeAnswer, fakeHttp, rejection, reply } from '../support/fake-http.js';
import { HastyClock } from '../support/hasty-clock.js';
import { suite } from '../support/suite.js';

const pair = reply(200, { access_token: 'A', refresh_token: 'R', expires_in: 3_600 });

/** Begins a login; resolves once it waits for the browser. */
async function begin(answers: readonly FakeAnswer[], more: Partial<OauthLoginOptions> = {}) {
  const clock = new HastyClock();
  const { http, requests } = fakeHttp(answers);
  const controller = new AbortController();
  const said: string[] = [];
  let ready = (): void => {};
  const waiting = new Promise<void>((resolve) => (ready = resolve));
  const say = (line: string) => {
    said.push(line);
    if (said.length === 2) ready();
  };
  const deps = { http, clock, retry: { clock, random: () => 0.5 }, say, newState: () => 'state-1' };
  const options = { clientId: 'client', clientSecret: 'geheim', port: 0, ...more };
  const login = oauthLogin(deps, options, controller.signal);
  login.catch(() => {});
  await Promise.race([waiting, login]);
  const url = new URL(/https?:\S+/.exec(said[0] ?? '')?.[0] ?? 'http://nowhere');
  const redirectUri = url.searchParams.get('redirect_uri') ?? '';
  /** The browser comes back. */
  const comeBack = async (query: string, path = redirectUri) => {
    const response = await fetch(`${path}?${query}`);
    return { status: response.status, text: await response.text() };
  };
  return { login, url, redirectUri, comeBack, requests, said, abort: () => controller.abort(), now: () => clock.now() };
}

suite('oauthLogin()', (test) => {
  test('says where to sign in, exchanges the code and answers the browser', async () => {
    const { login, url, redirectUri, comeBack, requests, said, now } = await begin([pair]);
    assert.is(url.origin + url.pathname, 'https://account.box.com/api/oauth2/authorize');
    assert.equal(Object.fromEntries(url.searchParams), {
      response_type: 'code',
      client_id: 'client',
      redirect_uri: redirectUri,
      state: 'state-1',
    });
    assert.match(redirectUri, /^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    assert.not.match(said.join(), 'geheim');
    const { status, text } = await comeBack('code=C1&state=state-1');
    assert.is(status, 200);
    assert.match(text, 'You can close this window');
    assert.equal(await login, {
      accessToken: 'A',
      refreshToken: 'R',
      expiresAt: now() + 3_600_000,
      origin: tokenOrigin(null),
    });
    assert.equal(Object.fromEntries(new URLSearchParams(requests[0]?.body)), {
      grant_type: 'authorization_code',
      code: 'C1',
      client_id: 'client',
      client_secret: 'geheim',
      redirect_uri: redirectUri,
    });
  });

  test('the pair wins over the configured refresh token', async () => {
    const { login, comeBack } = await begin([pair], { configuredRefreshToken: 'R0' });
    await comeBack('code=C1&state=state-1');
    assert.is((await login).origin, tokenOrigin('R0'));
  });

  test('another state is turned away, its code not exchanged, and the login goes on', async () => {
    const { login, comeBack, requests } = await begin([pair]);
    for (const query of ['code=EVIL&state=state-2', 'code=EVIL', 'error=access_denied&state=']) {
      assert.is((await comeBack(query)).status, 400);
    }
    assert.is(requests.length, 0);
    assert.is((await comeBack('code=C1&state=state-1')).status, 200);
    await login;
    assert.is(requests.length, 1);
  });

  test('other paths are not found', async () => {
    const { login, redirectUri, comeBack, abort } = await begin([pair]);
    assert.is((await comeBack('code=C1&state=state-1', redirectUri.replace('callback', 'favicon.ico'))).status, 404);
    abort();
    assert.instance(await rejection(login), AbortedError);
  });

  test('a person who refuses is an error in words, without the page telling tales', async () => {
    const { login, comeBack } = await begin([pair]);
    const { status, text } = await comeBack('error=access_denied&error_description=%3Cb%3ENo&state=state-1');
    assert.is(status, 400);
    assert.not.match(text, '<b>');
    const error = await rejection(login);
    assert.instance(error, AuthError);
    assert.match(error.message, 'access_denied');
  });

  test('a code that Box refuses is an error that says to begin again', async () => {
    const { login, comeBack } = await begin([
      reply(400, { error: 'invalid_grant', error_description: 'The authorization code has expired' }),
    ]);
    assert.is((await comeBack('code=C1&state=state-1')).status, 400);
    assert.match((await rejection(login)).message, 'run "box-connector login" again');
  });

  test('an answer without a refresh token is an error', async () => {
    const { login, comeBack } = await begin([reply(200, { access_token: 'A', expires_in: 3_600 })]);
    await comeBack('code=C1&state=state-1');
    assert.match((await rejection(login)).message, 'no refresh token');
  });

  test('the port is free again afterwards, and a port that is taken is said so', async () => {
    const first = await begin([pair]);
    const port = Number(new URL(first.redirectUri).port);
    const second = rejection(
      (await begin([pair], { port }).catch((error: unknown) => ({ login: Promise.reject(error as Error) }))).login,
    );
    const error = await second;
    assert.instance(error, ConfigError);
    assert.match(error.message, `port ${port}`);
    first.abort();
    await rejection(first.login);
    const third = await begin([pair], { port });
    third.abort();
    assert.instance(await rejection(third.login), AbortedError);
  });
});
