import { PermanentError, TransientError } from '../core/errors.js';
import { boxError } from './box-error.js';
import type { BoxItem } from './box-item.js';
import { type Failure, classify } from './classify.js';
import { parseErrorBody } from './error-body.js';
import type { HttpClient, HttpRequest, HttpResponse } from './http-client.js';
import { itemFields } from './item-fields.js';
import { type FolderPlace, parseFolderPlace } from './parse-folder-place.js';
import { type ParsedItem, parseItem } from './parse-item.js';
import { parsePage } from './parse-page.js';
import { type BoxUser, parseUser } from './parse-user.js';

/** One entry of a listing: an item, or a `problem` that names the field. */
export type ParsedEntry = ParsedItem;

export type { FolderPlace };

export interface ItemPage {
  readonly entries: readonly ParsedEntry[];
  readonly nextMarker: string | null;
  /** Length of the answer. */
  readonly bytes: number;
}

export interface UserPage {
  readonly users: readonly BoxUser[];
  /** One line for each entry that is no user. */
  readonly problems: readonly string[];
  readonly nextMarker: string | null;
}

/** `gone` is what Box itself said; no other answer proves it. */
export type ItemAnswer = ParsedItem | { readonly gone: 'not_found' | 'trashed' };

/** Content on its way. `bytes` is read to its end, or given up by leaving the loop or aborting the signal. */
export interface OpenContent {
  readonly status: 'open';
  readonly bytes: AsyncIterable<Uint8Array>;
  /** As announced; `null` if it was not. */
  readonly length: number | null;
}

/**
 * The calls to Box that the connector makes. Each rejects with `TransientError` (retries are used up),
 * `PermanentError` (this call is refused), `AuthError` (the sign-in or the app's rights are refused, so every call is)
 * or `AbortedError`.
 */
export interface BoxApi {
  /** One page of a folder, at most 1,000 entries. A `nextMarker` is to be followed even behind an empty page. */
  listFolder(
    folderId: string,
    options: {
      readonly marker: string | null;
      readonly asUser?: string | undefined;
      readonly limit?: number | undefined;
      /** Room for the answer; see `HttpRequest`. */
      readonly room?: HttpRequest['room'];
    },
    signal: AbortSignal,
  ): Promise<ItemPage>;
  /** One page of the enterprise's managed users. */
  listUsers(options: { readonly marker: string | null }, signal: AbortSignal): Promise<UserPage>;
  /** Whom the token belongs to. */
  me(signal: AbortSignal): Promise<BoxUser>;
  /** A user as Box has it now, or `gone` if Box says that there is none with this id. */
  getUser(id: string, signal: AbortSignal): Promise<BoxUser | 'gone'>;
  /** One item as Box has it now; for proofs that it is gone. */
  getItem(type: BoxItem['type'], id: string, asUser: string | undefined, signal: AbortSignal): Promise<ItemAnswer>;
  /** Where a folder hangs, as this user sees it; `gone` if Box says that there is none that he may see. */
  getFolder(id: string, asUser: string | undefined, signal: AbortSignal): Promise<FolderPlace | 'gone'>;
  /**
   * Begins the download of a file's content: waits until it is ready, follows the redirect without the token and
   * `as-user`, and asks for a new download URL when one has expired. The bytes may still end in a `TransientError`.
   */
  openContent(
    fileId: string,
    options: { readonly asUser?: string | undefined },
    signal: AbortSignal,
  ): Promise<OpenContent>;
}

/** How often a download URL that has expired already is replaced. */
const urlsTried = 3;

const userFields = 'id,name,login,status';
const pathOf = { file: 'files', folder: 'folders', web_link: 'web_links' } as const;

/** The calls over an HttpClient that signs and retries (`boxClient`). */
export function boxApi(http: HttpClient): BoxApi {
  return {
    async listFolder(folderId, { marker, asUser, limit = 1_000, room }, signal) {
      const query = { fields: itemFields.join(','), usemarker: 'true', limit: String(limit) };
      const url = address(`/2.0/folders/${encodeURIComponent(folderId)}/items`, query, marker);
      const request: HttpRequest = { method: 'GET', url, asUser, route: 'folders', room };
      const response = await http(request, signal);
      const page = parsePage(await jsonOf(response, request), `folder ${folderId}`);
      const bytes = (await response.text()).length;
      return { entries: page.entries.map(parseItem), nextMarker: page.nextMarker, bytes };
    },

    async listUsers({ marker }, signal) {
      const query = { fields: userFields, user_type: 'managed', usemarker: 'true', limit: '1000' };
      const url = address('/2.0/users', query, marker);
      const page = parsePage(await getJson(http, { method: 'GET', url, route: 'users' }, signal), 'the list of users');
      const parsed = page.entries.map(parseUser);
      return {
        users: parsed.flatMap((entry) => ('user' in entry ? [entry.user] : [])),
        problems: parsed.flatMap((entry) => ('problem' in entry ? [entry.problem] : [])),
        nextMarker: page.nextMarker,
      };
    },

    async me(signal) {
      const url = address('/2.0/users/me', { fields: userFields }, null);
      return userOf(await getJson(http, { method: 'GET', url, route: 'users' }, signal));
    },

    async getUser(id, signal) {
      const url = address(`/2.0/users/${encodeURIComponent(id)}`, { fields: userFields }, null);
      const request: HttpRequest = { method: 'GET', url, route: 'proofs' };
      const response = await http(request, signal);
      if ((await goneOf(response)) === 'not_found') return 'gone';
      return userOf(await jsonOf(response, request));
    },

    async getItem(type, id, asUser, signal) {
      const url = address(`/2.0/${pathOf[type]}/${encodeURIComponent(id)}`, { fields: itemFields.join(',') }, null);
      const request: HttpRequest = { method: 'GET', url, asUser, route: 'proofs' };
      const response = await http(request, signal);
      const gone = await goneOf(response);
      if (gone !== undefined) return { gone };
      const parsed = parseItem(await jsonOf(response, request));
      const isTrashed = 'item' in parsed && (parsed.item.item_status ?? 'active') !== 'active';
      return isTrashed ? { gone: 'trashed' } : parsed;
    },

    async getFolder(id, asUser, signal) {
      const query = { fields: 'id,name,owned_by,path_collection' };
      const url = address(`/2.0/folders/${encodeURIComponent(id)}`, query, null);
      const request: HttpRequest = { method: 'GET', url, asUser, route: 'items' };
      const response = await http(request, signal);
      if ((await goneOf(response)) !== undefined) return 'gone';
      return parseFolderPlace(await jsonOf(response, request));
    },

    async openContent(fileId, { asUser }, signal) {
      const content: HttpRequest = {
        method: 'GET',
        url: `/2.0/files/${encodeURIComponent(fileId)}/content`,
        headers: { 'box-notifications': 'off' },
        asUser,
        route: 'content',
      };
      for (let tried = 1; ; tried += 1) {
        const first = await http(tried === 1 ? content : { ...content, repeat: 'url-expired' }, signal);
        if (first.status === 200) return opened(first);
        const { location } = first.headers;
        if (first.status < 300 || first.status >= 400 || location === undefined) {
          throw await errorOf(first, content);
        }
        // A redirect to a path means Box's own host, as any other path.
        const download: HttpRequest = { method: 'GET', url: location, route: 'download' };
        const second = await http(download, signal);
        if (second.status === 200) return opened(second);
        const error = await errorOf(second, download);
        // An expired URL is the one failure of a download that a new URL can mend.
        if (!(error instanceof TransientError) || tried >= urlsTried) throw error;
      }
    },
  };
}

function address(path: string, query: Readonly<Record<string, string>>, marker: string | null): string {
  const params = new URLSearchParams(query);
  if (marker !== null) params.set('marker', marker);
  return `${path}?${params.toString()}`;
}

async function getJson(http: HttpClient, request: HttpRequest, signal: AbortSignal): Promise<unknown> {
  return jsonOf(await http(request, signal), request);
}

/** An empty or an HTML 404 comes from something else than Box and proves nothing. */
async function goneOf(response: HttpResponse): Promise<'not_found' | 'trashed' | undefined> {
  if (response.status !== 404) return undefined;
  const { code } = parseErrorBody(await response.text());
  return code === 'not_found' || code === 'trashed' ? code : undefined;
}

function userOf(body: unknown): BoxUser {
  const parsed = parseUser(body);
  if ('user' in parsed) return parsed.user;
  throw new PermanentError(`Cannot read what Box says of a user: ${parsed.problem}`);
}

async function jsonOf(response: HttpResponse, request: HttpRequest): Promise<unknown> {
  if (response.status === 200) return response.json();
  throw await errorOf(response, request);
}

async function errorOf(response: HttpResponse, request: HttpRequest): Promise<Error> {
  const { status, headers } = response;
  const body = await response.text();
  // Retries are behind us, so the time for a Retry-After date does not matter.
  const verdict = classify({ status, headers, body, route: request.route }, 0);
  return boxError(verdict.kind === 'ok' ? unexpected : verdict, { status, headers, body }, request);
}

/** A success that is none for the call, such as 204 or 206. */
const unexpected: Failure = { kind: 'permanent', code: 'unexpected_status', message: undefined };

function opened(response: HttpResponse): OpenContent {
  const { headers } = response;
  const length = headers['content-encoding'] === undefined ? Number(headers['content-length'] ?? NaN) : NaN;
  return { status: 'open', bytes: response.bytes(), length: Number.isInteger(length) ? length : null };
}
