import { PermanentError, TransientError } from '../core/errors.js';
import type { BoxItem } from './box-item.js';
import { downloadAddress } from './download-address.js';
import { parseErrorBody } from './error-body.js';
import type { HttpClient, HttpRequest, HttpResponse, RepeatReason } from './http-client.js';
import { idText } from './id-text.js';
import { itemFields } from './item-fields.js';
import { PageLimits } from './page-limits.js';
import { type FolderPlace, parseFolderPlace } from './parse-folder-place.js';
import { type ParsedItem, parseItem } from './parse-item.js';
import { type Page, parsePage } from './parse-page.js';
import { type BoxUser, parseUser } from './parse-user.js';
import { Refusals } from './refusals.js';
import { requestLabel } from './request-label.js';

/** One entry of a listing: an item, or a `problem` that names the field. */
export type ParsedEntry = ParsedItem;

export type { FolderPlace };

export interface ItemPage {
  /** At most as many as were asked for, and nothing that is in the trash. */
  readonly entries: readonly ParsedEntry[];
  readonly nextMarker: string | null;
  /** Length of the answer. */
  readonly bytes: number;
  /** Box has sent more than was asked for: what is beyond is not in `entries`, and the folder cannot be read to its end. */
  readonly excess?: PermanentError;
}

export interface UserPage {
  readonly users: readonly BoxUser[];
  /** One line for each entry that is no user, and for what cannot be read of the page. */
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
 * `PermanentError` (this call is refused), `AuthError` (the sign-in or the app's rights are refused, so every call is:
 * see `Refusals`) or `AbortedError`.
 */
export interface BoxApi {
  /**
   * One page of a folder, at most 1,000 entries; fewer where so many make too large an answer. A `nextMarker` is to be
   * followed even behind an empty page.
   */
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
    options: {
      readonly asUser?: string | undefined;
      /** Why the download is begun once more. */
      readonly repeat?: RepeatReason | undefined;
    },
    signal: AbortSignal,
  ): Promise<OpenContent>;
}

/** How often a download URL that has expired already is replaced. */
const urlsTried = 3;

const userFields = 'id,name,login,status';
const pathOf = { file: 'files', folder: 'folders', web_link: 'web_links' } as const;

/** What Box says of an item that was deleted; it may still be asked for by its id. */
const inTrash = new Set(['trashed', 'deleted']);

/** The calls over an HttpClient that signs and retries (`boxClient`). Holds small notes on up to 1,000 lists. */
export function boxApi(http: HttpClient): BoxApi {
  const refusals = new Refusals(http);
  const limits = new PageLimits();

  /** The JSON of a good answer, read by `read`; what that throws is thrown inside the retries as well. */
  const ask = async <T>(request: HttpRequest, read: (body: unknown) => T, signal: AbortSignal): Promise<T> =>
    answered(await http({ ...request, check: read }, signal), request, read, signal);
  const answered = async <T>(
    response: HttpResponse,
    request: HttpRequest,
    read: (body: unknown) => T,
    signal: AbortSignal,
  ): Promise<T> => {
    if (response.status !== 200) throw await refusals.errorOf(response, request, signal);
    const value = read(await response.json());
    refusals.worked(request);
    return value;
  };
  const opened = (response: HttpResponse, request: HttpRequest): OpenContent => {
    refusals.worked(request);
    const { headers } = response;
    const length = headers['content-encoding'] === undefined ? Number(headers['content-length'] ?? NaN) : NaN;
    return { status: 'open', bytes: response.bytes(), length: Number.isInteger(length) ? length : null };
  };

  return {
    listFolder(folderId, { marker, asUser, limit: most = 1_000, room }, signal) {
      return limits.read(JSON.stringify([folderId, asUser]), most, async (limit) => {
        const query = { fields: itemFields.join(','), usemarker: 'true', limit: String(limit) };
        const url = address(`/2.0/folders/${segment(folderId)}/items`, query, marker);
        const what = `folder ${folderId}`;
        const read = (body: unknown) => parsePage(body, what);
        const request: HttpRequest = { method: 'GET', url, asUser, route: 'folders', room, check: read };
        const response = await http(request, signal);
        const page = await answered(response, request, read, signal);
        const entries = page.entries.slice(0, limit).map(parseItem);
        const excess = excessOf(page, limit, what);
        return {
          entries: entries.filter((entry) => !('item' in entry) || !isInTrash(entry.item)),
          nextMarker: page.nextMarker,
          bytes: (await response.text()).length,
          ...(excess !== undefined && { excess }),
        };
      });
    },

    listUsers({ marker }, signal) {
      return limits.read('users', 1_000, async (limit) => {
        const query = { fields: userFields, user_type: 'managed', usemarker: 'true', limit: String(limit) };
        const url = address('/2.0/users', query, marker);
        const what = 'the list of users';
        const page = await ask({ method: 'GET', url, route: 'users' }, (body) => parsePage(body, what), signal);
        const parsed = page.entries.slice(0, limit).map(parseUser);
        const excess = excessOf(page, limit, what);
        return {
          users: parsed.flatMap((entry) => ('user' in entry ? [entry.user] : [])),
          problems: [
            ...parsed.flatMap((entry) => ('problem' in entry ? [entry.problem] : [])),
            ...(excess === undefined ? [] : [excess.message]),
          ],
          nextMarker: page.nextMarker,
        };
      });
    },

    me(signal) {
      const url = address('/2.0/users/me', { fields: userFields }, null);
      return ask({ method: 'GET', url, route: 'users' }, userOf, signal);
    },

    async getUser(id, signal) {
      const url = address(`/2.0/users/${segment(id)}`, { fields: userFields }, null);
      const read = (body: unknown) => expectId(userOf(body), id, `user ${id}`);
      const request: HttpRequest = { method: 'GET', url, route: 'proofs', check: read };
      const response = await http(request, signal);
      if ((await goneOf(response)) === 'not_found') return 'gone';
      return answered(response, request, read, signal);
    },

    async getItem(type, id, asUser, signal) {
      const url = address(`/2.0/${pathOf[type]}/${segment(id)}`, { fields: itemFields.join(',') }, null);
      const read = (body: unknown) => itemOf(body, type, id);
      const request: HttpRequest = { method: 'GET', url, asUser, route: 'proofs', check: read };
      const response = await http(request, signal);
      const gone = await goneOf(response);
      if (gone !== undefined) return { gone };
      const parsed = await answered(response, request, read, signal);
      return isInTrash(parsed.item) ? { gone: 'trashed' } : parsed;
    },

    async getFolder(id, asUser, signal) {
      const query = { fields: 'id,name,owned_by,path_collection' };
      const url = address(`/2.0/folders/${segment(id)}`, query, null);
      const read = (body: unknown) => expectId(parseFolderPlace(body), id, `folder ${id}`);
      const request: HttpRequest = { method: 'GET', url, asUser, route: 'items', check: read };
      const response = await http(request, signal);
      if ((await goneOf(response)) !== undefined) return 'gone';
      return answered(response, request, read, signal);
    },

    async openContent(fileId, { asUser, repeat }, signal) {
      const content: HttpRequest = {
        method: 'GET',
        url: `/2.0/files/${segment(fileId)}/content`,
        headers: { 'box-notifications': 'off' },
        asUser,
        route: 'content',
      };
      for (let tried = 1; ; tried += 1) {
        const again = tried === 1 ? repeat : 'url-expired';
        const first = await http(again === undefined ? content : { ...content, repeat: again }, signal);
        if (first.status === 200) return opened(first, content);
        const { location } = first.headers;
        if (first.status < 300 || first.status >= 400 || location === undefined) {
          throw await refusals.errorOf(first, content, signal);
        }
        const url = downloadAddress(location);
        if (url === undefined) {
          throw new TransientError(
            `Cannot ${requestLabel(content)}: Box answered ${first.status} with a redirect that leads nowhere, expected an http or https address`,
            { status: first.status },
          );
        }
        const download: HttpRequest = {
          method: 'GET',
          url,
          route: 'download',
          ...(tried === 1 && again && { repeat: again }),
        };
        const second = await http(download, signal);
        if (second.status === 200) return opened(second, content);
        const error = await refusals.errorOf(second, download, signal);
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

/** An id in a path. What would be another path, or none, was no id of Box: it may come from a configuration or a state. */
function segment(id: string): string {
  if (idText(id) !== undefined) return encodeURIComponent(id);
  throw new PermanentError(
    `Cannot ask Box for ${JSON.stringify(id.slice(0, 60))}: this is no id, expected digits or text`,
  );
}

function isInTrash({ item_status: status }: BoxItem): boolean {
  return status !== null && inTrash.has(status);
}

function excessOf({ entries }: Page, limit: number, what: string): PermanentError | undefined {
  if (entries.length <= limit) return undefined;
  return new PermanentError(
    `Cannot read ${what} to its end: the answer has ${entries.length} entries, expected the ${limit} that were asked for; look at what stands between this connector and Box`,
  );
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
  throw new TransientError(`Cannot read what Box says of a user: ${parsed.problem}`);
}

function itemOf(body: unknown, type: BoxItem['type'], id: string): Extract<ParsedItem, { item: BoxItem }> {
  const parsed = parseItem(body);
  const what = `${type} ${id}`;
  if (!('item' in parsed)) throw new TransientError(`Cannot read what Box says of ${what}: ${parsed.problem}`);
  if (parsed.item.type !== type) throw notAbout(what, `${parsed.item.type} ${parsed.item.id}`);
  return { ...parsed, item: expectId(parsed.item, id, what) };
}

/** An answer about something else proves nothing, of either. */
function expectId<T extends { readonly id: string }>(value: T, id: string, what: string): T {
  if (value.id === id) return value;
  throw notAbout(what, `id ${value.id}`);
}

function notAbout(what: string, found: string): TransientError {
  return new TransientError(`Cannot read what Box says of ${what}: the answer is about ${found}`);
}
