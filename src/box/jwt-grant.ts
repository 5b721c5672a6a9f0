import { type KeyObject, createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import { ConfigError, TransientError } from '../core/errors.js';
import { retrying } from '../core/retry.js';
import type { Grant, GrantDeps } from './grant.js';
import { GrantRefusedError } from './grant-refused-error.js';
import type { JwtConfig } from './jwt-config.js';
import { postToken } from './post-token.js';
import type { Subject } from './sign-in.js';

/** Box wants at most 60 s; its own clients use 30. */
const lifetimeSeconds = 30;
/** What Box expects, whatever the base URL is. */
const audience = 'https://api.box.com/oauth2/token';

export interface JwtGrantDeps extends GrantDeps {
  /** A new id for each assertion, 16 to 128 characters: Box refuses one that it has seen. */
  readonly newId: () => string;
}

/**
 * JWT: an assertion signed with the app's key, new for each try. When Box complains about its time or id, the next try
 * takes Box's `Date` for the time; the difference is kept for later sign-ins.
 *
 * Throws `ConfigError` at once if the key cannot be opened with its passphrase (PKCS#8 or the older PEM form).
 */
export function jwtGrant(deps: JwtGrantDeps, { config, subject }: { config: JwtConfig; subject: Subject }): Grant {
  const key = openKey(config);
  /** How far Box's clock is ahead of ours. */
  let skewMs = 0;

  const assertion = () =>
    new SignJWT({ box_sub_type: subject.type })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: config.publicKeyId })
      .setIssuer(config.clientId)
      .setSubject(subject.id)
      .setAudience(audience)
      .setJti(deps.newId())
      .setExpirationTime(Math.floor((deps.clock.now() + skewMs) / 1_000) + lifetimeSeconds)
      .sign(key);

  const once = async (signal: AbortSignal, failure: unknown) => {
    const form = {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      client_id: config.clientId,
      client_secret: config.clientSecret,
      assertion: await assertion(),
    };
    try {
      return await postToken(deps, form, signal, failure);
    } catch (error) {
      if (isAboutTimeOrId(error) && error.serverNow !== undefined) skewMs = error.serverNow - deps.clock.now();
      throw error;
    }
  };
  const isTransient = (error: unknown) => error instanceof TransientError || isAboutTimeOrId(error);
  return (_, signal) => retrying(once, { ...deps.retry, isTransient }, signal);
}

function isAboutTimeOrId(error: unknown): error is GrantRefusedError {
  return error instanceof GrantRefusedError && /\b(exp|jti|iat|nbf)\b/.test(error.description ?? '');
}

function openKey({ privateKey, passphrase }: JwtConfig): KeyObject {
  try {
    const key = createPrivateKey({ key: privateKey, passphrase });
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch (error) {
    throw new ConfigError(
      [
        'Cannot open "boxAppSettings.appAuth.privateKey" of the JWT config file: it is no private key in PEM form, or "passphrase" is not its passphrase; download the file again from the developer console',
      ],
      { cause: error },
    );
  }
  throw new ConfigError([
    'Cannot use "boxAppSettings.appAuth.privateKey" of the JWT config file: found another kind of key, expected RSA',
  ]);
}
