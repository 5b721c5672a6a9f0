import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect } from 'node:tls';

/** Codes of the errors that say what a proxy has done, and what no host behind it could have. */
export const proxyCodes = {
  refused: 'ERR_PROXY_REFUSED',
  silent: 'ERR_PROXY_SILENT',
  garbled: 'ERR_PROXY_GARBLED',
} as const;

type Create = NonNullable<Agent['createConnection']>;

/**
 * Leads the connections of `https:` requests through a proxy, by CONNECT. The proxy has `connectMs` for the whole of its
 * answer, whose head Node itself bounds (16 KiB); then the connection to it is given up, and the request fails with an
 * error of `proxyCodes`. Holds what is being connected; `destroy` gives that up as well.
 */
export class TunnelAgent extends Agent {
  readonly #proxy: URL;
  readonly #connectMs: number;
  readonly #connecting = new Set<ClientRequest>();

  /** `proxy`: an `http:` or `https:` URL, whose user name and password can be decoded. */
  constructor(proxy: URL, connectMs: number) {
    super({ keepAlive: true });
    this.#proxy = proxy;
    this.#connectMs = connectMs;
  }

  // Node's types have only the answer at once; Node waits for the callback as well.
  override createConnection(...[wanted, connected]: Parameters<Create>): undefined {
    const address = `${bracketed(wanted.host ?? '')}:${wanted.port ?? 443}`;
    let isOver = false;
    const end = (error: Error | null, socket?: Duplex) => {
      clearTimeout(timer);
      this.#connecting.delete(asked);
      if (isOver) return;
      isOver = true;
      // Node's own types want a socket beside an error.
      connected?.(error, socket as Duplex);
    };
    const asked = this.#ask(address);
    const timer = setTimeout(() => {
      asked.destroy(
        Object.assign(new Error(`the proxy did not answer within ${this.#connectMs / 1_000} s`), {
          code: proxyCodes.silent,
        }),
      );
    }, this.#connectMs);
    this.#connecting.add(asked);
    asked.once('connect', ({ statusCode = 0 }: IncomingMessage, socket: Duplex) => {
      if (statusCode >= 200 && statusCode < 300) {
        end(null, connect({ ...(wanted as ConnectionOptions), socket }));
        return;
      }
      socket.destroy();
      // Node takes what only goes before an answer for the answer.
      const code = statusCode < 200 ? proxyCodes.garbled : proxyCodes.refused;
      end(Object.assign(new Error(`the proxy answered ${statusCode}`), { code }));
    });
    asked.on('error', (error) => end(asOfTheProxy(error)));
    asked.end();
    return undefined;
  }

  override destroy(): void {
    for (const asked of this.#connecting) asked.destroy();
    super.destroy();
  }

  #ask(address: string): ClientRequest {
    const { protocol, hostname, port, username, password } = this.#proxy;
    const isTls = protocol === 'https:';
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return (isTls ? httpsRequest : httpRequest)({
      method: 'CONNECT',
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? (isTls ? 443 : 80) : port,
      path: address,
      headers: {
        host: address,
        ...(credentials !== ':' && { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }),
      },
      // The connection becomes the tunnel: nothing else goes over it.
      agent: false,
    });
  }
}

/** An address of IPv6, as it stands before a port. */
function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** What cannot be parsed of the answer is the proxy's, and not Box's. */
function asOfTheProxy(error: Error & { readonly code?: string }): Error {
  if (error.code?.startsWith('HPE_') !== true) return error;
  return Object.assign(new Error(`the proxy's answer is no HTTP (${error.code})`, { cause: error }), {
    code: proxyCodes.garbled,
  });
}
