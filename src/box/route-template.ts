import type { HttpRequest } from './http-client.js';

/** What stands in the paths of Box's API beside ids. */
const words = new Set(
  'oauth2 token authorize revoke folders files web_links items content trash users me memberships groups collaborations events representations versions search'.split(
    ' ',
  ),
);

/** Longer paths than this the API does not have. */
const mostSegments = 5;

/**
 * The path of a request with `:id` in place of each id, without `/2.0` and query: `/folders/:id/items`. It is made of
 * known words only, whatever the ids hold, so that there are few of them; a download is `download`, since its address
 * is Box's own affair, and what the API does not have is `other`.
 */
export function routeTemplate({ url, route }: Pick<HttpRequest, 'url' | 'route'>): string {
  if (route === 'download') return 'download';
  const base = 'http://box';
  if (!URL.canParse(url, base)) return 'other';
  const segments = new URL(url, base).pathname.split('/').filter((segment) => segment !== '' && segment !== '2.0');
  const [first] = segments;
  if (first === undefined || !words.has(first) || segments.length > mostSegments) return 'other';
  return `/${segments.map((segment) => (words.has(segment) ? segment : ':id')).join('/')}`;
}
