import type { TokenStore } from '../box/token-store.js';
import { failureText } from './job-end.js';
import { members } from './json-members.js';
import type { ServiceDeps } from './service-deps.js';

/** How often a write is tried again that met another one. */
const attempts = 3;

export interface WrittenBack {
  readonly tokens: TokenStore;
  /** Everything has been written that was to be. */
  readonly done: () => Promise<void>;
}

/**
 * The same store; a refresh token that has rotated is also put into the connector's configuration once it is on disk, so
 * that a service that loses its disk can still sign in. A token that somebody has put there meanwhile stays. A failure
 * is only logged: the disk has what counts.
 */
export function writeBackTokens(
  { protocol, log }: Pick<ServiceDeps, 'protocol' | 'log'>,
  connectorId: string,
  { tokens, configured }: { readonly tokens: TokenStore; readonly configured: string | null },
): WrittenBack {
  let underWay: Promise<void> = Promise.resolve();
  let known = configured;

  const write = async (refreshToken: string): Promise<void> => {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const connector = await protocol.connector(connectorId);
      if (connector === undefined) return;
      const present = members.text(members.of(connector.configuration['refresh_token'])['value']);
      if (present === refreshToken || present !== known) return;
      const fields = { configuration: { refresh_token: { value: refreshToken } } };
      if ((await protocol.changeConnector(connectorId, fields, connector)) === undefined) continue;
      known = refreshToken;
      return;
    }
  };

  return {
    tokens: {
      load: (account) => tokens.load(account),
      save(account, token) {
        tokens.save(account, token);
        const { refreshToken } = token;
        if (refreshToken === null) return;
        underWay = underWay
          .then(() => write(refreshToken))
          .catch((error: unknown) =>
            log.warn(
              `The new refresh token could not be put into the connector's configuration: ${failureText(error)}`,
            ),
          );
      },
    },
    done: () => underWay,
  };
}
