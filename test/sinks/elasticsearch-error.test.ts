import { errors } from '@elastic/elasticsearch';
import * as assert from 'uvu/assert';
import { TransientError } from '../../src/core/errors.js';
import { elasticsearchError } from '../../src/sinks/elasticsearch-error.js';
import { suite } from '../support/suite.js';

type Result = ConstructorParameters<typeof errors.ResponseError>[0];

function response(statusCode: number, body: unknown, headers: Record<string, string> = {}): errors.ResponseError {
  return new errors.ResponseError({
    statusCode,
    body,
    headers,
    warnings: null,
    meta: { request: { params: { body: 'x' } } },
  } as unknown as Result);
}

function said(type: string, reason: string): unknown {
  return { error: { type, reason } };
}

suite('elasticsearchError()', (test) => {
  const cases: readonly [string, unknown, RegExp][] = [
    [
      '401',
      response(401, said('security_exception', 'unable to authenticate')),
      /^AuthError: Cannot write: Elasticsearch refuses the sign-in \(401 security_exception: unable to authenticate\)\. Check "elasticsearch\.api_key"/,
    ],
    [
      '403',
      response(403, said('security_exception', 'unauthorized')),
      /^AuthError: Cannot write: 403 security_exception: unauthorized, expected .*privileges read, write.* on the index "box"/,
    ],
    ['403 for a block', response(403, said('cluster_block_exception', 'blocked')), /^TransientError/],
    ['413 without a body', response(413, ''), /^PermanentError: Cannot write: Elasticsearch answered 413$/],
    [
      '429',
      response(429, said('es_rejected_execution_exception', 'full')),
      /^TransientError: .*429 es_rejected_execution_exception: full/,
    ],
    ['502 with HTML', response(502, '<html>\n<b>Bad   gateway</b>'), /^TransientError: .*502 <html> <b>Bad gateway/],
    [
      '400',
      response(400, said('illegal_argument_exception', 'no')),
      /^PermanentError: .*400 illegal_argument_exception: no/,
    ],
    ['timeout', new errors.TimeoutError('Request timed out'), /^TransientError: .*did not answer in time/],
    [
      'refused connection',
      new errors.ConnectionError('connect ECONNREFUSED 127.0.0.1:1'),
      /^TransientError: .*cannot be reached \(connect ECONNREFUSED/,
    ],
    [
      'a connection cut while the request is written',
      new errors.ConnectionError('write EPIPE'),
      /^TransientError: .*the connection to Elasticsearch was cut \(write EPIPE\)\. Check .*size of a request/,
    ],
    ['certificate', new errors.ConnectionError('self-signed certificate'), /^PermanentError: .*ca_certs/],
    [
      'no TLS at the other end',
      new errors.ConnectionError('write EPROTO wrong version number'),
      /^PermanentError: .*should begin with http:/,
    ],
    [
      'broken answer',
      new errors.DeserializationError('Unexpected end of JSON input', '{'),
      /^TransientError: .*the answer is broken/,
    ],
    [
      'something else answers',
      new errors.ProductNotSupportedError('Elasticsearch'),
      /^PermanentError: .*not Elasticsearch/,
    ],
    ['abort', new errors.RequestAbortedError('aborted'), /^AbortedError/],
    ['our own pass', new TransientError('Cannot write: mine'), /^TransientError: Cannot write: mine$/],
    ['anything', 'text', /^PermanentError: Cannot write: text$/],
  ];
  for (const [title, error, expected] of cases) {
    test(title, () => assert.match(String(elasticsearchError(error, 'write', 'box')), expected));
  }

  test('keeps no request, which may be megabytes', () => {
    assert.is(elasticsearchError(response(413, ''), 'write', 'box').cause, undefined);
  });

  test('Retry-After in seconds is kept', () => {
    const error = elasticsearchError(response(429, '', { 'retry-after': '3' }), 'write', 'box');
    assert.is(error instanceof TransientError && error.retryAfterMs, 3_000);
  });
});
