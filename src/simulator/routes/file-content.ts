import { boxError, noPermission, notFound, type Answer } from '../answer.js';
import type { Call } from '../call.js';
import { mayDownload } from '../scene.js';
import { isAnswer, type Desk, type Handler } from './handler.js';
import { visibleItem } from './visible-item.js';

/** `GET /2.0/files/{id}/content`: 302 to the download host, or 202 while the file is not ready. */
export function fileContent(): Handler {
  return (call, acting, { box, links }) => {
    const visible = visibleItem(box, acting, call, 'file', call.id);
    if (isAnswer(visible)) return visible;
    const { item, role } = visible;
    const forbidden = box.forbidden.get(item.id);
    if (forbidden !== undefined) return boxError(403, forbidden, 'Access denied');
    // To read everything is not enough for Box: content is given out with the scope to write only.
    if (!acting.scopes.has('root_readwrite') && !acting.scopes.has('item_download')) return noPermission;
    if (!mayDownload(role)) return noPermission;
    const waits = box.notReady.get(item.id) ?? 0;
    const { retryAfter, linkSeconds } = box.settings.content;
    if (waits > 0) {
      box.notReady.set(item.id, waits - 1);
      return { status: 202, headers: { 'Retry-After': retryAfter } };
    }
    const wanted = call.query.get('version');
    const version = wanted === null ? item.version : [...item.earlier, item.version].find(({ id }) => id === wanted);
    if (!version) return notFound('file_version', wanted ?? '');
    box.downloaded(item, acting.userId);
    return { status: 302, headers: { Location: call.origin + links.open(version, item.name, linkSeconds) } };
  };
}

/** The download host: asks for no token, and counts requests that bring one all the same. Knows `Range`. */
export function download(call: Call, { box, calls, links }: Desk): Answer {
  if (call.headers.authorization !== undefined || call.headers['as-user'] !== undefined) calls.countExposedDownload();
  const link = links.find(call.path);
  if (!link)
    return { status: 404, headers: { 'Content-Type': 'text/html' }, body: '<html><body>Not found</body></html>' };
  const bytes = box.contents.bytes(link.version.content);
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': `attachment;filename*=UTF-8''${encodeURIComponent(link.name)}`,
    'Accept-Ranges': 'bytes',
  };
  const range = /^bytes=(\d*)-(\d*)$/.exec(call.headers.range ?? '');
  if (!range) return { status: 200, headers, body: bytes };
  const [, from = '', to = ''] = range;
  const start = from === '' ? Math.max(0, bytes.length - Number(to)) : Number(from);
  const end = Math.min(from === '' || to === '' ? bytes.length - 1 : Number(to), bytes.length - 1);
  if (start > end) return { status: 416, headers: { 'Content-Range': `bytes */${bytes.length}` } };
  const partial = { ...headers, 'Content-Range': `bytes ${start}-${end}/${bytes.length}` };
  return { status: 206, headers: partial, body: bytes.subarray(start, end + 1) };
}
