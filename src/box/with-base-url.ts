import type { HttpClient } from './http-client.js';

/**
 * Puts `baseUrl` in front of URLs that begin with `/`; absolute ones (the download host's) stay as they are. A base
 * URL may have a path of its own and a slash at its end.
 */
export function withBaseUrl(http: HttpClient, baseUrl: string): HttpClient {
  const base = baseUrl.replace(/\/+$/, '');
  return (request, signal) =>
    http(request.url.startsWith('/') ? { ...request, url: base + request.url } : request, signal);
}
