import { redact } from '../core/redact.js';

/** What a request is known by in a recording: its path below the base URL, with the query; another host's URL as it is. */
export function recordedPath(url: string, baseUrl: string): string {
  const base = baseUrl.replace(/\/+$/, '');
  return redact(url.startsWith(`${base}/`) ? url.slice(base.length) : url);
}
