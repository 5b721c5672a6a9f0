import * as assert from 'uvu/assert';
import type { BoxRoute, HttpRequest, HttpResponse } from '../../src/box/http-client.js';
import { withRetry } from '../../src/box/with-retry.js';
import { PermanentError, TransientError } from '../../src/core/errors.js';
import { type FakeAnswer, fakeHttp, never, rejection, reply } from '../support/fake-http.js';
import { suite } from '../support/suite.js';
import { VirtualClock } from '../support/virtual-clock.js';

const get = (route: BoxRoute): HttpRequest => ({ method: 'GET', url: '/2.0/x?secret=1', route });

function setUp(answers: readonly FakeAnswer[]) {
  const clock = new VirtualClock();
  const { http, requests } = fakeHttp(answers);
  const retried = withRetry(http, { clock, random: () => 0.5 });
  /** What comes of it after a lot of time. */
  const send = async (request: HttpRequest): Promise<HttpResponse> => {
    const result = retried(request, never);
    result.catch(() => {});
    await clock.advance(200_000);
    return result;
  };
  return { send, requests, clock };
}

/** An answer whose body cannot be read. */
function cut(status: number, error: Error = new TransientError('Cut')): HttpResponse {
  return { ...reply(status), text: () => Promise.reject(error), json: () => Promise.reject(error) };
}

suite('withRetry()', (test) => {
  const repeated: readonly (readonly [string, FakeAnswer, string])[] = [
    ['a network failure', new TransientError('No way'), 'network'],
    ['429', reply(429), 'rate-limited'],
    ['503', reply(503, '<html>'), 'server-error'],
    ['408', reply(408), 'server-error'],
    ['a busy folder', reply(409, { code: 'operation_blocked_temporary' }), 'server-error'],
    ['HTML in place of JSON', reply(200, '<html>'), 'server-error'],
    ['JSON that is cut', reply(200, '{"entries":['), 'server-error'],
    ['an empty body in place of JSON', reply(200, ''), 'server-error'],
    ['a body that is cut', cut(200), 'network'],
    ['an error body that is cut', cut(500), 'network'],
  ];
  for (const [what, answer, repeat] of repeated) {
    test(`repeats after ${what}`, async () => {
      const { send, requests } = setUp([answer, reply(200, { fine: true })]);
      const response = await send(get('folders'));
      assert.equal(await response.json(), { fine: true });
      assert.is(await response.text(), '{"fine":true}');
      assert.equal(
        requests.map((request) => request.repeat),
        [undefined, repeat],
      );
    });
  }

  const returned = [reply(404, { code: 'not_found' }), reply(403, ''), reply(401, ''), reply(507, ''), reply(302, '')];
  for (const answer of returned) {
    test(`returns ${answer.status} at once`, async () => {
      const { send, requests } = setUp([answer]);
      const response = await send(get('folders'));
      assert.is(response.status, answer.status);
      assert.is(await response.text(), await answer.text());
      assert.is(requests.length, 1);
    });
  }

  test('gives up after five tries with what was wrong, without the query', async () => {
    const { send, requests } = setUp([reply(500, { code: 'internal_server_error' })]);
    const error = await rejection(send(get('folders')));
    assert.instance(error, TransientError);
    assert.is(error.message, 'Cannot GET "/2.0/x": Box answered 500 internal_server_error (tried 5 times in 7.5 s)');
    assert.is(requests.length, 5);
  });

  test('JSON that stays broken is named, without its text', async () => {
    const { send } = setUp([reply(200, '{"access_token":"geheim')]);
    const error = await rejection(send(get('folders')));
    assert.match(error.message, 'Box answered 200 with a broken body, expected JSON');
    assert.not.match(error.message, 'geheim');
  });

  test('a permanent failure is thrown at once', async () => {
    const fault = new PermanentError('Certificate');
    const { send, requests } = setUp([fault]);
    assert.is(await rejection(send(get('folders'))), fault);
    assert.is(requests.length, 1);
  });

  const odd: readonly (readonly [route: BoxRoute, status: number])[] = [
    ['download', 203],
    ['content', 203],
    ['content', 204],
    ['download', 202],
    ['download', 206],
    ['folders', 203],
    ['users', 201],
    ['proofs', 204],
  ];
  for (const [route, status] of odd) {
    test(`${status} in place of an answer of route ${route} is asked again, and its body is left`, async () => {
      let given = 0;
      let closed = 0;
      const bytes = async function* () {
        try {
          for (;;) {
            given += 1;
            yield await Promise.resolve(Buffer.from('{}'));
          }
        } finally {
          closed += 1;
        }
      };
      const answer = { ...reply(status, {}), bytes, text: () => Promise.reject(new Error('read')) };
      const good = reply(200, {});
      const { send, requests } = setUp([answer, good]);
      const read = await send(get(route));
      assert.is(read.status, 200);
      assert.is(requests.length, 2);
      assert.equal([given, closed], [1, 1]);
      const always = setUp([answer]);
      const error = await rejection(always.send(get(route)));
      assert.instance(error, TransientError);
      assert.match(error.message, `Box answered ${status}, expected 200`);
    });
  }

  for (const route of ['download', 'content'] as const) {
    test(`leaves the body of route ${route} to the caller`, async () => {
      const streamed = cut(200);
      const { send, requests } = setUp([reply(503), streamed]);
      assert.is(await send(get(route)), streamed);
      assert.is(requests.length, 2);
    });
  }

  test('reads the body of a redirect and of a 202, so that the connection is free', async () => {
    for (const status of [302, 202]) {
      let read = 0;
      const answer = { ...reply(status), text: () => Promise.resolve(String((read += 1))) };
      const { send } = setUp([answer]);
      assert.is(await (await send(get('content'))).text(), '1');
      assert.is(read, 1);
    }
  });
});
