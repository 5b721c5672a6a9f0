const login = 'run "box-connector login" to sign in again; the index stays as it is';
const authorise =
  'have the administrator authorise the app in the admin console (Integrations > Platform Apps Manager)';
const secrets = 'check box.client_id and box.client_secret (or the JWT config file) against the developer console';

/** First match wins; matched against `error error_description` as Box sent them. */
const advices: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [/refresh token/i, login],
  [/auth(orization)? code/i, 'the code lives 30 s and can be used once: run "box-connector login" again'],
  [
    /grant credentials are invalid/i,
    `${secrets}; check the enterprise or user id, that the app is authorised, and for a user that "Generate user access tokens" is on`,
  ],
  [/'sub'/, 'check the enterprise or user id that the app signs in for, and that the app is authorised there'],
  [/'jti'|'exp'|'iat'|'nbf'/, 'check the clock of this machine'],
  [/not authorized by the enterprise/i, authorise],
  [
    /grant type is unauthorized/i,
    'the app was made for another kind of sign-in: choose the one it was made for, or make an app with Server Authentication',
  ],
  [
    /cannot obtain user token/i,
    `switch on "App + Enterprise Access" and "Generate user access tokens" for the app and ${authorise}`,
  ],
  [/grant_type parameter/i, 'check that box.base_url names Box itself and no proxy changes requests'],
  [/assertion|signature|'kid'|'aud'|'iss'/i, 'make a new key pair in the developer console and use its config file'],
  [/invalid_client/, secrets],
  [/unauthorized_client/, authorise],
];

/** What a person can do about a refused sign-in. */
export function signInAdvice(code: string | undefined, description: string | undefined): string {
  const said = `${code ?? ''} ${description ?? ''}`;
  return advices.find(([pattern]) => pattern.test(said))?.[1] ?? `${secrets}, and that the app is authorised`;
}
