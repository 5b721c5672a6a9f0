import { PermanentError, TransientError } from '../core/errors.js';
import type { HttpRequest } from './http-client.js';
import { requestLabel } from './request-label.js';
import { proxyCodes } from './tunnel-agent.js';
import { messageOf } from '../core/message-of.js';

/** What a code of Node's network layer means, and what to look at. */
const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing accepts connections there; check box.base_url and whether a firewall is in the way',
  ENOTFOUND: 'the host name is not known; check box.base_url and the name server',
  EAI_AGAIN: 'the name server does not answer; check the network connection',
  ECONNRESET: 'the connection was cut; if it happens again, look at the network or the proxy',
  ECONNABORTED: 'the connection was cut; if it happens again, look at the network or the proxy',
  EPIPE: 'the connection was cut; if it happens again, look at the network or the proxy',
  ERR_STREAM_PREMATURE_CLOSE:
    'the answer was cut before its end; if it happens again, look at the network or the proxy',
  ETIMEDOUT: 'the connection timed out; check the network connection and whether a firewall is in the way',
  EHOSTUNREACH: 'no way leads to the host; check the network connection',
  ENETUNREACH: 'no way leads to the network; check the network connection',
  EPROTO: 'the TLS handshake failed; check whether box.base_url should begin with http://',
};

/** Codes of OpenSSL and Node for a certificate that does not hold. */
const badCertificate =
  /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_(VERIFY|GET)|INVALID_CA$|HOSTNAME_MISMATCH$)/;

/**
 * The error for a request that got no answer, or not all of one: names the host and, in words, the cause. Transient,
 * except for certificates and URLs, which are wrong until a person has changed something.
 */
export function networkError(
  error: unknown,
  request: HttpRequest,
  /** Host of the proxy that the request goes through. */
  via?: string,
): TransientError | PermanentError {
  const host = URL.canParse(request.url) ? new URL(request.url).host : request.url;
  const code = codeOf(error);
  const refused = `Cannot ${requestLabel(request)} on host ${host}${via === undefined ? '' : ` through the proxy ${via}`}`;
  // node-fetch says so of other schemes, and of credentials in a URL.
  if (code === 'ERR_INVALID_URL' || error instanceof TypeError) {
    return new PermanentError(`${refused}: this is no http or https URL that can be asked; check box.base_url`, {
      cause: error,
    });
  }
  if (code !== undefined && badCertificate.test(code)) {
    return new PermanentError(
      `${refused}: its TLS certificate is not trusted (${code}); if a proxy inspects TLS, name the file of its certificate authority in NODE_EXTRA_CA_CERTS`,
      { cause: error, code },
    );
  }
  if (code === proxyCodes.refused) return proxyRefusal(refused, error);
  if (code === proxyCodes.silent || code === proxyCodes.garbled) {
    return new TransientError(
      `${refused}: ${reasonOf(error)}; check HTTPS_PROXY and NO_PROXY, and look whether the proxy works and reaches the host`,
      { cause: error },
    );
  }
  if (via !== undefined && code !== undefined && isUnreachable(code)) {
    return new TransientError(`${refused}: the proxy cannot be reached (${code}); check HTTPS_PROXY and NO_PROXY`, {
      cause: error,
    });
  }
  const words = code === undefined ? undefined : causes[code];
  if (words !== undefined) return new TransientError(`${refused}: ${words} (${code ?? ''})`, { cause: error });
  const message = messageOf(error);
  return new TransientError(`${refused}: ${code ?? message}; check the network connection`, { cause: error });
}

/** Without the words that node-fetch puts before it, which say again what was asked. */
function reasonOf(error: unknown): string {
  return messageOf(error).replace(/^request to .* failed, reason: /, '');
}

/** The proxy is asked to connect, and is itself what cannot be reached: it looks for the host on our behalf. */
function isUnreachable(code: string): boolean {
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code);
}

/** What a proxy cannot reach for the moment may be there later; what it does not allow stays refused. */
function proxyRefusal(refused: string, error: unknown): TransientError | PermanentError {
  const message = messageOf(error);
  const status = Number(/answered (\d+)/.exec(message)?.[1]);
  const options = { cause: error, status };
  if (status === 429 || status >= 500) {
    return new TransientError(`${refused}: the proxy answered ${status}; look whether it reaches the host`, options);
  }
  const advice =
    status === 407
      ? 'give a user and its password in HTTPS_PROXY (http://user:password@host:port) that it accepts'
      : 'have it allow connections to this host, or name the host in NO_PROXY if it can be reached directly';
  return new PermanentError(`${refused}: the proxy answered ${status}; ${advice}`, options);
}

/** The code of an error, or of what lies behind it: several tries of one connect are an `AggregateError`. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if ('cause' in error && error.cause !== undefined) return codeOf(error.cause);
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return undefined;
}
