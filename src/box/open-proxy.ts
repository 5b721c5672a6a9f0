import { ConfigError } from '../core/errors.js';
import { TunnelAgent } from './tunnel-agent.js';

export interface Proxy {
  readonly agent: TunnelAgent;
  /** Host and port, to be shown: without user name and password. */
  readonly host: string;
}

/**
 * The proxy that `HTTPS_PROXY` names; without a scheme it is an http one. What it refuses, or does not answer within
 * `connectMs`, fails the request with an error of `proxyCodes`: its answer is not Box's. Throws `ConfigError`, without the
 * value, which may hold a password.
 */
export function openProxy(httpsProxy: string, connectMs: number): Proxy {
  const text = httpsProxy.includes('://') ? httpsProxy : `http://${httpsProxy}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new ConfigError([
      'HTTPS_PROXY is no address of a proxy, expected http://host:port, or http://user:password@host:port with what is special in them percent-encoded',
    ]);
  }
  // The agent decodes them when it connects, and would throw then, each time.
  if (!isDecodable(url.username) || !isDecodable(url.password)) {
    throw new ConfigError([
      'HTTPS_PROXY has a user name or a password with a "%" that begins no code, expected it percent-encoded: write %25 for each "%"',
    ]);
  }
  return { agent: new TunnelAgent(url, connectMs), host: url.host };
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
