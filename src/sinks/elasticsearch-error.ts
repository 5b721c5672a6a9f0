import { errors } from '@elastic/elasticsearch';
import { AbortedError, AuthError, PermanentError, TransientError } from '../core/errors.js';
import { parseRetryAfter } from '../core/retry.js';
import { shortened } from '../core/shortened.js';
import { AnswerTooLarge } from './answer-too-large.js';
import { notAllowed } from './classify-bulk-item.js';
import { RepeatedFailure } from './repeated-failure.js';

/** Codes that Node gives when a certificate or the TLS handshake does not do. */
const tlsFaults =
  /CERT|certificate|self.signed|unable to verify|unable to get (local )?issuer|ERR_TLS|EPROTO|wrong version number|ERR_SSL/i;

/** How a connection ends that was there: something between may have a limit, so it is not said that nothing answers. */
const cuts = /EPIPE|ECONNRESET|socket hang up|other side closed/i;

/** Longest part of an answer that is shown. */
const longestFound = 500;

/**
 * Turns what the Elasticsearch client throws into one of the errors of `core/errors.ts`, decided here and nowhere
 * else. `action` completes "Cannot ...". The client's own error is not kept as the cause: it holds the request with its
 * body, which may be megabytes.
 */
export function elasticsearchError(error: unknown, action: string, index: string): Error {
  if (error instanceof RepeatedFailure) return repeated(elasticsearchError(error.last, action, index), error);
  if (error instanceof AnswerTooLarge) {
    return new TransientError(
      `Cannot ${action}: the answer is larger than ${error.maxBytes >> 20} MiB, expected a smaller one of Elasticsearch and no proxy that answers in its place. Look at "elasticsearch.host" and at the proxies between`,
    );
  }
  if (error instanceof errors.RequestAbortedError) return new AbortedError();
  if (error instanceof errors.ResponseError) return fromResponse(error, action, index);
  if (error instanceof errors.TimeoutError) {
    return new TransientError(`Cannot ${action}: Elasticsearch did not answer in time`);
  }
  if (error instanceof errors.ConnectionError || error instanceof errors.NoLivingConnectionsError) {
    return fromConnection(error, action);
  }
  if (error instanceof errors.DeserializationError) {
    return new TransientError(`Cannot ${action}: the answer is broken (${cut(error.message)}), expected JSON`);
  }
  if (error instanceof errors.ProductNotSupportedError) {
    return new PermanentError(
      `Cannot ${action}: what answers is not Elasticsearch, or a proxy cuts its header "X-Elastic-Product". Check "elasticsearch.host"`,
    );
  }
  if (error instanceof errors.ElasticsearchClientError) {
    return new PermanentError(`Cannot ${action}: ${cut(error.message)}`);
  }
  return error instanceof Error ? error : new PermanentError(`Cannot ${action}: ${String(error)}`);
}

function fromResponse(error: errors.ResponseError, action: string, index: string): Error {
  const status = error.statusCode ?? 0;
  const { type, reason } = parseBody(error.body);
  const found = `${status} ${type ?? ''}${type === undefined ? '' : ': '}${cut(reason)}`.trim();
  if (status === 401) {
    return new AuthError(
      `Cannot ${action}: Elasticsearch refuses the sign-in (${found}). Check "elasticsearch.api_key" (it may have expired or been revoked), or "elasticsearch.username" and "elasticsearch.password"`,
    );
  }
  if (type === 'cluster_block_exception' || status === 408 || status === 429 || status >= 500) {
    const retryAfter = error.headers?.['retry-after'];
    const retryAfterMs = parseRetryAfter(typeof retryAfter === 'string' ? retryAfter : undefined, Date.now());
    return new TransientError(`Cannot ${action}: Elasticsearch answered ${found}`, { status, retryAfterMs });
  }
  if (status === 403) return new AuthError(notAllowed(action, index, found));
  return new PermanentError(`Cannot ${action}: Elasticsearch answered ${found}`, { status, code: type });
}

/** A failure of which the client has sent the request again and again. */
function repeated(failure: Error, { how }: RepeatedFailure): Error {
  if (!(failure instanceof TransientError)) return failure;
  const { message, status, retryAfterMs } = failure;
  return new TransientError(`${message} (${how})`, { status, retryAfterMs });
}

function fromConnection(error: Error, action: string): Error {
  const { message } = error;
  if (/wrong version number|packet length too long/i.test(message)) {
    return new PermanentError(
      `Cannot ${action}: the TLS connection to Elasticsearch fails (what answers there does not speak TLS). Check the port of "elasticsearch.host", and whether it should begin with http://`,
    );
  }
  if (tlsFaults.test(`${message} ${codeOf(error)}`)) {
    return new PermanentError(
      `Cannot ${action}: the TLS connection to Elasticsearch fails (${cut(message)}). Set "elasticsearch.ca_certs" to the file with the authority that signed its certificate, and check that "elasticsearch.host" has the right scheme and name`,
    );
  }
  if (cuts.test(`${message} ${codeOf(error)}`)) {
    return new TransientError(
      `Cannot ${action}: the connection to Elasticsearch was cut (${message}). Check that it runs, and which limits it and the proxies before it have for the size of a request`,
    );
  }
  return new TransientError(
    `Cannot ${action}: Elasticsearch cannot be reached (${message}). Check "elasticsearch.host" and that it runs`,
  );
}

function codeOf(error: Error): string {
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

/** `{"error":{"type":..,"reason":..}}`, or whatever else came. */
function parseBody(body: unknown): { type: string | undefined; reason: string } {
  if (typeof body === 'string') return { type: undefined, reason: body };
  if (typeof body !== 'object' || body === null || !('error' in body)) return { type: undefined, reason: '' };
  const { error } = body;
  if (typeof error !== 'object' || error === null) return { type: undefined, reason: String(error) };
  const type = 'type' in error && typeof error.type === 'string' ? error.type : undefined;
  return { type, reason: 'reason' in error && typeof error.reason === 'string' ? error.reason : '' };
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return shortened(line, longestFound);
}
