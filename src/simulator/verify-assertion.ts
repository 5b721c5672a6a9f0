import { decodeProtectedHeader, errors, importSPKI, jwtVerify } from 'jose';

/** A public key of the app, as the developer console keeps it. */
export interface JwtKey {
  readonly id: string;
  /** SPKI, PEM. */
  readonly publicKey: string;
}

export type Verified =
  | {
      readonly kind: 'accepted';
      readonly subject: string;
      readonly subjectType: 'enterprise' | 'user';
      readonly jti: string;
      /** Milliseconds since 1970. */
      readonly expiresAt: number;
    }
  | { readonly kind: 'refused'; readonly error: string; readonly description: string };

interface Options {
  readonly keys: readonly JwtKey[];
  readonly clientId: string;
  /** The server's clock, milliseconds since 1970. */
  readonly now: number;
}

const audience = 'https://api.box.com/oauth2/token';
const longestSeconds = 60;
const expired = "Please check the 'exp' claim.";

/** Checks the assertion of a JWT grant: signature, issuer, audience, expiry of at most a minute, a `jti`, subject type. */
export async function verifyAssertion(assertion: string, { keys, clientId, now }: Options): Promise<Verified> {
  let payload;
  try {
    const { kid, alg = '' } = decodeProtectedHeader(assertion);
    const key = keys.find(({ id }) => kid === undefined || id === kid);
    if (!key) return refused('invalid_request', "Specified public key id (kid) isn't registered for this client");
    const algorithms = ['RS256', 'RS384', 'RS512'];
    const currentDate = new Date(now);
    ({ payload } = await jwtVerify(assertion, await importSPKI(key.publicKey, alg), {
      algorithms,
      audience,
      issuer: clientId,
      currentDate,
    }));
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      const must = "Current date/time MUST be before the expiration date/time listed in the 'exp' claim.";
      return refused('invalid_grant', `${expired} ${must}`);
    }
    if (error instanceof errors.JWTClaimValidationFailed) {
      return refused('invalid_grant', `Please check the '${error.claim}' claim.`);
    }
    return refused('invalid_grant', 'Failed to verify the JWT assertion: the signature is invalid.');
  }
  const { exp, jti = '', sub = '' } = payload;
  if (exp === undefined || exp * 1000 > now + longestSeconds * 1000) return refused('invalid_grant', expired);
  if (jti.length < 16 || jti.length > 128) return refused('invalid_grant', "Please check the 'jti' claim.");
  const subjectType = payload['box_sub_type'];
  if (subjectType !== 'enterprise' && subjectType !== 'user') {
    return refused('invalid_grant', "Please check the 'box_sub_type' claim.");
  }
  return { kind: 'accepted', subject: sub, subjectType, jti, expiresAt: exp * 1000 };
}

function refused(error: string, description: string): Verified {
  return { kind: 'refused', error, description };
}
