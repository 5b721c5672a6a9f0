import * as assert from 'uvu/assert';
import type { BoxRoute } from '../../src/box/http-client.js';
import { routeTemplate } from '../../src/box/route-template.js';
import { suite } from '../support/suite.js';

const cases: readonly (readonly [url: string, template: string, route?: BoxRoute])[] = [
  ['/2.0/folders/0/items?usemarker=true&marker=abc', '/folders/:id/items'],
  ['/2.0/folders/123', '/folders/:id'],
  ['/2.0/files/9/content', '/files/:id/content'],
  ['/2.0/web_links/9?fields=id', '/web_links/:id'],
  ['/2.0/users?limit=1000', '/users'],
  ['/2.0/users/me', '/users/me'],
  ['/2.0/users/77', '/users/:id'],
  ['/oauth2/token', '/oauth2/token'],
  ['https://api.box.com/2.0/files/9/content', '/files/:id/content'],
  // What an id may hold never gets into it.
  [`/2.0/folders/${encodeURIComponent('a"\n}{/items')}/items`, '/folders/:id/items'],
  [`/2.0/files/${'9'.repeat(5_000)}`, '/files/:id'],
  ['/2.0/folders/1/2/3/4/5/6/7', 'other'],
  ['/admin/secret', 'other'],
  ['/', 'other'],
  ['http://', 'other'],
  ['https://dl.boxcloud.com/d/1/secret?token=x', 'download', 'download'],
];

suite('routeTemplate()', (test) => {
  for (const [url, template, route = 'items'] of cases) {
    test(`${JSON.stringify(url.slice(0, 60))} is ${template}`, () => {
      assert.is(routeTemplate({ url, route }), template);
    });
  }
});
