import * as assert from 'uvu/assert';
import { networkOptions } from '../../src/app/network-options.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { suite } from '../support/suite.js';

suite('networkOptions', (test) => {
  const { config } = loadTestConfig({ retry: { stall_timeout: 9 } });

  test('the proxy of the environment, by either name; the capital one counts more', () => {
    const lower = { https_proxy: 'http://lower:1', no_proxy: 'a' };
    assert.equal(networkOptions(config, lower, '1.0.0'), {
      httpsProxy: 'http://lower:1',
      noProxy: 'a',
      stallMs: 9_000,
      userAgent: 'box-elasticsearch-connector/1.0.0',
    });
    const both = networkOptions(config, { ...lower, HTTPS_PROXY: 'http://upper:1', NO_PROXY: 'b' }, '1.0.0');
    assert.equal([both.httpsProxy, both.noProxy], ['http://upper:1', 'b']);
  });

  test('none without a variable', () => {
    const none = networkOptions(config, {}, '1.0.0');
    assert.equal([none.httpsProxy, none.noProxy], [undefined, undefined]);
  });
});
