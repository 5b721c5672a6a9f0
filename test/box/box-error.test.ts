import * as assert from 'uvu/assert';
import { boxError } from '../../src/box/box-error.js';
import { type Answer, classify } from '../../src/box/classify.js';
import type { HttpRequest } from '../../src/box/http-client.js';
import { AuthError, PermanentError, TransientError } from '../../src/core/errors.js';
import { suite } from '../support/suite.js';

const listing: HttpRequest = { method: 'GET', url: '/2.0/folders/12/items?marker=abc&limit=1000', route: 'folders' };

function errorFor(answer: Omit<Partial<Answer>, 'route'>, request: HttpRequest = listing) {
  const whole = { status: 200, headers: {}, body: '', ...answer };
  const verdict = classify({ ...whole, route: request.route }, 0);
  if (verdict.kind === 'ok') throw new Error('Expected a failure');
  return boxError(verdict, whole, request);
}

suite('boxError()', (test) => {
  test('says which call, what Box said and which request, without the query', () => {
    const body = JSON.stringify({
      status: 404,
      code: 'not_found',
      message: 'Not Found',
      request_id: 'abc',
      context_info: { errors: [{ name: 'folder', message: "Invalid value '12'" }] },
    });
    const error = errorFor({ status: 404, body }, { ...listing, asUser: '7' });
    assert.instance(error, PermanentError);
    assert.is(
      error.message,
      `Cannot GET "/2.0/folders/12/items" as user 7: Box answered 404 not_found "Not Found; Invalid value '12'" (request abc)`,
    );
    assert.is((error as PermanentError).code, 'not_found');
    assert.is((error as PermanentError).status, 404);
  });

  test('takes the request id of the header if the body has none', () => {
    assert.match(
      errorFor({ status: 502, headers: { 'box-request-id': 'h1' } }).message,
      /answered 502 \(request h1\)$/,
    );
  });

  test('a transient answer keeps its status and Retry-After', () => {
    const error = errorFor({ status: 429, headers: { 'retry-after': '4' } });
    assert.instance(error, TransientError);
    assert.equal([(error as TransientError).status, (error as TransientError).retryAfterMs], [429, 4_000]);
  });

  test('an HTML page in place of JSON is named', () => {
    assert.match(errorFor({ status: 200, body: '<html>' }).message, 'with an HTML page, expected JSON');
  });

  test('a download URL is never shown', () => {
    const error = errorFor(
      { status: 403 },
      { method: 'GET', url: 'https://dl.boxcloud.com/d/1/geheim/download', route: 'download' },
    );
    assert.not.match(error.message, 'geheim');
    assert.match(error.message, 'https://dl.boxcloud.com/...');
  });

  test('a missing scope is a matter of the sign-in and says what to switch on', () => {
    const headers = { 'www-authenticate': 'Bearer error="insufficient_scope"' };
    const own = errorFor({ status: 403, headers });
    assert.instance(own, AuthError);
    assert.match(own.message, /scopes/);
    const other = errorFor({ status: 403, headers }, { ...listing, asUser: '7' });
    assert.instance(other, AuthError);
    assert.match(other.message, /as-user header/);
  });

  test('a 401 concerns the sign-in, but only the user where one is acted for', () => {
    for (const body of ['', '{"code":"unauthorized","message":"No"}']) {
      assert.instance(errorFor({ status: 401, body }), AuthError);
      const other = errorFor({ status: 401, body }, { ...listing, asUser: '7' });
      assert.instance(other, PermanentError);
      assert.is((other as PermanentError).status, 401);
    }
  });

  test('an inactive user is permanent and says so', () => {
    const error = errorFor({ status: 401, body: 'User has been deactivated' });
    assert.instance(error, PermanentError);
    assert.match(error.message, 'the user is inactive');
  });

  test('a redirect of an API call points at the base URL', () => {
    const error = errorFor({ status: 301, headers: { location: 'https://login.example/' } });
    assert.instance(error, PermanentError);
    assert.match(error.message, 'box.base_url');
  });
});
