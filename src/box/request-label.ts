import type { HttpRequest } from './http-client.js';

/**
 * A request in words for messages and logs: `GET "/2.0/folders/1/items" as user 42`. Without the query, and for a
 * download without the path, since whoever has a download URL may read the file.
 */
export function requestLabel({ method, url, route, asUser }: HttpRequest): string {
  const as = asUser === undefined ? '' : ` as user ${asUser}`;
  return `${method} "${route === 'download' ? `${originOf(url)}/...` : pathOf(url)}"${as}`;
}

function pathOf(url: string): string {
  if (!url.startsWith('/')) return URL.canParse(url) ? new URL(url).pathname : '...';
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}
