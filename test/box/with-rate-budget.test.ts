import * as assert from 'uvu/assert';
import type { BoxRoute, HttpRequest } from '../../src/box/http-client.js';
import { type RateBudgetOptions, withRateBudget } from '../../src/box/with-rate-budget.js';
import type { Clock } from '../../src/core/clock.js';
import { AbortedError, TransientError } from '../../src/core/errors.js';
import { type FakeAnswer, fakeHttp, rejection, rejectionOf, reply } from '../support/fake-http.js';
import { suite } from '../support/suite.js';
import { VirtualClock, settled } from '../support/virtual-clock.js';

const call = (asUser?: string, route: BoxRoute = 'folders'): HttpRequest => ({
  method: 'GET',
  url: '/x',
  route,
  asUser,
});

function setUp(
  options: RateBudgetOptions,
  answer: (count: number) => FakeAnswer = () => reply(200),
  /** How much later than they should timers come, as on a busy computer. */
  lateMs = 0,
) {
  const clock = new VirtualClock(0);
  /** What the time of day is set back by; timers do not care. */
  const set = { backMs: 0 };
  const lateClock: Clock = { now: () => clock.now() - set.backMs, after: (ms, run) => clock.after(ms + lateMs, run) };
  /** When each request went out, as whom. */
  const sent: [number, string | undefined][] = [];
  const waits: object[] = [];
  const { http } = fakeHttp((request) => {
    sent.push([clock.now(), request.asUser]);
    return answer(sent.length);
  });
  const budgeted = withRateBudget(http, { clock: lateClock, onWait: (wait) => waits.push(wait) }, options);
  const send = (asUser?: string, route?: BoxRoute, signal: AbortSignal = new AbortController().signal) => {
    const result = budgeted(call(asUser, route), signal);
    result.catch(() => {});
    return result;
  };
  const times = () => sent.map(([at]) => at);
  return { clock, set, sent, times, waits, send };
}

suite('withRateBudget()', (test) => {
  test('lets one second worth of calls go at once, then the rest evenly, in order', async () => {
    const { clock, times, send } = setUp({ callsPerMinute: 180 });
    for (let count = 0; count < 8; count += 1) void send();
    await clock.advance(2_000);
    assert.equal(times(), [0, 0, 0, 334, 667, 1_000, 1_334, 1_667]);
  });

  test('never lets more go in a minute than allowed, and loses none of it', async () => {
    const { clock, times, send } = setUp({ callsPerMinute: 1_000 });
    for (let count = 0; count < 2_500; count += 1) void send();
    await clock.advance(120_000);
    const inMinute = (from: number) => times().filter((at) => at >= from && at < from + 60_000).length;
    assert.ok(inMinute(0) <= 1_017 && inMinute(0) >= 990, String(inMinute(0)));
    assert.ok(inMinute(60_000) <= 1_001 && inMinute(60_000) >= 980, String(inMinute(60_000)));
  });

  test('a rate below one a second lets one go at once', async () => {
    const { clock, times, send } = setUp({ callsPerMinute: 6 });
    for (let count = 0; count < 3; count += 1) void send();
    await clock.advance(30_000);
    assert.equal(times(), [0, 10_000, 20_000]);
  });

  test('each acting user has its own budget', async () => {
    const { clock, sent, send } = setUp({ callsPerMinute: 60 });
    for (const user of ['a', 'a', 'b', undefined]) void send(user);
    await clock.advance(999);
    assert.equal(sent, [
      [0, 'a'],
      [0, 'b'],
      [0, undefined],
    ]);
  });

  test('a total bounds all users together', async () => {
    const { clock, times, send } = setUp({ callsPerMinute: 0, callsPerMinuteTotal: 60 });
    for (const user of ['a', 'b', 'c']) void send(user);
    await clock.advance(5_000);
    assert.equal(times(), [0, 1_000, 2_000]);
  });

  test('without a limit nothing waits', async () => {
    const { times, send, waits } = setUp({ callsPerMinute: 0 });
    await Promise.all(Array.from({ length: 500 }, () => send()));
    assert.is(times().length, 500);
    assert.equal(waits, []);
  });

  test('a Retry-After holds the other calls of that user too, also without a limit', async () => {
    const { clock, sent, send } = setUp({ callsPerMinute: 0 }, (count) =>
      count === 1 ? reply(429, '', { 'retry-after': '5' }) : reply(200),
    );
    assert.is((await send('a')).status, 429);
    void send('a');
    void send('b');
    await clock.advance(4_999);
    assert.equal(sent.slice(1), [[0, 'b']]);
    await clock.advance(1);
    assert.equal(sent.slice(2), [[5_000, 'a']]);
  });

  test('after a hold the limit goes on, at half the rate as long as nothing better is known', async () => {
    const { clock, times, send } = setUp({ callsPerMinute: 60 }, (count) =>
      count === 1 ? reply(429, '', { 'retry-after': '10' }) : reply(200),
    );
    await send();
    for (let count = 0; count < 3; count += 1) void send();
    await clock.advance(20_000);
    assert.equal(times(), [0, 10_000, 12_000, 14_000]);
  });

  /** Box with a limit of its own: `perMinute`, with one second's worth at once, and a whole number of seconds to wait. */
  const limited = (perMinute: number, clock: () => number) => {
    let tokens = perMinute / 60;
    let filledAt = 0;
    return () => {
      const now = clock();
      tokens = Math.min(perMinute / 60, tokens + ((now - filledAt) * perMinute) / 60_000);
      filledAt = now;
      if (tokens < 1) return reply(429, '', { 'retry-after': '1' });
      tokens -= 1;
      return reply(200);
    };
  };
  for (const [configured, real, lateMs] of [
    [1_000, 500, 0],
    [1_000, 900, 0],
    [1_000, 250, 0],
    [0, 600, 0],
    [1_000, 1_000, 0],
    [1_000, 1_000, 12],
    [1_000, 500, 12],
  ] as const) {
    test(`${configured} calls a minute configured, ${real} allowed, timers ${lateMs} ms late: few refusals, and little time lost`, async () => {
      const wanted = 3_000;
      let clockNow = () => 0;
      const answer = limited(real, () => clockNow());
      let asked = 0;
      let done = 0;
      let refused = 0;
      let doneAt = 0;
      // Where it is the configured limit, two calls are refused all the same: somebody else uses the account.
      const other = () =>
        [20, 500].includes((asked += 1)) && real === configured ? reply(429, '', { 'retry-after': '1' }) : answer();
      const { clock, send } = setUp({ callsPerMinute: configured }, other, lateMs);
      clockNow = () => clock.now();
      // A start is slow: one call, and a while later the others. Without a limit it would be taken for Box's rate.
      if (configured > 0) {
        await send();
        await clock.advance(3_000);
      }
      // Eight callers, each of which repeats what was refused.
      const caller = async () => {
        while (done < wanted) {
          const { status } = await send();
          if (status === 429) refused += 1;
          else done += 1;
          if (done === wanted) doneAt = clock.now();
        }
      };
      const callers = Array.from({ length: 8 }, caller);
      while (done < wanted) await clock.advance(1_000);
      await clock.advance(60_000);
      await Promise.all(callers);
      assert.ok(refused <= 0.01 * wanted + 16, `${refused} of ${wanted} were refused`);
      const least = (wanted / real) * 60_000;
      assert.ok(doneAt <= 1.15 * least, `${doneAt} ms, expected at most 1.15 times ${least}`);
    });
  }

  test('a storm of refusals does not bring the rate below a tenth, and it comes back', async () => {
    let storm = true;
    const { clock, times, send } = setUp({ callsPerMinute: 60 }, () =>
      storm ? reply(429, '', { 'retry-after': '0.1' }) : reply(200),
    );
    for (let count = 0; count < 30; count += 1) void send();
    await clock.advance(60_000);
    storm = false;
    const before = times().length;
    for (let count = 0; count < 2_600; count += 1) void send();
    await clock.advance(60_000);
    assert.ok(times().length - before >= 5, `${times().length - before} calls in the minute after the storm`);
    await clock.advance(40 * 60_000);
    const now = times().length;
    await clock.advance(60_000);
    assert.ok(times().length - now >= 59, `${times().length - now} calls a minute after 40 minutes`);
  });

  test('a clock that is set back by an hour keeps nobody waiting, and a hold is as long as it was', async () => {
    const { clock, set, times, send } = setUp({ callsPerMinute: 60 }, (count) =>
      count === 2 ? reply(429, '', { 'retry-after': '20' }) : reply(200),
    );
    void send();
    await clock.advance(5_000);
    set.backMs = 3_600_000;
    void send();
    await clock.advance(1_000);
    set.backMs += 3_600_000;
    void send();
    await clock.advance(30_000);
    // What was saved up before counts for nothing: how long it was nobody knows.
    assert.equal(times(), [0, 6_000, 26_000]);
  });

  test('a hold that is too long ends the calls that wait, and those that come', async () => {
    const { clock, times, send } = setUp({ callsPerMinute: 60, maxHoldMs: 30_000 }, () =>
      reply(429, '', { 'retry-after': '31' }),
    );
    const first = send();
    const waiting = rejectionOf(TransientError, send());
    await first;
    const error = await waiting;
    assert.is(error.retryAfterMs, 31_000);
    assert.instance(await rejection(send()), TransientError);
    await clock.advance(31_000);
    void send();
    await settled();
    assert.equal(times(), [0, 31_000]);
    assert.is(clock.pending, 0);
  });

  test('an abort while waiting gives up the place and costs nothing', async () => {
    const { clock, times, send } = setUp({ callsPerMinute: 60 });
    const controller = new AbortController();
    void send();
    const aborted = rejection(send(undefined, 'folders', controller.signal));
    void send();
    await settled();
    controller.abort();
    assert.instance(await aborted, AbortedError);
    await clock.advance(1_000);
    assert.equal(times(), [0, 1_000]);
    assert.is(clock.pending, 0);
  });

  test('reports waits, with the user and how long', async () => {
    const { clock, send, waits } = setUp({ callsPerMinute: 60 });
    void send('a');
    void send('a');
    await clock.advance(1_000);
    assert.equal(waits, [{ asUser: 'a', ms: 1_000 }]);
  });

  test('downloads and token calls do not count', async () => {
    const { times, send } = setUp({ callsPerMinute: 1 });
    for (const route of ['download', 'token', 'download', 'folders'] as const) void send(undefined, route);
    await settled();
    assert.is(times().length, 4);
  });
});
