import * as assert from 'uvu/assert';
import { openProxy } from '../../src/box/open-proxy.js';
import { ConfigError } from '../../src/core/errors.js';
import { suite } from '../support/suite.js';

suite('openProxy()', (test) => {
  test('shows the host without user name and password; no scheme means http', () => {
    assert.is(openProxy('http://user:hidden@proxy:3128', 1_000).host, 'proxy:3128');
    assert.is(openProxy('proxy:3128', 1_000).host, 'proxy:3128');
  });

  test('a "%" that its user, the agent, could not decode is refused, with what to write, and not shown', () => {
    for (const value of ['http://ann:50%pw@host:1', 'http://an%n:pw@host:1', 'http://ann:%E0%A4%A@host:1']) {
      assert.throws(
        () => openProxy(value, 1_000),
        (error: unknown) =>
          error instanceof ConfigError && /write %25 for each "%"/.test(error.message) && !/pw|ann/.test(error.message),
      );
    }
    assert.is(openProxy('http://ann:50%25pw@host:1', 1_000).host, 'host:1');
  });

  test('what is no address is refused, and not shown', () => {
    for (const value of ['http://us er:hidden@:', 'socks5://user:hidden@proxy:1', '://hidden']) {
      let caught: unknown;
      try {
        openProxy(value, 1_000);
      } catch (error) {
        caught = error;
      }
      assert.instance(caught, ConfigError, value);
      assert.match(String(caught), /HTTPS_PROXY.*http:\/\/host:port/);
      assert.not.match(String(caught), /hidden/);
    }
  });
});
