import * as assert from 'uvu/assert';
import type { BoxRoute, HttpResponse } from '../../src/box/http-client.js';
import { textResponse } from '../../src/box/text-response.js';
import { withAdaptiveConcurrency } from '../../src/box/with-adaptive-concurrency.js';
import { AbortedError, PermanentError, TransientError } from '../../src/core/errors.js';
import { suite } from '../support/suite.js';

suite('withAdaptiveConcurrency()', (test) => {
  interface Pending {
    readonly answer: (status: number) => Promise<void>;
    readonly fail: (error: Error) => Promise<void>;
  }
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

  const rig = (max: number) => {
    const pending: Pending[] = [];
    const http = withAdaptiveConcurrency(
      () =>
        new Promise<HttpResponse>((resolve, reject) => {
          pending.push({
            answer: async (status) => {
              resolve(textResponse(status, {}, ''));
              await turn();
            },
            fail: async (error) => {
              reject(error);
              await turn();
            },
          });
        }),
      { max },
    );
    const call = (route: BoxRoute = 'folders', signal = new AbortController().signal) => {
      const result = http({ method: 'GET', url: '/x', route }, signal);
      result.catch(() => {});
      return result;
    };
    const next = (): Pending => {
      const first = pending.shift();
      if (first === undefined) throw new Error('No call is under way');
      return first;
    };
    return { call, pending, next };
  };
  const calls = async (call: () => unknown, count: number) => {
    for (let made = 0; made < count; made += 1) void call();
    await turn();
  };

  test('lets `max` calls go at once, and the next when one has its answer', async () => {
    const { call, pending, next } = rig(2);
    await calls(call, 3);
    assert.is(pending.length, 2);
    await next().answer(200);
    assert.is(pending.length, 2);
  });

  for (const [what, failure] of [
    ['429', 429],
    ['503', 503],
    ['a cut connection', new TransientError('cut')],
  ] as const) {
    test(`${what} halves the limit, once for all that were under way`, async () => {
      const { call, pending, next } = rig(8);
      await calls(call, 20);
      for (let failed = 0; failed < 8; failed += 1) {
        if (typeof failure === 'number') await next().answer(failure);
        else await next().fail(failure);
      }
      assert.is(pending.length, 4);
    });
  }

  test('a refusal of the call itself changes nothing', async () => {
    const { call, pending, next } = rig(4);
    await calls(call, 9);
    await next().answer(404);
    await next().fail(new PermanentError('no'));
    assert.is(pending.length, 4);
  });

  test('good answers raise it again, by one for each round', async () => {
    const { call, pending, next } = rig(4);
    await calls(call, 60);
    for (let failed = 0; failed < 4; failed += 1) await next().answer(500);
    assert.is(pending.length, 2);
    for (let good = 0; good < 2; good += 1) await next().answer(200);
    assert.is(pending.length, 3);
    for (let good = 0; good < 3; good += 1) await next().answer(200);
    assert.is(pending.length, 4);
    for (let good = 0; good < 20; good += 1) await next().answer(200);
    assert.is(pending.length, 4);
  });

  test('never falls below one', async () => {
    const { call, pending, next } = rig(1);
    await calls(call, 3);
    await next().answer(429);
    assert.is(pending.length, 1);
  });

  test('sign-ins and downloads pass freely', async () => {
    const { call, pending } = rig(1);
    await calls(call, 1);
    await calls(() => call('token'), 1);
    await calls(() => call('download'), 2);
    assert.is(pending.length, 4);
  });

  test('an abort ends the wait and gives up the place', async () => {
    const { call, pending, next } = rig(1);
    const controller = new AbortController();
    await calls(call, 1);
    const waiting = call('folders', controller.signal);
    await calls(call, 1);
    controller.abort();
    const error: unknown = await waiting.catch((reason: unknown) => reason);
    assert.instance(error, AbortedError);
    await next().answer(200);
    assert.is(pending.length, 1);
    await next().answer(200);
    assert.is(pending.length, 0);
  });
});
