import type { ClientRequest } from 'node:http';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { ConfigError } from '../core/errors.js';

export interface Proxy {
  readonly agent: HttpsProxyAgent<string>;
  /** Host and port, to be shown: without user name and password. */
  readonly host: string;
}

/**
 * The proxy that `HTTPS_PROXY` names; without a scheme it is an http one. What it refuses fails the request with
 * an error of the code `ERR_PROXY_REFUSED`: its answer is not Box's. Throws `ConfigError`, without the value, which may hold a password.
 */
export function openProxy(httpsProxy: string): Proxy {
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
  const agent = new HttpsProxyAgent(text, { keepAlive: true });
  agent.on('proxyConnect', ({ statusCode }: { statusCode: number }, request: ClientRequest) => {
    if (statusCode !== 200) {
      request.destroy(Object.assign(new Error(`the proxy answered ${statusCode}`), { code: 'ERR_PROXY_REFUSED' }));
    }
  });
  return { agent, host: url.host };
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
