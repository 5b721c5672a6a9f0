import { roles, type Collaboration, type Collaborations, type Role } from './collaborations.js';
import { rootOwner, type Item, type ItemType } from './item.js';
import type { ItemStore } from './item-store.js';
import type { People } from './people.js';

export interface Standing {
  /** The strongest role that the viewer has; `undefined`: the item does not exist for him. */
  readonly role: Role | undefined;
  /** The item or a folder above it lies in the trash. */
  readonly trashed: boolean;
}

interface Deps {
  readonly people: People;
  readonly items: ItemStore;
  readonly collaborations: Collaborations;
  readonly now: () => number;
}

/** Who may see what: ownership follows the root, collaborations flow down from folders. */
export class Access {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Id of the user in whose root the item lies, at whatever depth. */
  ownerOf(item: Item): string {
    return this.ownerOfParent(item.parent);
  }

  /** The same for what lies in a folder, by the folder's id or root key. */
  ownerOfParent(parent: string): string {
    let above = parent;
    for (;;) {
      const owner = rootOwner(above);
      if (owner !== undefined) return owner;
      above = this.#deps.items.get('folder', above)?.parent ?? 'root:';
    }
  }

  /** Folders above an item, from its parent upwards, without the root. */
  *above(item: Item): Generator<Item> {
    let parent = item.parent;
    while (rootOwner(parent) === undefined) {
      const folder = this.#deps.items.get('folder', parent);
      if (!folder) return;
      yield folder;
      parent = folder.parent;
    }
  }

  standing(viewer: string, item: Item): Standing {
    let trashed = item.trashedAt !== null;
    let role = this.#directRole(viewer, item);
    let top = item;
    for (const folder of this.above(item)) {
      trashed ||= folder.trashedAt !== null;
      role = stronger(role, this.#directRole(viewer, folder));
      top = folder;
    }
    const owner = rootOwner(top.parent);
    if (owner === viewer) return { role: 'owner', trashed };
    // A deleted user has taken along what he owned.
    const isThere = owner !== undefined && this.#deps.people.user(owner) !== undefined;
    return { role: isThere ? role : undefined, trashed };
  }

  /** What is shared into the viewer's root, by type; positions stay when something is removed. */
  shared(viewer: string, type: ItemType): { readonly length: number; at(index: number): Item | undefined } {
    const { collaborations, people } = this.#deps;
    const groups = people.groupsOf(viewer);
    if (collaborations.size === 0 || type === 'web_link') return nothing;
    let ids = collaborations.ofPrincipal('user', viewer);
    for (const group of groups) ids = [...ids, ...collaborations.ofPrincipal('group', group)];
    if (ids.length === 0) return nothing;
    return {
      length: ids.length,
      at: (index) => {
        const collaboration = collaborations.get(ids[index] ?? '');
        if (collaboration?.itemType !== type || !this.#isInForce(collaboration) || collaboration.isAccessOnly) return;
        const item = this.#deps.items.get(type, collaboration.itemId);
        if (!item || this.ownerOf(item) === viewer) return;
        const { role, trashed } = this.standing(viewer, item);
        if (role === undefined || trashed) return;
        for (const folder of this.above(item)) if (this.#directRole(viewer, folder, true)) return;
        // Invited twice (himself and through a group): it appears once.
        const first = ids.findIndex((id) => {
          const other = collaborations.get(id);
          if (other?.itemType !== type || other.itemId !== item.id) return false;
          return this.#isInForce(other) && !other.isAccessOnly;
        });
        return first === index ? item : undefined;
      },
    };
  }

  /**
   * The folders from the viewer's root down to the item's parent, without the root: for the owner all, for others those
   * from where they have been invited.
   */
  path(viewer: string, item: Item): Item[] {
    const chain = [...this.above(item)];
    const top = chain.at(-1) ?? item;
    if (rootOwner(top.parent) !== viewer) {
      const last = chain.findLastIndex((folder) => this.#directRole(viewer, folder, true) !== undefined);
      chain.length = last + 1;
    }
    return chain.reverse();
  }

  /** Ids of all who see the item: its owner first. */
  viewers(item: Item): string[] {
    const { collaborations, people } = this.#deps;
    const viewers = new Set([this.ownerOf(item)]);
    for (const each of [item, ...this.above(item)]) {
      for (const collaboration of collaborations.ofItem(each.type, each.id)) {
        const { principal } = collaboration;
        if (!principal || !this.#isInForce(collaboration)) continue;
        if (principal.type === 'user') viewers.add(principal.id);
        else for (const member of people.membersOf(principal.id)) viewers.add(member);
      }
    }
    return [...viewers];
  }

  #directRole(viewer: string, item: Item, onlyShown = false): Role | undefined {
    const { collaborations, people } = this.#deps;
    if (collaborations.size === 0) return undefined;
    let role: Role | undefined;
    for (const collaboration of collaborations.ofItem(item.type, item.id)) {
      const { principal } = collaboration;
      if (!principal || !this.#isInForce(collaboration) || (onlyShown && collaboration.isAccessOnly)) continue;
      const concerned = principal.type === 'user' ? principal.id === viewer : people.groupsOf(viewer).has(principal.id);
      if (concerned) role = stronger(role, collaboration.role);
    }
    return role;
  }

  #isInForce({ status, expiresAt }: Collaboration): boolean {
    return status === 'accepted' && (expiresAt === null || expiresAt > this.#deps.now());
  }
}

const nothing = { length: 0, at: () => undefined };

function stronger(one: Role | undefined, other: Role | undefined): Role | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return roles.indexOf(one) <= roles.indexOf(other) ? one : other;
}
