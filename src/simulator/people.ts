import { jsonText } from './json-text.js';

export interface User {
  readonly id: string;
  readonly name: string;
  readonly login: string;
  readonly status: 'active' | 'inactive' | 'cannot_delete_edit' | 'cannot_delete_edit_upload';
  readonly role: 'admin' | 'coadmin' | 'user';
  /** `service`: the app's own account, never listed. `external`: belongs to another enterprise. */
  readonly kind: 'managed' | 'app' | 'external' | 'service';
  readonly createdAt: string;
}

export interface Group {
  readonly id: string;
  readonly name: string;
  readonly groupType: 'managed_group' | 'all_users_group';
}

export interface Membership {
  readonly id: string;
  readonly userId: string;
  readonly groupId: string;
  readonly role: 'member' | 'admin';
  readonly createdAt: string;
}

/** Users, groups and memberships, in the order in which they were added. */
export class People {
  readonly #users = new Map<string, User>();
  readonly #groups = new Map<string, Group>();
  readonly #memberships = new Map<string, Membership>();
  readonly #groupsOfUser = new Map<string, Set<string>>();
  readonly #allUsersGroups = new Set<string>();
  readonly #mini = new Map<string, string>();

  putUser(user: User): void {
    this.#users.set(user.id, user);
    this.#mini.delete(user.id);
  }

  deleteUser(id: string): void {
    this.#users.delete(id);
    for (const membership of this.#memberships.values()) {
      if (membership.userId === id) this.deleteMembership(membership.id);
    }
  }

  user(id: string): User | undefined {
    return this.#users.get(id);
  }

  /** Everybody, also external users and the service account. */
  users(): Iterable<User> {
    return this.#users.values();
  }

  /** The users of the enterprise, as its list of users shows them. */
  *managed(): Generator<User> {
    for (const user of this.#users.values()) {
      if (user.kind === 'managed' || user.kind === 'app') yield user;
    }
  }

  putGroup(group: Group): void {
    this.#groups.set(group.id, group);
    if (group.groupType === 'all_users_group') this.#allUsersGroups.add(group.id);
  }

  deleteGroup(id: string): void {
    this.#groups.delete(id);
    this.#allUsersGroups.delete(id);
    for (const membership of this.#memberships.values()) {
      if (membership.groupId === id) this.deleteMembership(membership.id);
    }
  }

  group(id: string): Group | undefined {
    return this.#groups.get(id);
  }

  groups(): Iterable<Group> {
    return this.#groups.values();
  }

  putMembership(membership: Membership): void {
    this.#memberships.set(membership.id, membership);
    const groups = this.#groupsOfUser.get(membership.userId) ?? new Set();
    this.#groupsOfUser.set(membership.userId, groups.add(membership.groupId));
  }

  deleteMembership(id: string): void {
    const membership = this.#memberships.get(id);
    if (!membership) return;
    this.#memberships.delete(id);
    this.#groupsOfUser.get(membership.userId)?.delete(membership.groupId);
  }

  membership(id: string): Membership | undefined {
    return this.#memberships.get(id);
  }

  memberships(of: { readonly userId?: string; readonly groupId?: string }): Membership[] {
    return [...this.#memberships.values()].filter(
      ({ userId, groupId }) =>
        (of.userId === undefined || of.userId === userId) && (of.groupId === undefined || of.groupId === groupId),
    );
  }

  /** Ids of the groups that a user belongs to. */
  groupsOf(userId: string): ReadonlySet<string> {
    const groups = this.#groupsOfUser.get(userId);
    if (this.#allUsersGroups.size === 0) return groups ?? noGroups;
    const kind = this.#users.get(userId)?.kind;
    return kind === 'managed' || kind === 'app' ? new Set([...(groups ?? []), ...this.#allUsersGroups]) : noGroups;
  }

  /** Ids of the users of a group. */
  membersOf(groupId: string): string[] {
    if (this.#allUsersGroups.has(groupId)) return Array.from(this.managed(), ({ id }) => id);
    return this.memberships({ groupId }).map(({ userId }) => userId);
  }

  /** A person as Box names one inside another object, as JSON. */
  miniJson(id: string): string {
    const known = this.#mini.get(id);
    if (known !== undefined) return known;
    const user = this.#users.get(id);
    const name = user?.name ?? (id === '2' ? 'Unknown User' : '');
    const mini = jsonText({ type: 'user', id, name, login: user?.login ?? '' });
    this.#mini.set(id, mini);
    return mini;
  }
}

const noGroups: ReadonlySet<string> = new Set();
