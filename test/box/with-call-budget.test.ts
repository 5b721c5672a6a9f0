import * as assert from 'uvu/assert';
import { CallCounts } from '../../src/box/call-counts.js';
import type { BoxRoute } from '../../src/box/http-client.js';
import { textResponse } from '../../src/box/text-response.js';
import { withCallBudget } from '../../src/box/with-call-budget.js';
import { suite } from '../support/suite.js';

suite('withCallBudget()', (test) => {
  const rig = (maxCalls: number) => {
    const counts = new CallCounts();
    let spent = 0;
    const http = withCallBudget(
      (request) => {
        counts.sent(request);
        return Promise.resolve(textResponse(200, {}, '{}'));
      },
      counts,
      { maxCalls, onSpent: () => (spent += 1) },
    );
    const call = (route: BoxRoute) => http({ method: 'GET', url: '/x', route }, new AbortController().signal);
    return { call, counts, spent: () => spent };
  };

  test('0 is no limit', async () => {
    const { call, spent } = rig(0);
    for (let calls = 0; calls < 50; calls += 1) await call('folders');
    assert.is(spent(), 0);
  });

  test('tells once, and refuses what would be new; content of what was listed still comes', async () => {
    const { call, counts, spent } = rig(2);
    await call('users');
    await call('folders');
    assert.is(spent(), 0);
    let refused = '';
    await call('folders').catch((error: unknown) => (refused = String(error)));
    assert.match(refused, /the 2 calls of this run \(box\.max_calls\) are used up/);
    await call('content');
    await call('download');
    assert.is(spent(), 1);
    assert.is(counts.api, 3);
  });

  test('tokens and downloads do not count', async () => {
    const { call, spent } = rig(1);
    await call('token');
    await call('download');
    await call('folders');
    assert.is(spent(), 0);
  });
});
