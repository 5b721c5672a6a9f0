import * as assert from 'uvu/assert';
import type { HttpRequest } from '../../src/box/http-client.js';
import { withWaitUntilReady } from '../../src/box/with-wait-until-ready.js';
import { TransientError } from '../../src/core/errors.js';
import { type FakeAnswer, fakeHttp, never, rejection, reply } from '../support/fake-http.js';
import { suite } from '../support/suite.js';
import { VirtualClock } from '../support/virtual-clock.js';

const content: HttpRequest = { method: 'GET', url: '/2.0/files/1/content', route: 'content' };

function setUp(answers: readonly FakeAnswer[]) {
  const clock = new VirtualClock();
  const { http, requests } = fakeHttp(answers);
  return { clock, requests, patient: withWaitUntilReady(http, { clock, random: () => 0.5, maxElapsedMs: 20_000 }) };
}

suite('withWaitUntilReady()', (test) => {
  test('asks again as told, more often than a call is tried', async () => {
    const notReady = reply(202, '', { 'retry-after': '2' });
    const { clock, requests, patient } = setUp([...Array<FakeAnswer>(7).fill(notReady), reply(302)]);
    const result = patient(content, never);
    await clock.advance(13_999);
    assert.is(requests.length, 7);
    await clock.advance(1);
    assert.is((await result).status, 302);
    assert.equal(new Set(requests.slice(1).map(({ repeat }) => repeat)), new Set(['not-ready']));
  });

  test('without a time, or with 0, it waits by itself', async () => {
    for (const headers of [{}, { 'retry-after': '0' }] as Record<string, string>[]) {
      const { clock, requests, patient } = setUp([reply(202, '', headers), reply(302)]);
      const result = patient(content, never);
      await clock.advance(499);
      assert.is(requests.length, 1);
      await clock.advance(1);
      assert.is((await result).status, 302);
    }
  });

  test('gives up when the time is over', async () => {
    const { clock, requests, patient } = setUp([reply(202, '', { 'retry-after': '6' })]);
    const result = rejection(patient(content, never));
    await clock.advance(60_000);
    const error = await result;
    assert.instance(error, TransientError);
    assert.match(error.message, 'the content is not ready yet (tried 4 times in 18 s');
    assert.is(requests.length, 4);
  });

  test('leaves other calls and other failures alone', async () => {
    const failure = new TransientError('Busy', { status: 503 });
    const { patient, requests } = setUp([reply(202), failure]);
    assert.is((await patient({ ...content, route: 'folders' }, never)).status, 202);
    assert.is(await rejection(patient(content, never)), failure);
    assert.is(requests.length, 2);
  });
});
