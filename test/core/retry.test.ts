import * as assert from 'uvu/assert';
import { AbortedError, PermanentError, TransientError } from '../../src/core/errors.js';
import { type RetryPolicy, parseRetryAfter, retrying } from '../../src/core/retry.js';
import { never, rejection, rejectionOf } from '../support/fake-http.js';
import { suite } from '../support/suite.js';
import { VirtualClock, settled } from '../support/virtual-clock.js';

function setUp(more: Partial<RetryPolicy> = {}) {
  const clock = new VirtualClock(0);
  const policy: RetryPolicy = { clock, random: () => 0.5, ...more };
  const startedAt: number[] = [];
  /** Fails with each error in turn, then succeeds. */
  const failing = (...errors: Error[]) => {
    const left = [...errors];
    return () => {
      startedAt.push(clock.now());
      const error = left.shift();
      return error === undefined ? Promise.resolve('done') : Promise.reject(error);
    };
  };
  return { clock, policy, startedAt, failing };
}

const busy = () => new TransientError('Busy');

suite('retrying()', (test) => {
  test('returns the first success and sets no timer', async () => {
    const { clock, policy, failing } = setUp();
    assert.is(await retrying(failing(), policy, never), 'done');
    assert.is(clock.pending, 0);
  });

  test('waits a random part of a doubling time', async () => {
    const { clock, policy, startedAt, failing } = setUp();
    const result = retrying(failing(busy(), busy(), busy(), busy()), policy, never);
    await clock.advance(60_000);
    assert.is(await result, 'done');
    assert.equal(startedAt, [0, 500, 1_500, 3_500, 7_500]);
  });

  test('no wait is longer than the longest that is allowed', async () => {
    const { clock, policy, startedAt, failing } = setUp();
    const result = retrying(failing(busy(), busy(), busy(), busy()), { ...policy, longestWaitMs: 1_500 }, never);
    await clock.advance(60_000);
    assert.is(await result, 'done');
    assert.equal(startedAt, [0, 500, 1_250, 2_000, 2_750]);
  });

  test('with random 0 it repeats at once, and below 1 it stays under the full time', async () => {
    for (const [random, second] of [
      [0, 0],
      [0.999, 999],
    ] as const) {
      const { clock, policy, startedAt, failing } = setUp({ random: () => random });
      const result = retrying(failing(busy()), policy, never);
      await clock.advance(1_000);
      await result;
      assert.equal(startedAt, [0, second]);
    }
  });

  test('waits as long as the server asks', async () => {
    const { clock, policy, startedAt, failing } = setUp();
    const result = retrying(failing(new TransientError('Wait', { retryAfterMs: 7_250 })), policy, never);
    await clock.advance(7_249);
    assert.equal(startedAt, [0]);
    await clock.advance(1);
    assert.is(await result, 'done');
    assert.equal(startedAt, [0, 7_250]);
  });

  test('Retry-After 0 says nothing: the backoff counts', async () => {
    const { clock, policy, startedAt, failing } = setUp();
    const result = retrying(failing(new TransientError('Wait', { retryAfterMs: 0 })), policy, never);
    await clock.advance(10_000);
    await result;
    assert.equal(startedAt, [0, 500]);
  });

  test('gives up after five tries and says so', async () => {
    const { clock, policy, startedAt, failing } = setUp();
    const last = new TransientError('Busy', { status: 503 });
    const result = rejectionOf(
      TransientError,
      retrying(failing(busy(), busy(), busy(), busy(), last, busy()), policy, never),
    );
    await clock.advance(600_000);
    const error = await result;
    assert.is(startedAt.length, 5);
    assert.is(error.message, 'Busy (tried 5 times in 7.5 s)');
    assert.is(error.status, 503);
    assert.is(error.cause, last);
  });

  test('starts no try later than maxElapsedMs after the first', async () => {
    const { clock, policy, startedAt } = setUp({ maxElapsedMs: 10_000, random: () => 0 });
    const slow = () =>
      new Promise<never>((_, reject) => {
        startedAt.push(clock.now());
        clock.after(4_000, () => reject(busy()));
      });
    const result = rejection(retrying(slow, policy, never));
    await clock.advance(60_000);
    assert.match((await result).message, 'tried 3 times in 12 s; expected to be done within 10 s');
    assert.equal(startedAt, [0, 4_000, 8_000]);
  });

  test('a longer Retry-After ends it at once, with the last error', async () => {
    const { clock, policy, startedAt, failing } = setUp();
    const result = rejectionOf(
      TransientError,
      retrying(failing(busy(), new TransientError('Wait', { retryAfterMs: 119_600 })), policy, never),
    );
    await clock.advance(500);
    const error = await result;
    assert.is(
      error.message,
      'Wait (tried 2 times in 0.5 s; the server asks to wait 119.6 s, expected to be done within 120 s)',
    );
    assert.is(error.retryAfterMs, 119_600);
    assert.is(startedAt.length, 2);
    assert.is(clock.pending, 0);
  });

  test('does not repeat what is not transient, and hands it on untouched', async () => {
    const { policy, startedAt, failing } = setUp();
    const fault = new PermanentError('No');
    assert.is(await rejection(retrying(failing(fault), policy, never)), fault);
    assert.is(startedAt.length, 1);
  });

  test('tells each try what the one before failed with', async () => {
    const { clock, policy } = setUp();
    const first = busy();
    const seen: unknown[] = [];
    const result = retrying(
      (_, failure) => {
        seen.push(failure);
        return seen.length === 1 ? Promise.reject(first) : Promise.resolve();
      },
      policy,
      never,
    );
    await clock.advance(1_000);
    await result;
    assert.equal(seen, [undefined, first]);
  });

  test('an abort ends the wait at once and leaves no timer', async () => {
    const { clock, policy, startedAt, failing } = setUp();
    const controller = new AbortController();
    const result = rejection(retrying(failing(busy()), policy, controller.signal));
    await settled();
    assert.is(clock.pending, 1);
    controller.abort();
    assert.instance(await result, AbortedError);
    assert.is(clock.pending, 0);
    assert.is(startedAt.length, 1);
  });

  test('after an abort nothing starts', async () => {
    const { policy, startedAt, failing } = setUp();
    assert.instance(await rejection(retrying(failing(), policy, AbortSignal.abort())), AbortedError);
    assert.is(startedAt.length, 0);
  });
});

suite('parseRetryAfter()', (test) => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  const cases: readonly (readonly [string | undefined, number | undefined])[] = [
    [undefined, undefined],
    ['', undefined],
    ['0', 0],
    ['7', 7_000],
    [' 7 ', 7_000],
    ['1.5', 1_500],
    ['.25', 250],
    ['0.0001', 1],
    ['Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
    ['Sunday, 01-Mar-26 12:00:30 GMT', 30_000],
    ['Sun, 01 Mar 2026 11:59:00 GMT', 0],
    ['-1', undefined],
    ['1e3', undefined],
    ['soon', undefined],
    ['Sun, 99 Mar 2026', undefined],
  ];
  for (const [text, expected] of cases) {
    test(`reads ${JSON.stringify(text)}`, () => {
      assert.is(parseRetryAfter(text, now), expected);
    });
  }
});
