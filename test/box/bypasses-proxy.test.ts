import * as assert from 'uvu/assert';
import { bypassesProxy } from '../../src/box/bypasses-proxy.js';
import { suite } from '../support/suite.js';

suite('bypassesProxy()', (test) => {
  const cases: readonly (readonly [noProxy: string, url: string, direct: boolean])[] = [
    ['', 'https://api.box.com', false],
    ['*', 'https://api.box.com', true],
    ['box.com', 'https://api.box.com', true],
    ['.box.com', 'https://api.box.com', true],
    ['*.box.com', 'https://api.box.com', true],
    ['API.Box.com', 'https://api.box.com', true],
    ['box.com', 'https://api.mybox.com', false],
    ['ox.com', 'https://api.box.com', false],
    ['localhost, 127.0.0.1 example.org', 'https://127.0.0.1:8443', true],
    ['api.box.com:443', 'https://api.box.com', true],
    ['api.box.com:8443', 'https://api.box.com', false],
    ['[::1]', 'https://[::1]:8443', true],
    ['[::1]:8443', 'https://[::1]:8443', true],
    [',', 'https://api.box.com', false],
  ];
  for (const [noProxy, url, direct] of cases) {
    test(`"${noProxy}" ${direct ? 'covers' : 'does not cover'} ${url}`, () => {
      assert.is(bypassesProxy(new URL(url), noProxy), direct);
    });
  }
});
