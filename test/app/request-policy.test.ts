import * as assert from 'uvu/assert';
import { requestPolicy } from '../../src/app/request-policy.js';
import { systemClock } from '../../src/core/clock.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { suite } from '../support/suite.js';

suite('requestPolicy', (test) => {
  const said: string[] = [];
  const deps = { clock: systemClock, random: () => 0, log: { warn: (message: string) => void said.push(message) } };
  const policyOf = (settings: object, patience: Parameters<typeof requestPolicy>[1]) => {
    const policy = requestPolicy(loadTestConfig({ elasticsearch: settings }).config, patience, deps);
    const { maxRetries, baseMs, maxElapsedMs, retryOnTimeout, start } = policy;
    return { maxRetries, baseMs, maxElapsedMs, retryOnTimeout, start };
  };
  const settings = {
    max_retries: 7,
    retry_interval: 4,
    retry_on_timeout: false,
    max_wait_duration: 30,
    initial_backoff_duration: 2,
    backoff_multiplier: 3,
    bulk: { queue_refresh_timeout: 60 },
  };
  const start = { maxWaitMs: 30_000, pauseMs: 2_000, factor: 3 };

  test('a run has the patience that is configured', () => {
    assert.equal(policyOf(settings, 'run'), {
      maxRetries: 7,
      baseMs: 4_000,
      maxElapsedMs: 60_000,
      retryOnTimeout: false,
      start,
    });
  });

  test('the service waits for the start as long, and otherwise looks again by itself; a command waits for nothing', () => {
    const brief = { maxRetries: 3, baseMs: 1_000, maxElapsedMs: 5_000, retryOnTimeout: false };
    assert.equal(policyOf(settings, 'service'), { ...brief, start });
    assert.equal(policyOf(settings, 'command'), { ...brief, start: { ...start, maxWaitMs: 0 } });
  });

  test('no patience is longer than the configured one', () => {
    assert.equal(policyOf({ ...settings, max_retries: 0, retry_interval: 0.05 }, 'command'), {
      maxRetries: 0,
      baseMs: 50,
      maxElapsedMs: 5_000,
      retryOnTimeout: false,
      start: { ...start, maxWaitMs: 0 },
    });
  });

  test('each wait is said in the log', () => {
    requestPolicy(loadTestConfig({}).config, 'run', deps).onWait?.('waiting');
    assert.equal(said, ['waiting']);
  });
});
