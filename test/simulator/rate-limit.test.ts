import * as assert from 'uvu/assert';
import { rateLimit } from '../../src/simulator/rate-limit.js';
import { defaultSettings } from '../../src/simulator/settings.js';
import { suite } from '../support/suite.js';
import { clientOf, withSimulator } from './client.js';

suite('rateLimit()', (test) => {
  const limited = (callsPerMinute: number, burst = 0) => {
    const settings = defaultSettings();
    Object.assign(settings.rate, { callsPerMinute, burst });
    const clock = { now: 1_000 };
    return { settings, clock, ask: rateLimit(settings, () => clock.now) };
  };
  const allowed = (ask: (user: string) => unknown, user: string, times: number): number =>
    Array.from({ length: times }, () => ask(user)).filter((refusal) => refusal === undefined).length;

  test('is off by default', () => {
    assert.is(allowed(limited(0).ask, 'a', 5_000), 5_000);
  });

  test('gives each user the calls of a minute, a second of them at once', () => {
    const { ask, clock } = limited(600);
    assert.equal([allowed(ask, 'a', 50), allowed(ask, 'b', 50)], [10, 10]);
    let more = 0;
    for (let second = 0; second < 60; second += 1) {
      clock.now += 1_000;
      more += allowed(ask, 'a', 50);
    }
    assert.is(more, 600);
  });

  test('says how long to wait, or what the settings say', () => {
    const { ask, settings } = limited(6, 1);
    assert.is(ask('a'), undefined);
    assert.is(ask('a')?.headers?.['Retry-After'], '10');
    settings.rate.retryAfter = '0.05';
    assert.is(ask('a')?.headers?.['Retry-After'], '0.05');
  });

  test('answers 429 as Box does, counting the user called as', () =>
    withSimulator({ tree: { users: 2 }, settings: { rate: { callsPerMinute: 60, burst: 2 } } }, async (simulator) => {
      const [one = '', two = ''] = simulator.box.tree.owners;
      const client = clientOf(simulator);
      const ask = (user: string) => client.get('/2.0/folders/0/items', { 'as-user': user });
      const statuses = [await ask(one), await ask(one), await ask(one), await ask(two)].map(({ status }) => status);
      assert.equal(statuses, [200, 200, 429, 200]);
      const refusal = await ask(one);
      assert.equal([refusal.json.code, refusal.headers.get('retry-after')], ['rate_limit_exceeded', '1']);
      simulator.box.advance(1_000);
      assert.is((await ask(one)).status, 200);
    }));
});
