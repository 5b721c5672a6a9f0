import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.js';
import { crawlFields } from '../../src/simulator/truth.js';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, parsed; an empty object if it is no JSON object. */
  readonly json: Body;
}

/**
 * Every member of an answer that some test looks at, as if all were always there: where one is missing, the comparison
 * fails.
 */
export interface Body {
  // Items and people
  readonly type: string;
  readonly id: string;
  readonly name: string;
  readonly parent: Body;
  readonly size: number | null;
  readonly sha1: string;
  readonly extension: string | null;
  readonly item_status: string;
  readonly item: Body;
  readonly owned_by: Body;
  readonly path_collection: Body;
  readonly permissions: { readonly can_download: boolean; readonly can_upload: boolean };
  readonly accessible_by: Body;
  readonly invite_email: string;
  readonly role: string;
  readonly status: string;
  readonly enterprise: Body;
  // Lists
  readonly entries: Bodies;
  readonly total_count: number;
  readonly offset: number;
  readonly limit: number;
  readonly order: unknown;
  readonly next_marker: string | null | undefined;
  // Events
  readonly chunk_size: number;
  readonly next_stream_position: number | string;
  readonly event_id: string;
  readonly event_type: string;
  readonly source: Body;
  readonly synced: boolean;
  readonly trashed_at: string;
  readonly purged_at: string;
  readonly item_id: string;
  readonly item_name: string;
  readonly folder_id: string;
  readonly additional_details: Body;
  readonly url: string;
  readonly max_retries: string;
  // Errors
  readonly code: string;
  readonly message: string;
  readonly context_info: {
    readonly errors: readonly [{ readonly reason: string; readonly name: string; readonly message: string }];
  };
  // Tokens
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly token_type: string;
  readonly restricted_to: readonly unknown[];
  readonly error: string;
  readonly error_description: string;
  // Admin API
  readonly total: number;
  readonly byRoute: unknown;
  readonly byRouteAndStatus: unknown;
  readonly paging: { readonly shortPages: number; readonly lastMarker: string };
  readonly text: string;
  readonly entry: Body;
  readonly path: string;
}

type Bodies = readonly [Body, Body, Body, Body, ...Body[]];

export interface Client {
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  send(method: string, path: string, headers?: Record<string, string>): Promise<Reply>;
  /** Every entry of a list with markers. */
  all(path: string, headers?: Record<string, string>): Promise<Body[]>;
}

/** Runs a test on a simulator of its own, and closes it. */
export async function withSimulator(
  options: SimulatorOptions,
  run: (simulator: Simulator) => Promise<void> | void,
): Promise<void> {
  const simulator = await startSimulator(options);
  try {
    await run(simulator);
  } finally {
    await simulator.close();
  }
}

/** A client of the API for a user, by default the service account. Follows no redirects. */
export function clientOf(simulator: Simulator, userId = simulator.box.serviceAccountId): Client {
  const token = simulator.tokens.issueAccessToken(userId);
  const send = (method: string, path: string, headers = {}): Promise<Reply> =>
    request(simulator, path, { method, headers: { authorization: `Bearer ${token}`, ...headers } });
  const get = (path: string, headers = {}): Promise<Reply> => send('GET', path, headers);
  return {
    get,
    send,
    async all(path, headers) {
      const entries: Body[] = [];
      let marker = '';
      do {
        const mark = marker === '' ? '' : `&marker=${encodeURIComponent(marker)}`;
        const { json, status } = await get(`${path}${path.includes('?') ? '&' : '?'}usemarker=true${mark}`, headers);
        if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(json)}`);
        entries.push(...json.entries);
        marker = json.next_marker ?? '';
      } while (marker !== '');
      return entries;
    },
  };
}

/** One request without a token. Relative to the simulator unless absolute. */
export async function request(simulator: Simulator, url: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(new URL(url, simulator.url), { redirect: 'manual', ...init });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parse(text) };
}

/** One exchange at the token endpoint. */
export function tokenRequest(simulator: Simulator, form: Record<string, string>): Promise<Reply> {
  const { clientId, clientSecret } = simulator.credentials;
  const body = new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...form });
  return request(simulator, '/oauth2/token', { method: 'POST', body });
}

export interface Crawled {
  readonly path: string;
  readonly ancestors: readonly string[];
  readonly seenAs: string;
  readonly entry: Body;
}

const listing = `limit=1000&fields=${crawlFields.join(',')}`;

/** What a plain and complete crawl of an enterprise finds, by `<type>/<id>`; each folder is listed once. */
export async function crawl(simulator: Simulator): Promise<Map<string, Crawled>> {
  const client = clientOf(simulator);
  const found = new Map<string, Crawled>();
  const users = (await client.all('/2.0/users?limit=1000')).filter(({ status }) => status !== 'inactive');
  const accounts: string[] = [...users.map(({ id }) => id), simulator.box.serviceAccountId];
  // Nobody may call as the service account; it is the token's own user.
  const as = (user: string) => (user === simulator.box.serviceAccountId ? {} : { 'as-user': user });
  const later: { entry: Body; seenAs: string }[] = [];

  async function walk(folder: string, path: string, ancestors: readonly string[], seenAs: string): Promise<void> {
    const isRoot = folder === '0';
    for (const entry of await client.all(`/2.0/folders/${folder}/items?${listing}`, as(seenAs))) {
      if (isRoot && entry.owned_by.id !== seenAs) {
        if (!accounts.includes(entry.owned_by.id)) later.push({ entry, seenAs });
        continue;
      }
      await take(entry, path, ancestors, seenAs);
    }
  }

  async function take(entry: Body, path: string, ancestors: readonly string[], seenAs: string): Promise<void> {
    const key = `${entry.type}/${entry.id}`;
    if (found.has(key)) return;
    found.set(key, { path: `${path}/${entry.name}`, ancestors, seenAs, entry });
    // As text: one of the edge cases has a number.
    const id = key.slice(key.indexOf('/') + 1);
    if (entry.type === 'folder') await walk(id, `${path}/${entry.name}`, [...ancestors, id], seenAs);
  }

  for (const account of accounts) await walk('0', '', ['0'], account);
  for (const { entry, seenAs } of later) await take(entry, '', ['0'], seenAs);
  return found;
}

function parse(text: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return {} as Body;
  }
}
