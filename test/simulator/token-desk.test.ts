import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import * as assert from 'uvu/assert';
import type { Simulator } from '../../src/simulator/simulator.js';
import { suite } from '../support/suite.js';
import { clientOf, request, tokenRequest, withSimulator, type Reply } from './client.js';

const tree = { users: 3, filesInRoot: 1 };
const refresh = (simulator: Simulator, token: string): Promise<Reply> =>
  tokenRequest(simulator, { grant_type: 'refresh_token', refresh_token: token });
const credentials = (simulator: Simulator, type: string, id: string): Promise<Reply> =>
  tokenRequest(simulator, { grant_type: 'client_credentials', box_subject_type: type, box_subject_id: id });

function refused(reply: Reply, error: string, description: string | RegExp): void {
  assert.is(reply.status, 400);
  assert.is(reply.headers.get('cache-control'), 'no-store');
  assert.is(reply.json.error, error);
  assert.match(reply.json.error_description, description);
}

suite('token endpoint', (test) => {
  test('rotates refresh tokens, each good for one exchange', () =>
    withSimulator({ tree, settings: { tokens: { expiresIn: 4_123 } } }, async (simulator) => {
      const { refreshToken } = simulator.credentials;
      const first = await refresh(simulator, refreshToken);
      assert.is(first.status, 200);
      assert.is(first.json.expires_in, 4_123);
      assert.is(first.json.token_type, 'bearer');
      refused(await refresh(simulator, refreshToken), 'invalid_grant', 'Refresh token has expired');
      assert.is((await refresh(simulator, first.json.refresh_token)).status, 200);
      refused(await refresh(simulator, 'never-given-out'), 'invalid_grant', 'Invalid refresh token');
    }));

  test('gives the same pair again within the grace', () =>
    withSimulator({ tree, settings: { tokens: { graceSeconds: 10 } } }, async (simulator) => {
      const { refreshToken } = simulator.credentials;
      const first = await refresh(simulator, refreshToken);
      simulator.box.advance(9_000);
      const again = await refresh(simulator, refreshToken);
      assert.is(again.json.access_token, first.json.access_token);
      assert.is(again.json.refresh_token, first.json.refresh_token);
      assert.ok(again.json.expires_in < first.json.expires_in);
      simulator.box.advance(2_000);
      refused(await refresh(simulator, refreshToken), 'invalid_grant', 'Refresh token has expired');
    }));

  test('lets refresh tokens expire after sixty days', () =>
    withSimulator({ tree }, async (simulator) => {
      simulator.box.advance(60 * 86_400_000 + 1);
      refused(
        await refresh(simulator, simulator.credentials.refreshToken),
        'invalid_grant',
        'Refresh token has expired',
      );
    }));

  test('takes an authorization code once and for 30 seconds', () =>
    withSimulator({ tree }, async (simulator) => {
      const codeOf = async (): Promise<string> => {
        const address =
          '/api/oauth2/authorize?response_type=code&client_id=box-client&redirect_uri=http://localhost:1/cb';
        const location = (await request(simulator, address)).headers.get('location') ?? '';
        return new URL(location).searchParams.get('code') ?? '';
      };
      const exchange = (code: string) => tokenRequest(simulator, { grant_type: 'authorization_code', code });
      const code = await codeOf();
      assert.is((await exchange(code)).status, 200);
      refused(await exchange(code), 'invalid_grant', "Auth code doesn't exist or is invalid for the client");
      const late = await codeOf();
      simulator.box.advance(31_000);
      refused(await exchange(late), 'invalid_grant', 'The authorization code has expired');
      assert.is(
        (await request(simulator, '/api/oauth2/authorize?client_id=box-client&response_type=code')).status,
        400,
      );
    }));

  test('grants client credentials to the enterprise and to users, without a refresh token', () =>
    withSimulator({ tree }, async (simulator) => {
      const { enterpriseId, userId } = simulator.credentials;
      const { json } = await credentials(simulator, 'enterprise', enterpriseId);
      assert.equal(Object.keys(json), ['access_token', 'expires_in', 'restricted_to', 'token_type']);
      assert.is((await credentials(simulator, 'user', userId)).status, 200);
      refused(await credentials(simulator, 'enterprise', '1'), 'invalid_grant', 'Grant credentials are invalid');
      refused(await credentials(simulator, 'user', '1'), 'invalid_grant', 'Grant credentials are invalid');
      simulator.box.settings.app.userTokens = false;
      refused(await credentials(simulator, 'user', userId), 'invalid_grant', 'Grant credentials are invalid');
      simulator.box.settings.app.authorized = false;
      const unauthorized = 'This app is not authorized by the enterprise admin';
      refused(await credentials(simulator, 'enterprise', enterpriseId), 'unauthorized_client', unauthorized);
    }));

  test('refuses wrong clients, wrong secrets and unknown grants', () =>
    withSimulator({ tree }, async (simulator) => {
      const wrong = { client_secret: 'wrong', refresh_token: simulator.credentials.refreshToken };
      const reply = await tokenRequest(simulator, { ...wrong, grant_type: 'refresh_token' });
      refused(reply, 'invalid_client', 'The client credentials are invalid');
      refused(await tokenRequest(simulator, { ...wrong, grant_type: 'client_credentials' }), 'invalid_grant', /Grant/);
      refused(await tokenRequest(simulator, { grant_type: 'password' }), 'invalid_request', /Invalid grant_type/);
      assert.is((await refresh(simulator, simulator.credentials.refreshToken)).status, 200);
    }));

  test('has no enterprise for a personal account', () =>
    withSimulator({ tree, account: 'free' }, async (simulator) => {
      const { userId, enterpriseId } = simulator.credentials;
      refused(
        await credentials(simulator, 'enterprise', enterpriseId),
        'unauthorized_client',
        /grant type is unauthorized/,
      );
      const client = clientOf(simulator, userId);
      assert.is((await client.get('/2.0/users/me?fields=enterprise')).json.enterprise, null);
      assert.is((await client.get('/2.0/users')).status, 403);
      assert.is((await client.get('/2.0/folders/0/items')).json.total_count, 1);
    }));

  test('revokes both tokens of a pair', () =>
    withSimulator({ tree }, async (simulator) => {
      const { json } = await refresh(simulator, simulator.credentials.refreshToken);
      const form = { client_id: 'box-client', client_secret: 'box-secret', token: json.refresh_token };
      const revoked = await request(simulator, '/oauth2/revoke', { method: 'POST', body: new URLSearchParams(form) });
      assert.equal([revoked.status, revoked.text], [200, '']);
      const me = await request(simulator, '/2.0/users/me', {
        headers: { authorization: `Bearer ${json.access_token}` },
      });
      assert.is(me.status, 401);
      refused(await refresh(simulator, json.refresh_token), 'invalid_grant', 'Invalid refresh token');
    }));

  test('exchanges a token for one that reaches a single item', () =>
    withSimulator({ tree: { foldersPerUser: 2, filesPerFolder: 1 } }, async (simulator) => {
      const { box, credentials: known } = simulator;
      const [one, two] = [box.tree.folder(0, 0), box.tree.folder(0, 1)];
      const { json } = await tokenRequest(simulator, {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: simulator.tokens.issueAccessToken(known.userId),
        scope: 'item_download item_preview',
        resource: `https://api.box.com/2.0/folders/${one.id}`,
      });
      assert.equal(json.restricted_to[0], { scope: 'item_download', object: { type: 'folder', id: one.id } });
      const statusOf = async (id: string): Promise<number> =>
        (
          await request(simulator, `/2.0/folders/${id}/items`, {
            headers: { authorization: `Bearer ${json.access_token}` },
          })
        ).status;
      assert.equal([await statusOf(one.id), await statusOf(two.id), await statusOf('0')], [200, 404, 404]);
      const wrong = { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token: 'x' };
      refused(await tokenRequest(simulator, wrong), 'invalid_grant', 'The subject_token provided is invalid');
    }));
});

suite('token endpoint by JWT', (test) => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = [{ id: 'k1', publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString() }];

  interface Claims {
    readonly audience?: string;
    readonly issuer?: string;
    readonly seconds?: number;
    readonly jti?: string;
    readonly subject?: string;
    readonly type?: string;
    readonly kid?: string | null;
  }

  async function withKey(
    run: (ask: (claims?: Claims) => Promise<Reply>, simulator: Simulator) => Promise<void>,
  ): Promise<void> {
    await withSimulator({ tree, keys }, async (simulator) => {
      await run(async (claims = {}) => {
        const {
          audience = 'https://api.box.com/oauth2/token',
          issuer = simulator.credentials.clientId,
          seconds = 45,
        } = claims;
        const {
          jti = randomUUID(),
          subject = simulator.credentials.enterpriseId,
          type = 'enterprise',
          kid = 'k1',
        } = claims;
        const now = (simulator.box.now() + simulator.box.settings.clockSkewMs) / 1000;
        const assertion = await new SignJWT({ box_sub_type: type })
          .setProtectedHeader({ alg: 'RS512', typ: 'JWT', ...(kid === null ? {} : { kid }) })
          .setIssuer(issuer)
          .setSubject(subject)
          .setAudience(audience)
          .setJti(jti)
          .setExpirationTime(Math.floor(now + seconds))
          .sign(pair.privateKey);
        return tokenRequest(simulator, { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
      }, simulator);
    });
  }

  test('accepts a good assertion, with and without kid', () =>
    withKey(async (ask) => {
      assert.is((await ask()).status, 200);
      assert.is((await ask({ kid: null })).status, 200);
    }));

  const faults: readonly (readonly [name: string, claims: Claims, description: RegExp])[] = [
    ['audience', { audience: 'http://127.0.0.1/oauth2/token' }, /'aud' claim/],
    ['issuer', { issuer: 'somebody' }, /'iss' claim/],
    ['an expiry too far ahead', { seconds: 90 }, /'exp' claim/],
    ['an expiry in the past', { seconds: -5 }, /Current date\/time MUST be before the expiration date\/time/],
    ['a short jti', { jti: 'short' }, /'jti' claim/],
    ['another enterprise', { subject: '99' }, /The 'sub' specified is invalid/],
    ['an unknown user', { subject: '99', type: 'user' }, /The 'sub' specified is invalid/],
    ['an unknown kind of subject', { type: 'robot' }, /'box_sub_type' claim/],
  ];
  for (const [name, claims, description] of faults) {
    test(`refuses ${name}`, () => withKey(async (ask) => refused(await ask(claims), 'invalid_grant', description)));
  }

  test('refuses a jti that was used before', () =>
    withKey(async (ask) => {
      const jti = randomUUID();
      assert.is((await ask({ jti })).status, 200);
      refused(await ask({ jti }), 'invalid_grant', /A unique 'jti' value is required/);
    }));

  test('judges the expiry by its own clock, which Date tells', () =>
    withKey(async (ask, simulator) => {
      simulator.box.settings.clockSkewMs = 300_000;
      refused(await ask({ seconds: 45 - 300 }), 'invalid_grant', /'exp' claim/);
      const reply = await ask();
      assert.is(reply.status, 200);
      const ahead = Date.parse(reply.headers.get('date') ?? '') - Date.now();
      assert.ok(ahead > 298_000 && ahead < 302_000);
    }));

  test('refuses users when the app may not sign in as them', () =>
    withKey(async (ask, simulator) => {
      const subject = simulator.credentials.userId;
      assert.is((await ask({ subject, type: 'user' })).status, 200);
      simulator.box.settings.app.userTokens = false;
      refused(await ask({ subject, type: 'user' }), 'invalid_request', /Cannot obtain user token/);
    }));
});
