import { createHash } from 'node:crypto';
import type { FolderPlace } from '../../src/box/parse-folder-place.js';
import type { BoxApi, ItemAnswer, ItemPage, OpenContent, ParsedEntry, UserPage } from '../../src/box/box-api.js';
import type { BoxItem } from '../../src/box/box-item.js';
import type { BoxUser } from '../../src/box/parse-user.js';
import { AbortedError, PermanentError } from '../../src/core/errors.js';
import { boxFile } from './found.js';

export interface FakeCall {
  readonly kind: 'folder' | 'users' | 'user' | 'item' | 'content';
  /** Folder, user, `<type> <id>` or file; empty for the list of users. */
  readonly id: string;
  readonly asUser: string | undefined;
  readonly marker: string | null;
  readonly limit: number;
  readonly signal: AbortSignal;
}

export type CallMatch = (call: FakeCall) => boolean;

interface Fault {
  readonly match: CallMatch;
  readonly what: Error | 'empty page' | 'repeat page';
  left: number;
}

interface FakeItem {
  readonly type: BoxItem['type'];
  readonly id: string;
  /** Order in listings: a marker names the last one that was listed, so it survives what comes and goes. */
  readonly order: number;
  name: string;
  owner: string;
  /** `0`: the owner's root. */
  parent: string;
  version: number;
  content: string;
  /** Users in whose root it appears as well. */
  sharedWith: string[];
  state: 'there' | 'trashed' | 'not_found';
  /** Listed as an entry that cannot be parsed. */
  problem: string | undefined;
}

export interface FakeItemOptions {
  readonly id?: string;
  readonly owner?: string;
  readonly name?: string;
  readonly content?: string;
  readonly sharedWith?: readonly string[];
}

/** The token's own user. */
export const ownUser = 'service';

/**
 * A Box in memory: users, folders, files, web links, shares; pages with markers, faults, a log of all calls, and hooks
 * that change it between calls. Nothing here takes longer than some turns of the event loop.
 */
export class FakeBox implements BoxApi {
  readonly calls: FakeCall[] = [];
  /** Entries of one page at most, whatever is asked for. */
  pageSize = 1_000;
  usersPageSize = 1_000;
  /** Problems that the first page of users has. */
  userProblems: string[] = [];
  /** Turns of the event loop that a call takes. */
  latency: (call: FakeCall) => number = () => 0;
  /** Called when a call arrives. */
  before: (call: FakeCall) => void = () => {};
  /** Called when a call has its answer, which is then on its way. */
  after: (call: FakeCall) => void = () => {};
  /** Calls that are under way. */
  underWay = 0;
  readonly #users = new Map<string, BoxUser>();
  readonly #items = new Map<string, FakeItem>();
  readonly #faults: Fault[] = [];
  #next = 1;

  user(id: string, status = 'active'): string {
    this.#users.set(id, { id, name: `User ${id}`, login: `${id}@example.com`, status });
    return id;
  }

  userLeaves(id: string): void {
    this.#users.delete(id);
  }

  folder(parent: string, options: FakeItemOptions = {}): string {
    return this.#add('folder', parent, options);
  }

  file(parent: string, options: FakeItemOptions = {}): string {
    return this.#add('file', parent, options);
  }

  link(parent: string, options: FakeItemOptions = {}): string {
    return this.#add('web_link', parent, options);
  }

  /** `count` files in a folder. */
  files(parent: string, count: number, options: FakeItemOptions = {}): string[] {
    return Array.from({ length: count }, () => this.file(parent, options));
  }

  rename(type: BoxItem['type'], id: string, name: string): void {
    this.#get(type, id).name = name;
  }

  newVersion(id: string, content: string): void {
    const file = this.#get('file', id);
    file.version += 1;
    file.content = content;
  }

  move(type: BoxItem['type'], id: string, parent: string, owner?: string): void {
    const item = this.#get(type, id);
    item.parent = parent;
    this.#belongs(item, owner ?? (parent === '0' ? item.owner : this.#get('folder', parent).owner));
  }

  /** To the trash, or gone for good; what is below goes with it. */
  remove(type: BoxItem['type'], id: string, state: 'trashed' | 'not_found' = 'trashed'): void {
    this.#get(type, id).state = state;
    if (type !== 'folder') return;
    for (const item of this.#there().filter(({ parent }) => parent === id)) this.remove(item.type, item.id, state);
  }

  /** Its entry in listings cannot be parsed any more; `undefined`: it can again. */
  breaks(type: BoxItem['type'], id: string, problem: string | undefined): void {
    this.#get(type, id).problem = problem;
  }

  /** The next `times` calls that match fail, or are answered with an empty page or the page before once more. */
  fail(match: CallMatch, what: Fault['what'], times = Infinity): void {
    this.#faults.push({ match, what, left: times });
  }

  mend(): void {
    this.#faults.length = 0;
  }

  callsOf(kind: FakeCall['kind'], id?: string): FakeCall[] {
    return this.calls.filter((call) => call.kind === kind && (id === undefined || call.id === id));
  }

  /** `<type> <id>` of everything that is there. */
  keys(): string[] {
    return this.#there().map(({ type, id }) => `${type} ${id}`);
  }

  /** `<type> <id>` of everything there, with its path below its owner's root. */
  paths(): Map<string, string> {
    return new Map(this.#there().map((item) => [`${item.type} ${item.id}`, this.#pathOf(item)]));
  }

  /** How many entries each root (the token's own, and those of `users`) and each folder have: what a walk must list. */
  foldersWithSizes(users: readonly string[] = []): number[] {
    const there = this.#there();
    const roots = [ownUser, ...users].map((user) => this.#entries('0', user).length);
    const folders = there.filter(({ type }) => type === 'folder').map(({ id }) => this.#entries(id, '').length);
    return [...roots, ...folders];
  }

  contentOf(id: string): string {
    return this.#get('file', id).content;
  }

  listFolder: BoxApi['listFolder'] = (id, { marker, asUser, limit = 1_000 }, signal) =>
    this.#call({ kind: 'folder', id, asUser, marker, limit, signal }, (fault) => {
      const viewer = asUser ?? ownUser;
      if (asUser !== undefined && !this.#users.has(asUser)) throw refused(`user ${asUser} is unknown`, 401);
      if (id !== '0' && !this.#sees(viewer, this.#items.get(`folder ${id}`))) throw refused(`folder ${id}`, 404);
      const size = Math.min(this.pageSize, limit);
      const after = marker === null ? 0 : Number(marker.slice(1));
      const entries = this.#entries(id, viewer);
      if (fault === 'empty page') return { entries: [], nextMarker: `m${after}`, bytes: 40 };
      const rest = entries.filter(({ order }) => order > after);
      const before = entries.filter(({ order }) => order <= after).slice(-size);
      const listed = rest.slice(0, size);
      if (fault === 'repeat page') return page(before, `m${after}`, (item) => this.#entryOf(item, viewer));
      const next = rest.length > size ? `m${listed.at(-1)?.order ?? 0}` : null;
      return page(listed, next, (item) => this.#entryOf(item, viewer));
    });

  listUsers: BoxApi['listUsers'] = ({ marker }, signal) =>
    this.#call(
      { kind: 'users', id: '', asUser: undefined, marker, limit: this.usersPageSize, signal },
      (): UserPage => {
        const from = marker === null ? 0 : Number(marker);
        const all = [...this.#users.values()];
        const to = from + this.usersPageSize;
        return {
          users: all.slice(from, to),
          problems: marker === null ? this.userProblems : [],
          nextMarker: to < all.length ? String(to) : null,
        };
      },
    );

  getFolder: BoxApi['getFolder'] = (id, asUser, signal) =>
    this.#call({ kind: 'item', id, asUser, marker: null, limit: 1, signal }, (): FolderPlace | 'gone' => {
      const item = this.#items.get(`folder ${id}`);
      if (item === undefined || !this.#sees(asUser ?? ownUser, item)) return 'gone';
      const ancestors: string[] = [];
      for (let above = item.parent; ; above = this.#get('folder', above).parent) {
        ancestors.unshift(above);
        if (above === '0') break;
      }
      return { id, path: this.#pathOf(item), ancestors, owner: item.owner };
    });

  getUser: BoxApi['getUser'] = (id, signal) =>
    this.#call({ kind: 'user', id, asUser: undefined, marker: null, limit: 1, signal }, () => {
      return this.#users.get(id) ?? 'gone';
    });

  me: BoxApi['me'] = (signal) =>
    this.#call({ kind: 'user', id: 'me', asUser: undefined, marker: null, limit: 1, signal }, () => {
      return { id: ownUser, name: 'Service', login: 'service@example.com', status: 'active' };
    });

  getItem: BoxApi['getItem'] = (type, id, asUser, signal) =>
    this.#call({ kind: 'item', id: `${type} ${id}`, asUser, marker: null, limit: 1, signal }, (): ItemAnswer => {
      const viewer = asUser ?? ownUser;
      const item = this.#items.get(`${type} ${id}`);
      if (asUser !== undefined && !this.#users.has(asUser)) throw refused(`user ${asUser} is unknown`, 401);
      if (item?.state === 'trashed' && item.owner === viewer) return { gone: 'trashed' };
      if (!this.#sees(viewer, item)) return { gone: 'not_found' };
      return this.#entryOf(item, viewer);
    });

  openContent: BoxApi['openContent'] = (id, { asUser }, signal) =>
    this.#call({ kind: 'content', id, asUser, marker: null, limit: 1, signal }, (): OpenContent => {
      const file = this.#items.get(`file ${id}`);
      if (!this.#sees(asUser ?? ownUser, file)) throw refused(`content of ${id}`, 404);
      const bytes = Buffer.from(file.content);
      return { status: 'open', bytes: chunks(bytes), length: bytes.length };
    });

  #add(type: BoxItem['type'], parent: string, options: FakeItemOptions): string {
    const order = this.#next;
    this.#next += 1;
    const { id = String(1_000 + order), sharedWith = [] } = options;
    const owner = options.owner ?? (parent === '0' ? ownUser : this.#get('folder', parent).owner);
    this.#items.set(`${type} ${id}`, {
      type,
      id,
      order,
      name: options.name ?? `${type}-${id}${type === 'file' ? '.txt' : ''}`,
      owner,
      parent,
      version: 1,
      content: options.content ?? `content of ${id}`,
      sharedWith: [...sharedWith],
      state: 'there',
      problem: undefined,
    });
    return id;
  }

  #get(type: BoxItem['type'], id: string): FakeItem {
    const item = this.#items.get(`${type} ${id}`);
    if (item === undefined) throw new Error(`The fake Box has no ${type} ${id}`);
    return item;
  }

  /** What is in a folder belongs to the owner of the folder. */
  #belongs(item: FakeItem, owner: string): void {
    item.owner = owner;
    if (item.type !== 'folder') return;
    for (const inside of this.#items.values()) if (inside.parent === item.id) this.#belongs(inside, owner);
  }

  #there(): FakeItem[] {
    return [...this.#items.values()].filter(({ state }) => state === 'there');
  }

  #entries(folder: string, viewer: string): FakeItem[] {
    const inRoot = ({ parent, owner, sharedWith }: FakeItem) =>
      owner === viewer ? parent === '0' : sharedWith.includes(viewer);
    return this.#there().filter((item) => (folder === '0' ? inRoot(item) : item.parent === folder));
  }

  #sees(viewer: string, item: FakeItem | undefined): item is FakeItem {
    if (item?.state !== 'there') return false;
    if (item.owner === viewer || item.sharedWith.includes(viewer)) return true;
    return item.parent !== '0' && this.#sees(viewer, this.#items.get(`folder ${item.parent}`));
  }

  #pathOf(item: FakeItem): string {
    return `${item.parent === '0' ? '' : this.#pathOf(this.#get('folder', item.parent))}/${item.name}`;
  }

  #entryOf(item: FakeItem, viewer: string): ParsedEntry {
    const { type, id, name, owner, version, content, problem } = item;
    if (problem !== undefined) return { problem, type, id };
    const sha1 = createHash('sha1').update(content).digest('hex');
    const inRoot = item.parent === '0' || (item.sharedWith.includes(viewer) && item.owner !== viewer);
    const base = boxFile({
      id,
      name,
      size: Buffer.byteLength(content),
      extension: name.slice(name.lastIndexOf('.') + 1),
      sha1,
      file_version: { type: 'file_version', id: `${id}.${version}`, sha1 },
      owned_by: { type: 'user', id: owner, name: `User ${owner}`, login: `${owner}@example.com` },
      parent: { type: 'folder', id: inRoot ? '0' : item.parent, sequence_id: null, etag: null, name: null },
    });
    if (type === 'file') return { item: base };
    return { item: type === 'folder' ? { ...base, type, size: 0 } : { ...base, type, url: 'https://example.com/' } };
  }

  async #call<A>(call: FakeCall, answer: (fault: Fault['what'] | undefined) => A): Promise<A> {
    this.calls.push(call);
    this.underWay += 1;
    try {
      this.before(call);
      for (let turn = this.latency(call); turn > 0 && !call.signal.aborted; turn -= 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (call.signal.aborted) throw new AbortedError();
      const fault = this.#faults.find(({ left, match }) => left > 0 && match(call));
      if (fault !== undefined) fault.left -= 1;
      if (fault?.what instanceof Error) throw fault.what;
      const answered = answer(fault?.what);
      this.after(call);
      return await Promise.resolve(answered);
    } finally {
      this.underWay -= 1;
    }
  }
}

function page(
  items: readonly FakeItem[],
  nextMarker: string | null,
  entryOf: (item: FakeItem) => ParsedEntry,
): ItemPage {
  const entries = items.map(entryOf);
  return { entries, nextMarker, bytes: JSON.stringify(entries).length };
}

function refused(what: string, status: number): PermanentError {
  return new PermanentError(`Cannot read ${what}: Box answered ${status}`, { status });
}

async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += 8) {
    await Promise.resolve();
    yield bytes.subarray(start, start + 8);
  }
}
