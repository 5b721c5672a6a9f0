import * as assert from 'uvu/assert';
import type { HttpRequest } from '../../src/box/http-client.js';
import { networkError } from '../../src/box/network-error.js';
import { PermanentError, TransientError } from '../../src/core/errors.js';
import { suite } from '../support/suite.js';

const request: HttpRequest = { method: 'GET', url: 'https://api.box.com/2.0/x?marker=m', route: 'folders' };
const coded = (code: string) => Object.assign(new Error('low-level words'), { code });

suite('networkError()', (test) => {
  const transient: readonly (readonly [string, string])[] = [
    ['ECONNREFUSED', 'nothing accepts connections there; check box.base_url'],
    ['ENOTFOUND', 'the host name is not known'],
    ['EAI_AGAIN', 'the name server does not answer'],
    ['ECONNRESET', 'the connection was cut'],
    ['ERR_STREAM_PREMATURE_CLOSE', 'the answer was cut before its end'],
    ['ETIMEDOUT', 'the connection timed out'],
    ['EPROTO', 'the TLS handshake failed'],
    ['ESOMETHING', 'ESOMETHING; check the network connection'],
  ];
  for (const [code, words] of transient) {
    test(`${code} is transient and names host and cause`, () => {
      const error = networkError(coded(code), request);
      assert.instance(error, TransientError);
      assert.ok(error.message.startsWith('Cannot GET "/2.0/x" on host api.box.com: '), error.message);
      assert.match(error.message, words);
    });
  }

  const refusals: readonly (readonly [number, typeof TransientError | typeof PermanentError, RegExp])[] = [
    [407, PermanentError, /HTTPS_PROXY/],
    [403, PermanentError, /NO_PROXY/],
    [502, TransientError, /whether it reaches the host/],
  ];
  for (const [status, kind, advice] of refusals) {
    test(`a proxy that answers ${status} is named, and is not Box`, () => {
      const cause = Object.assign(new Error(`the proxy answered ${status}`), { code: 'ERR_PROXY_REFUSED' });
      const error = networkError(cause, request, 'proxy:3128');
      assert.instance(error, kind);
      assert.match(error.message, `on host api.box.com through the proxy proxy:3128: the proxy answered ${status}`);
      assert.match(error.message, advice);
    });
  }

  test('with a proxy it is the proxy that cannot be reached', () => {
    assert.match(
      networkError(coded('ECONNREFUSED'), request, 'proxy:1').message,
      /proxy:1: the proxy cannot be reached/,
    );
    assert.match(networkError(coded('ECONNRESET'), request, 'proxy:1').message, /proxy:1: the connection was cut/);
  });

  for (const code of [
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ]) {
    test(`${code} is permanent and says where to name the authority`, () => {
      const error = networkError(coded(code), request);
      assert.instance(error, PermanentError);
      assert.match(error.message, 'NODE_EXTRA_CA_CERTS');
    });
  }

  test('finds the code behind a wrapper and among several tries', () => {
    const wrapped = new Error('outer', { cause: new AggregateError([coded('ECONNREFUSED'), coded('EHOSTUNREACH')]) });
    assert.match(networkError(wrapped, request).message, 'ECONNREFUSED');
  });

  test('a URL that is none is permanent', () => {
    assert.instance(networkError(coded('ERR_INVALID_URL'), { ...request, url: 'htp:/' }), PermanentError);
  });
});
