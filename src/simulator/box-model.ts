import { Access } from './access.js';
import { ChangeRecorder } from './change-recorder.js';
import { Collaborations, type Collaboration, type Role } from './collaborations.js';
import type { ComputedTree } from './computed-tree.js';
import type { Content, Contents } from './content.js';
import { enterpriseDate } from './enterprise-date.js';
import { EventLog } from './event-log.js';
import {
  rootKey,
  rootOwner,
  type Classification,
  type FileVersion,
  type Item,
  type ItemType,
  type SharedLink,
} from './item.js';
import { ItemStore, type Segment } from './item-store.js';
import { leastListingCalls } from './least-listing-calls.js';
import type { People } from './people.js';
import { type Group, type Membership, type User } from './people.js';
import type { Scene } from './render-item.js';
import { sceneFor } from './scene.js';
import type { Settings } from './settings.js';
import { truth, type TruthItem } from './truth.js';

/** What all new items may be given. Dates are RFC 3339; without them it is now. */
export interface NewItem {
  readonly name: string;
  /** Id of the folder. Default: the root of `owner`. */
  readonly folder?: string;
  /** Id of the user into whose root it goes. Default: the first user. */
  readonly owner?: string;
  /** Must not be in use. Default: a new one. */
  readonly id?: string;
  readonly description?: string | null;
  readonly createdAt?: string | null;
  readonly modifiedAt?: string | null;
  /** Id of the user who makes it. Default: the owner. */
  readonly by?: string;
  readonly tags?: readonly string[];
  readonly classification?: Classification;
  /** JSON texts that are sent instead of what is true, by field; `undefined` leaves the field out. */
  readonly odd?: Readonly<Record<string, string | undefined>>;
}

/** The text, the bytes, or a number of bytes of filler. */
export type NewContent = string | Buffer | number;

export interface NewCollaboration {
  readonly userId?: string;
  readonly groupId?: string;
  /** Somebody without an account: stays pending. */
  readonly inviteEmail?: string;
  readonly role?: Role;
  readonly status?: Collaboration['status'];
  /** Milliseconds since 1970. */
  readonly expiresAt?: number | null;
  readonly isAccessOnly?: boolean;
  readonly by?: string;
}

/** Names an item; so does an `Item`. */
export interface ItemRef {
  readonly type: ItemType;
  readonly id: string;
}

interface Deps {
  readonly people: People;
  readonly tree: ComputedTree;
  readonly contents: Contents;
  readonly settings: Settings;
  readonly now: () => number;
  readonly serviceAccountId: string;
  readonly enterpriseId: string | null;
}

const types: readonly ItemType[] = ['folder', 'file', 'web_link'];
const noVersion: FileVersion = { id: '', content: { kind: 'filler', bytes: 0, salt: 0 } };

/**
 * The simulated Box: accounts, items, collaborations and events. Every change is seen by the next request and, unless
 * it is made `quietly`, written to the event streams. Errors: `TypeError` for what does not exist.
 */
export class BoxModel {
  readonly settings: Settings;
  readonly people: People;
  readonly items: ItemStore;
  readonly collaborations = new Collaborations();
  readonly access: Access;
  readonly contents: Contents;
  readonly events: EventLog;
  readonly tree: ComputedTree;
  readonly serviceAccountId: string;
  readonly enterpriseId: string | null;
  /** How often the content of a file answers 202 yet, by file id. */
  readonly notReady = new Map<string, number>();
  /** Files whose extracted text ends in an error or is in some other state, by file id. */
  readonly representationStates = new Map<string, 'none' | 'pending' | 'success' | 'error'>();
  /** Requests until extracted text that is `pending` is there, by file id. */
  readonly pendingPolls = new Map<string, number>();
  /** Files that nobody may download, with the error code that Box gives, by file id. */
  readonly forbidden = new Map<string, 'forbidden_by_policy' | 'access_denied_item_locked'>();
  readonly #recorder: ChangeRecorder;
  readonly #now: () => number;
  readonly #trash = new Map<string, ItemRef[]>();
  readonly #links = new Map<string, ItemRef>();
  #skippedMs = 0;
  #lastNumber = 0;
  #markerEpoch = 0;

  constructor({ people, tree, contents, settings, now, serviceAccountId, enterpriseId }: Deps) {
    this.#now = now;
    this.settings = settings;
    this.people = people;
    this.tree = tree;
    this.contents = contents;
    this.serviceAccountId = serviceAccountId;
    this.enterpriseId = enterpriseId;
    this.items = new ItemStore(tree);
    const clock = () => this.now();
    this.access = new Access({ people, items: this.items, collaborations: this.collaborations, now: clock });
    this.events = new EventLog(settings, clock);
    const scene = (viewer: string) => this.scene(viewer);
    const firstUser = () => this.#firstUser();
    this.#recorder = new ChangeRecorder({ events: this.events, access: this.access, people, scene, firstUser });
  }

  /** Milliseconds since 1970 on the simulator's clock. */
  now(): number {
    return this.#now() + this.#skippedMs;
  }

  /** Lets time pass at once: tokens, links, collaborations and the rate limit see it. */
  advance(ms: number): void {
    this.#skippedMs += ms;
  }

  /** Makes changes without events. */
  quietly<T>(change: () => T): T {
    return this.#recorder.quietly(change);
  }

  /** Changes when all paging markers given out have become invalid. */
  get markerEpoch(): number {
    return this.#markerEpoch;
  }

  /** Makes every paging marker that has been given out invalid. */
  expireMarkers(): void {
    this.#markerEpoch += 1;
  }

  // Reading

  item(ref: ItemRef): Item {
    const item = this.items.get(ref.type, ref.id);
    if (!item) throw new TypeError(`Cannot find ${ref.type} "${ref.id}": there is no such item`);
    return item;
  }

  file(id: string): Item {
    return this.item({ type: 'file', id });
  }

  folder(id: string): Item {
    return this.item({ type: 'folder', id });
  }

  user(id: string): User {
    const user = this.people.user(id);
    if (!user) throw new TypeError(`Cannot find user "${id}": there is no such user`);
    return user;
  }

  /** The first item of a path below the root of an owner (default: the first user), such as `/A/b.txt`. */
  find(path: string, owner = this.#firstUser()): Item | undefined {
    let parent = rootKey(owner);
    let found: Item | undefined;
    for (const name of path.split('/').filter((part) => part !== '')) {
      found = undefined;
      for (const type of types) {
        for (const child of this.items.children(parent, type)) if (child.name === name) found ??= child;
      }
      if (!found) return undefined;
      parent = found.id;
    }
    return found;
  }

  /** The children of a folder as a viewer sees them: folders, files, web links, each of them in up to three stretches. */
  segments(parent: string, viewer: string): Segment[] {
    const isOwnRoot = rootOwner(parent) === viewer;
    return types.flatMap((type) => {
      const [computed, added] = this.items.segments(parent, type);
      return isOwnRoot ? [computed, added, this.access.shared(viewer, type)] : [computed, added];
    });
  }

  /** Number of entries of a folder, or of a viewer's own root together with what is shared into it. */
  countEntries(parent: string, viewer: string): number {
    let count = 0;
    for (const type of types) count += this.items.count(parent, type);
    if (rootOwner(parent) !== viewer) return count;
    for (const type of types) {
      const shared = this.access.shared(viewer, type);
      for (let index = 0; index < shared.length; index += 1) if (shared.at(index)) count += 1;
    }
    return count;
  }

  /** What lies in an account's trash itself, oldest first. */
  trashOf(owner: string): readonly ItemRef[] {
    return this.#trash.get(owner) ?? [];
  }

  /** The item that a shared link was once made for, by the link's last part. */
  linked(token: string): ItemRef | undefined {
    return this.#links.get(token);
  }

  scene(viewer: string): Scene {
    return sceneFor(this, viewer);
  }

  /**
   * Every item that a complete crawl must find, once, with what it must find out about it: a crawl of all accounts, or of
   * those named (what belongs to others is then seen through the first of them that it is shared with).
   */
  truth(accounts?: readonly string[]): Generator<TruthItem> {
    return truth(this, accounts);
  }

  /**
   * The fewest listing calls for a complete walk: for each folder, and the root of each active user and the service
   * account, one for each 1,000 entries begun and at least one; a shared folder counts once.
   */
  leastListingCalls(): number {
    return leastListingCalls(this);
  }

  // People

  createUser(user: { readonly name: string } & Partial<Omit<User, 'name'>>): User {
    const id = user.id ?? this.#newId(21_000_000_000);
    const login = `${user.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '.')}@example.com`;
    const created: User = {
      login,
      status: 'active',
      role: 'user',
      kind: 'managed',
      createdAt: this.#date(),
      ...user,
      id,
    };
    this.people.putUser(created);
    this.#recorder.person('NEW_USER', created.id);
    return created;
  }

  /** Renames, promotes, ... */
  changeUser(id: string, patch: Partial<Omit<User, 'id'>>): User {
    const user = { ...this.user(id), ...patch };
    this.people.putUser(user);
    this.#recorder.person('EDIT_USER', id);
    return user;
  }

  deactivateUser(id: string): void {
    this.changeUser(id, { status: 'inactive' });
  }

  activateUser(id: string): void {
    this.changeUser(id, { status: 'active' });
  }

  /** The user goes with everything he owns. */
  deleteUser(id: string): void {
    this.#recorder.person('DELETE_USER', id);
    this.people.deleteUser(id);
  }

  createGroup(group: { readonly name: string } & Partial<Omit<Group, 'name'>>): Group {
    const created: Group = { groupType: 'managed_group', ...group, id: group.id ?? this.#newId(5_000_000_000) };
    this.people.putGroup(created);
    return created;
  }

  addMember(groupId: string, userId: string, role: Membership['role'] = 'member'): Membership {
    const membership = { id: this.#newId(6_000_000_000), groupId, userId, role, createdAt: this.#date() };
    this.people.putMembership(membership);
    this.#recorder.person('GROUP_ADD_USER', userId);
    return membership;
  }

  removeMember(groupId: string, userId: string): void {
    for (const { id } of this.people.memberships({ groupId, userId })) this.people.deleteMembership(id);
    this.#recorder.person('GROUP_REMOVE_USER', userId);
  }

  // Items

  createFile(file: NewItem & { readonly content?: NewContent }): Item {
    const item = this.#create('file', file, { version: this.#version(file.content ?? '') });
    if (!this.#recorder.isQuiet && this.settings.content.notReady > 0)
      this.notReady.set(item.id, this.settings.content.notReady);
    this.#addBytes(item, 1);
    this.#record('ITEM_UPLOAD', 'UPLOAD', item);
    return item;
  }

  createFolder(folder: NewItem): Item {
    const item = this.#create('folder', folder, {});
    this.#record('ITEM_CREATE', 'CREATE', item);
    return item;
  }

  createWebLink(link: NewItem & { readonly url: string }): Item {
    const item = this.#create('web_link', link, { url: link.url });
    this.#record('ITEM_CREATE', 'CREATE', item);
    return item;
  }

  rename(ref: ItemRef, name: string, by?: string): Item {
    return this.#change(ref, { name }, ['ITEM_RENAME', 'RENAME'], by);
  }

  setDescription(ref: ItemRef, description: string | null, by?: string): Item {
    return this.#change(ref, { description }, ['ITEM_MODIFY', 'RENAME'], by);
  }

  setTags(ref: ItemRef, tags: readonly string[], by?: string): Item {
    return this.#change(ref, { tags }, ['TAG_ITEM_CREATE', null], by, false);
  }

  /** JSON texts that are sent instead of what is true, by field; `undefined` leaves the field out. No event. */
  setOdd(ref: ItemRef, odd: Readonly<Record<string, string | undefined>>): Item {
    const item = { ...this.item(ref), odd: new Map(Object.entries(odd)) };
    this.items.put(item);
    return item;
  }

  newVersion(fileId: string, content: NewContent, by?: string): Item {
    const before = this.file(fileId);
    this.#addBytes(before, -1);
    const date = this.#date();
    const patch = {
      version: this.#version(content),
      earlier: [...before.earlier, before.version],
      contentModifiedAt: date,
    };
    const item = this.#change(before, patch, ['ITEM_UPLOAD', 'EDIT'], by);
    this.#addBytes(item, 1);
    return item;
  }

  /** Into a folder, or with `{ owner }` into somebody's root. What lies in another account belongs to that one. */
  move(ref: ItemRef, to: string | { readonly owner: string }, by?: string): Item {
    const before = this.#untrashed(ref, 'move');
    const parent = this.#parentOf(typeof to === 'string' ? { folder: to } : to);
    if (ref.type === 'folder') {
      const above =
        rootOwner(parent) === undefined ? [this.folder(parent), ...this.access.above(this.folder(parent))] : [];
      if (above.some(({ id }) => id === ref.id)) throw new TypeError(`Cannot move folder "${ref.id}" into itself`);
    }
    this.#addBytes(before, -1);
    this.items.detach(before);
    const item = this.#change(before, { parent }, ['ITEM_MOVE', 'MOVE'], by);
    this.items.attach(item);
    this.#addBytes(item, 1);
    return item;
  }

  /** Box moves a transferred item into the root of its new owner. */
  changeOwner(ref: ItemRef, userId: string, by?: string): Item {
    return this.move(ref, { owner: this.user(userId).id }, by);
  }

  copy(fileId: string, to: { readonly folder?: string; readonly owner?: string; readonly name?: string }): Item {
    const { name, description, version } = this.file(fileId);
    const item = this.#create('file', { name, description, ...to }, { version: this.#stored(version.content) });
    this.#addBytes(item, 1);
    this.#record('ITEM_COPY', 'COPY', item);
    return item;
  }

  trash(ref: ItemRef, by?: string): Item {
    const before = this.#untrashed(ref, 'trash');
    const owner = this.access.ownerOf(before);
    this.#addBytes(before, -1);
    this.items.detach(before);
    const item = { ...before, trashedAt: this.#date(), etag: before.etag + 1 };
    this.items.put(item);
    this.#trash.set(owner, [...this.trashOf(owner), { type: ref.type, id: ref.id }]);
    this.#record('ITEM_TRASH', 'DELETE', item, by);
    return item;
  }

  restore(ref: ItemRef, by?: string): Item {
    const before = this.item(ref);
    if (before.trashedAt === null)
      throw new TypeError(`Cannot restore ${ref.type} "${ref.id}": it is not in the trash`);
    const item = { ...before, trashedAt: null, etag: before.etag + 1 };
    this.#leaveTrash(before);
    this.items.put(item);
    this.items.attach(item);
    this.#addBytes(item, 1);
    this.#record('ITEM_UNDELETE_VIA_TRASH', 'UNDELETE', item, by);
    return item;
  }

  /** Gone for good, from the trash or from where it lies, with everything below. No event in the streams of users. */
  purge(ref: ItemRef): void {
    const item = this.item(ref);
    if (item.trashedAt === null) {
      this.#addBytes(item, -1);
      this.items.detach(item);
    } else {
      this.#leaveTrash(item);
    }
    this.#forget(item);
  }

  #forget(item: Item): void {
    if (item.type === 'folder') {
      for (const type of types) for (const child of [...this.items.children(item.id, type)]) this.#forget(child);
    }
    for (const { id } of this.collaborations.ofItem(item.type, item.id)) this.collaborations.remove(id);
    this.items.purge(item.type, item.id);
  }

  #leaveTrash(item: Item): void {
    const owner = this.access.ownerOf(item);
    this.#trash.set(
      owner,
      this.trashOf(owner).filter(({ type, id }) => type !== item.type || id !== item.id),
    );
  }

  // Sharing

  share(ref: ItemRef, link: Partial<SharedLink> = {}): Item {
    const access = link.access ?? 'open';
    const token = link.token ?? `s${this.#newId(100_000_000)}`;
    const whole: SharedLink = { effectiveAccess: access, password: null, unsharedAt: null, ...link, access, token };
    this.#links.set(token, { type: ref.type, id: ref.id });
    return this.#change(ref, { sharedLink: whole }, ['ITEM_SHARED_CREATE', 'SHARE'], undefined, false);
  }

  unshare(ref: ItemRef): Item {
    return this.#change(ref, { sharedLink: null }, ['ITEM_SHARED_UNSHARE', 'UNSHARE'], undefined, false);
  }

  collaborate(ref: ItemRef, who: NewCollaboration): Collaboration {
    const item = this.item(ref);
    if (item.type === 'web_link') throw new TypeError('Cannot invite to a web link: it has no collaborations');
    const principal = principalOf(who);
    const collaboration: Collaboration = {
      id: this.#newId(33_000_000_000),
      itemType: item.type,
      itemId: item.id,
      principal,
      inviteEmail: who.inviteEmail ?? null,
      role: who.role ?? 'editor',
      status: who.status ?? (principal ? 'accepted' : 'pending'),
      expiresAt: who.expiresAt ?? null,
      isAccessOnly: who.isAccessOnly ?? false,
      createdBy: who.by ?? this.access.ownerOf(item),
      createdAt: this.#date(),
      modifiedAt: this.#date(),
    };
    this.collaborations.put(collaboration);
    this.#recorder.collaboration('COLLAB_ADD_COLLABORATOR', 'COLLABORATION_INVITE', collaboration, item);
    return collaboration;
  }

  changeCollaboration(
    id: string,
    patch: Partial<Pick<Collaboration, 'role' | 'status' | 'expiresAt' | 'isAccessOnly'>>,
  ): void {
    const collaboration = { ...this.#collaboration(id), ...patch, modifiedAt: this.#date() };
    this.collaborations.put(collaboration);
    const item = this.item({ type: collaboration.itemType, id: collaboration.itemId });
    this.#recorder.collaboration('COLLAB_ROLE_CHANGE', 'COLLABORATION_ROLE_CHANGE', collaboration, item);
  }

  removeCollaboration(id: string): void {
    const collaboration = this.#collaboration(id);
    const item = this.item({ type: collaboration.itemType, id: collaboration.itemId });
    // Before it is removed: whoever loses access is told so.
    this.#recorder.collaboration('COLLAB_REMOVE_COLLABORATOR', 'COLLABORATION_REMOVE', collaboration, item);
    this.collaborations.remove(id);
  }

  /** The content of a file answers 202 for so many requests. */
  setNotReady(fileId: string, times: number): void {
    this.notReady.set(this.file(fileId).id, times);
  }

  /** How the extracted text of a file stands. */
  setRepresentation(fileId: string, state: 'none' | 'pending' | 'success' | 'error'): void {
    this.representationStates.set(this.file(fileId).id, state);
  }

  /** Refuses the content of a file to everybody; `null` allows it again. */
  forbidDownload(fileId: string, code: 'forbidden_by_policy' | 'access_denied_item_locked' | null): void {
    if (code === null) this.forbidden.delete(fileId);
    else this.forbidden.set(this.file(fileId).id, code);
  }

  /** Makes the event streams forget everything up to now. */
  forgetEvents(): void {
    this.events.forget();
  }

  /** Box logs every download. */
  downloaded(file: Item, by: string): void {
    if (this.settings.events.downloads) this.#recorder.download(file, by);
  }

  #collaboration(id: string): Collaboration {
    const collaboration = this.collaborations.get(id);
    if (!collaboration) throw new TypeError(`Cannot find collaboration "${id}": there is no such collaboration`);
    return collaboration;
  }

  #untrashed(ref: ItemRef, action: string): Item {
    const item = this.item(ref);
    if (item.trashedAt !== null) throw new TypeError(`Cannot ${action} ${ref.type} "${ref.id}": it is in the trash`);
    return item;
  }

  #firstUser(): string {
    for (const { id } of this.people.managed()) return id;
    return this.serviceAccountId;
  }

  #date(): string {
    return enterpriseDate(this.now());
  }

  #newId(range: number): string {
    this.#lastNumber += 1;
    return String(range + this.#lastNumber);
  }

  #version(content: NewContent): FileVersion {
    if (typeof content === 'string') return this.#stored({ kind: 'bytes', bytes: Buffer.from(content) });
    if (typeof content === 'number') return this.#stored({ kind: 'filler', bytes: content, salt: this.#lastNumber });
    return this.#stored({ kind: 'bytes', bytes: content });
  }

  #stored(content: Content): FileVersion {
    return { id: this.#newId(1_700_000_000_000), content };
  }

  #parentOf({ folder, owner }: { readonly folder?: string; readonly owner?: string }): string {
    if (folder !== undefined && folder !== '0') return this.folder(folder).id;
    return rootKey(this.user(owner ?? this.#firstUser()).id);
  }

  #create(type: ItemType, given: NewItem, more: Partial<Pick<Item, 'version' | 'url'>>): Item {
    const parent = this.#parentOf(given);
    const by = given.by ?? this.access.ownerOfParent(parent);
    const createdAt = given.createdAt === undefined ? this.#date() : given.createdAt;
    const modifiedAt = given.modifiedAt === undefined ? createdAt : given.modifiedAt;
    const item: Item = {
      type,
      id: given.id ?? this.#newId(firstIds[type]),
      name: given.name,
      parent,
      etag: 0,
      description: given.description === undefined ? '' : given.description,
      createdAt,
      modifiedAt,
      contentCreatedAt: createdAt,
      contentModifiedAt: modifiedAt,
      createdBy: by,
      modifiedBy: by,
      version: noVersion,
      earlier: [],
      url: '',
      tags: given.tags ?? [],
      classification: given.classification ?? null,
      sharedLink: null,
      trashedAt: null,
      odd: given.odd ? new Map(Object.entries(given.odd)) : undefined,
      ...more,
    };
    if (this.items.get(type, item.id)) throw new TypeError(`Cannot create ${type} "${item.id}": the id is in use`);
    this.items.put(item);
    this.items.attach(item);
    return item;
  }

  #change(
    ref: ItemRef,
    patch: Partial<Item>,
    [userType, adminType]: readonly [string, string | null],
    by: string | undefined,
    isTreeChange = true,
  ): Item {
    const before = this.item(ref);
    const modifiedBy = by ?? this.access.ownerOf(before);
    const modified = isTreeChange ? { modifiedAt: this.#date(), modifiedBy } : {};
    const item: Item = { ...before, ...modified, etag: before.etag + 1, ...patch };
    this.items.put(item);
    this.#recorder.item(item, { userType, adminType, by, isTreeChange });
    return item;
  }

  #record(userType: string, adminType: string, item: Item, by?: string, isTreeChange = true): void {
    this.#recorder.item(item, { userType, adminType, by, isTreeChange });
  }

  #addBytes(item: Item, sign: 1 | -1): void {
    const bytes = item.type === 'file' ? this.contents.size(item.version.content) : 0;
    const moved = item.type === 'folder' ? this.items.bytesBelow(item.id) : bytes;
    if (moved > 0) for (const folder of this.access.above(item)) this.items.addBytes(folder.id, sign * moved);
  }
}

const firstIds: Record<ItemType, number> = {
  file: 1_500_000_000_000,
  folder: 320_000_000_000,
  web_link: 92_000_000_000,
};

function principalOf({ userId, groupId }: NewCollaboration): Collaboration['principal'] {
  if (userId !== undefined) return { type: 'user', id: userId };
  return groupId === undefined ? null : { type: 'group', id: groupId };
}
