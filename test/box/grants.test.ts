import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import * as assert from 'uvu/assert';
import { clientCredentialsGrant } from '../../src/box/client-credentials-grant.js';
import { GrantRefusedError } from '../../src/box/grant-refused-error.js';
import type { HttpRequest } from '../../src/box/http-client.js';
import type { JwtConfig } from '../../src/box/jwt-config.js';
import { jwtGrant } from '../../src/box/jwt-grant.js';
import { refreshTokenGrant } from '../../src/box/refresh-token-grant.js';
import { AbortedError, AuthError, ConfigError, TransientError } from '../../src/core/errors.js';
import { type FakeAnswer, fakeHttp, never, rejection, rejectionOf, reply } from '../support/fake-http.js';
import { suite } from '../support/suite.js';
import { HastyClock } from '../support/hasty-clock.js';
import { settled } from '../support/virtual-clock.js';

const app = { clientId: 'client', clientSecret: 'geheim' };
const pair = reply(200, { access_token: 'A', refresh_token: 'R', expires_in: 4_123, token_type: 'bearer' });
const refused = (error: string, description: string, headers: Record<string, string> = {}) =>
  reply(400, { error, error_description: description }, headers);

function setUp(answers: readonly FakeAnswer[] | ((request: HttpRequest) => FakeAnswer)) {
  const clock = new HastyClock();
  const { http, requests } = fakeHttp(answers);
  const deps = { http, clock, retry: { clock, random: () => 0.5 }, newId: randomUUID };
  const forms = () => requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
  return { clock, deps, requests, forms };
}

suite('refreshTokenGrant()', (test) => {
  test('spends the refresh token and reads the pair with its lifetime', async () => {
    const { deps, requests, forms } = setUp([pair]);
    const granted = await refreshTokenGrant(deps, app)('R0', never);
    assert.equal(granted, { accessToken: 'A', refreshToken: 'R', expiresInMs: 4_123_000 });
    assert.equal(forms(), [
      { grant_type: 'refresh_token', refresh_token: 'R0', client_id: 'client', client_secret: 'geheim' },
    ]);
    const [{ method, url, route, headers } = requests[0]!] = requests;
    assert.equal([method, url, route], ['POST', '/oauth2/token', 'token']);
    assert.is(headers?.['content-type'], 'application/x-www-form-urlencoded');
  });

  test('without a refresh token it says to log in, and asks nothing', async () => {
    const { deps, requests } = setUp([pair]);
    const error = await rejection(refreshTokenGrant(deps, app)(null, never));
    assert.instance(error, AuthError);
    assert.match(error.message, 'box-connector login');
    assert.is(requests.length, 0);
  });

  test('tries again after network failures and 5xx', async () => {
    const { deps } = setUp([new TransientError('Cut'), reply(503, '<html>'), reply(200, '{"acc'), pair]);
    assert.is((await refreshTokenGrant(deps, app)('R0', never)).accessToken, 'A');
  });

  test('an abort never cuts a post that has begun', async () => {
    const { deps } = setUp([]);
    const signals: AbortSignal[] = [];
    const http: typeof deps.http = async (_, signal) => {
      signals.push(signal);
      await settled();
      return pair;
    };
    const controller = new AbortController();
    const result = refreshTokenGrant({ ...deps, http }, app)('R0', controller.signal);
    controller.abort();
    assert.is((await result).refreshToken, 'R');
    assert.is(signals[0]?.aborted, false);
  });

  test('an abort ends the wait for the next try', async () => {
    const { deps } = setUp([reply(503)]);
    const controller = new AbortController();
    const result = rejection(refreshTokenGrant(deps, app)('R0', controller.signal));
    await settled();
    controller.abort();
    assert.instance(await result, AbortedError);
  });

  const wrong: readonly (readonly [unknown, string])[] = [
    [{ expires_in: 1 }, 'field "access_token"'],
    [{ access_token: '', expires_in: 1 }, 'field "access_token"'],
    [{ access_token: 'geheim\nx: y', expires_in: 1 }, 'field "access_token"'],
    [{ access_token: 'geheim' }, 'field "expires_in"'],
    [{ access_token: 'geheim', expires_in: 'soon' }, 'field "expires_in"'],
    [{ access_token: 'geheim', expires_in: 0 }, 'field "expires_in"'],
    [{ access_token: 'geheim', expires_in: 1, refresh_token: 7 }, 'field "refresh_token"'],
    [[], 'field "access_token"'],
  ];
  for (const [body, field] of wrong) {
    test(`200 with ${JSON.stringify(body)} is an error`, async () => {
      const { deps, requests } = setUp([reply(200, body)]);
      const error = await rejection(refreshTokenGrant(deps, app)('R0', never));
      assert.instance(error, TransientError);
      assert.match(error.message, field);
      assert.not.match(error.message, 'geheim');
      // Asked again, like an answer that was cut.
      assert.is(requests.length, 5);
    });
  }

  test('no message holds a secret', async () => {
    for (const answer of [
      reply(200, '{"access_token":"geheim'),
      reply(500, 'geheim'),
      reply(302, 'geheim', { location: '/geheim' }),
    ]) {
      const { deps } = setUp([answer]);
      const error = await rejection(refreshTokenGrant(deps, app)('geheim', never));
      assert.not.match(`${error.message} ${error.cause instanceof Error ? error.cause.message : ''}`, 'geheim');
    }
  });
});

suite('a refused sign-in', (test) => {
  const cases: readonly (readonly [error: string, description: string, advice: string])[] = [
    ['invalid_grant', 'Refresh token has expired', 'box-connector login'],
    ['invalid_grant', 'Invalid refresh token', 'box-connector login'],
    ['invalid_grant', 'The authorization code has expired', 'box-connector login'],
    ['invalid_grant', "Auth code doesn't exist or is invalid for the client", 'box-connector login'],
    ['invalid_grant', 'Grant credentials are invalid', 'box.client_secret'],
    ['invalid_grant', "Please check the 'sub' claim. The 'sub' specified is invalid.", 'enterprise or user id'],
    ['unauthorized_client', 'This app is not authorized by the enterprise admin', 'admin console'],
    ['unauthorized_client', 'The grant type is unauthorized for this client_id', 'another kind of sign-in'],
    ['invalid_request', 'The grant type is unauthorized for this client_id', 'another kind of sign-in'],
    [
      'invalid_request',
      'Cannot obtain user token based on the enterprise configuration for your app',
      'Generate user access tokens',
    ],
    ['invalid_request', 'Invalid grant_type parameter or parameter missing', 'box.base_url'],
    ['invalid_client', 'The client credentials are invalid', 'box.client_id'],
    ['something_new', 'Nobody knows', 'box.client_id'],
  ];
  for (const [code, description, advice] of cases) {
    test(`${code}: ${description}`, async () => {
      const { deps, requests } = setUp([refused(code, description)]);
      const error = await rejectionOf(GrantRefusedError, refreshTokenGrant(deps, app)('R0', never));
      assert.instance(error, AuthError);
      assert.is(error.code, code);
      assert.ok(
        error.message.startsWith(`Cannot sign in to Box: Box answered 400 ${code} ${JSON.stringify(description)}; `),
      );
      assert.ok(error.message.includes(advice), error.message);
      assert.is(requests.length, 1);
    });
  }
});

suite('clientCredentialsGrant()', (test) => {
  for (const type of ['enterprise', 'user'] as const) {
    test(`signs in for the ${type}`, async () => {
      const { deps, forms } = setUp([
        reply(200, { access_token: 'A', expires_in: 3_600, issued_token_type: 'bearer' }),
      ]);
      const granted = await clientCredentialsGrant(deps, { ...app, subject: { type, id: '123' } })(null, never);
      assert.equal(granted, { accessToken: 'A', refreshToken: null, expiresInMs: 3_600_000 });
      assert.equal(forms(), [
        {
          grant_type: 'client_credentials',
          client_id: 'client',
          client_secret: 'geheim',
          box_subject_type: type,
          box_subject_id: '123',
        },
      ]);
    });
  }
});

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pkcs8 = keys.privateKey
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'geheim' })
  .toString();
const legacy = keys.privateKey
  .export({ type: 'pkcs1', format: 'pem', cipher: 'des-ede3-cbc', passphrase: 'geheim' })
  .toString();
const config: JwtConfig = {
  ...app,
  publicKeyId: 'key1',
  privateKey: pkcs8,
  passphrase: 'geheim',
  enterpriseId: '123',
};
const subject = { type: 'enterprise', id: '123' } as const;
const token = reply(200, { access_token: 'A', expires_in: 3_600 });
/** Box's clock is ten minutes behind ours. */
const date = new Date(new HastyClock().now() - 600_000).toUTCString();

suite('jwtGrant()', (test) => {
  for (const [what, privateKey, passphrase] of [
    ['an encrypted PKCS#8 key', pkcs8, 'geheim'],
    ['an encrypted key of the older form', legacy, 'geheim'],
    ['a key that is not encrypted', keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), ''],
  ] as const) {
    test(`signs with ${what}`, async () => {
      const { deps, forms, clock } = setUp([token]);
      const granted = await jwtGrant(deps, { config: { ...config, privateKey, passphrase }, subject })(null, never);
      assert.equal(granted, { accessToken: 'A', refreshToken: null, expiresInMs: 3_600_000 });
      const form = forms()[0]!;
      assert.is(form['grant_type'], 'urn:ietf:params:oauth:grant-type:jwt-bearer');
      assert.is(form['client_id'], 'client');
      assert.is(form['client_secret'], 'geheim');
      const { payload, protectedHeader } = await jwtVerify(form['assertion'] ?? '', keys.publicKey, {
        currentDate: new Date(clock.now()),
      });
      assert.equal(protectedHeader, { alg: 'RS256', typ: 'JWT', kid: 'key1' });
      const { jti, ...claims } = payload;
      assert.equal(claims, {
        iss: 'client',
        sub: '123',
        box_sub_type: 'enterprise',
        aud: 'https://api.box.com/oauth2/token',
        exp: clock.now() / 1_000 + 30,
      });
      assert.ok(jti !== undefined && jti.length >= 16 && jti.length <= 128);
    });
  }

  test('makes a new assertion for each try', async () => {
    const { deps, forms } = setUp([reply(503), new TransientError('Cut'), token]);
    await jwtGrant(deps, { config, subject })(null, never);
    const ids = forms().map(({ assertion = '' }) => decodeJwt(assertion).jti);
    assert.is(new Set(ids).size, 3);
  });

  for (const description of [
    "Please check the 'exp' claim.",
    "Current date/time MUST be before the expiration date/time listed in the 'exp' claim",
    "Please check the 'jti' claim. A unique 'jti' value is required.",
    "Please check the 'iat' claim.",
  ]) {
    test(`takes Box's time after: ${description}`, async () => {
      const { deps, forms, clock } = setUp([refused('invalid_grant', description, { date }), token]);
      const startedAt = clock.now();
      const grant = jwtGrant(deps, { config, subject });
      assert.is((await grant(null, never)).accessToken, 'A');
      const [first, second] = forms().map(({ assertion = '' }) => decodeJwt(assertion));
      assert.is(first?.exp, startedAt / 1_000 + 30);
      // The second try began half a second later.
      assert.is(second?.exp, Math.floor((startedAt + 500 - 600_000) / 1_000) + 30);
      assert.is.not(first?.jti, second?.jti);
      // Later sign-ins know the difference.
      await grant(null, never);
      assert.is(decodeJwt(forms()[2]?.['assertion'] ?? '').exp, Math.floor((clock.now() - 600_000) / 1_000) + 30);
    });
  }

  test('gives up when Box goes on complaining, and says to check the clock', async () => {
    const { deps, forms } = setUp([refused('invalid_grant', "Please check the 'exp' claim.")]);
    const error = await rejection(jwtGrant(deps, { config, subject })(null, never));
    assert.instance(error, GrantRefusedError);
    assert.match(error.message, 'clock of this machine');
    assert.is(forms().length, 5);
  });

  test('other refusals end it at once', async () => {
    const { deps, forms } = setUp([refused('invalid_grant', 'Refresh token has expired')]);
    assert.instance(await rejection(jwtGrant(deps, { config, subject })(null, never)), GrantRefusedError);
    assert.is(forms().length, 1);
  });

  test('a key that cannot be opened, or is of another kind, is a matter of the configuration', () => {
    const { deps } = setUp([token]);
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const unusable = [
      { ...config, passphrase: 'wrong' },
      { ...config, privateKey: 'no PEM' },
      { ...config, privateKey: other.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), passphrase: '' },
    ];
    for (const wrong of unusable) {
      assert.throws(
        () => jwtGrant(deps, { config: wrong, subject }),
        (error: unknown) => error instanceof ConfigError && error.message.includes('privateKey'),
      );
    }
  });

  test('the key id stands in the header of every assertion', async () => {
    const { deps, forms } = setUp([token]);
    await jwtGrant(deps, { config, subject: { type: 'user', id: '9' } })(null, never);
    const assertion = forms()[0]?.['assertion'] ?? '';
    assert.is(decodeProtectedHeader(assertion).kid, 'key1');
    assert.is(decodeJwt(assertion)['box_sub_type'], 'user');
  });
});
