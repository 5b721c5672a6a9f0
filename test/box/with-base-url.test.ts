import * as assert from 'uvu/assert';
import { withBaseUrl } from '../../src/box/with-base-url.js';
import { fakeHttp, never, reply } from '../support/fake-http.js';
import { suite } from '../support/suite.js';

suite('withBaseUrl()', (test) => {
  const cases: readonly (readonly [base: string, url: string, sent: string])[] = [
    ['https://api.box.com', '/2.0/users/me', 'https://api.box.com/2.0/users/me'],
    ['https://api.box.com/', '/oauth2/token', 'https://api.box.com/oauth2/token'],
    ['http://127.0.0.1:8080/box/', '/2.0/x?a=/b', 'http://127.0.0.1:8080/box/2.0/x?a=/b'],
    ['https://api.box.com', 'https://dl.boxcloud.com/d/1', 'https://dl.boxcloud.com/d/1'],
  ];
  for (const [base, url, sent] of cases) {
    test(`${base} and ${url} make ${sent}`, async () => {
      const { http, requests } = fakeHttp([reply(200)]);
      await withBaseUrl(http, base)({ method: 'GET', url, route: 'items', asUser: '7' }, never);
      assert.equal(requests, [{ method: 'GET', url: sent, route: 'items', asUser: '7' }]);
    });
  }
});
