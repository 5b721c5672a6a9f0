import type { ItemType } from './item.js';

export type Role =
  'owner' | 'co-owner' | 'editor' | 'viewer uploader' | 'viewer' | 'previewer uploader' | 'previewer' | 'uploader';

/** Roles from the strongest to the weakest. */
export const roles: readonly Role[] = [
  'owner',
  'co-owner',
  'editor',
  'viewer uploader',
  'viewer',
  'previewer uploader',
  'previewer',
  'uploader',
];

export interface Collaboration {
  readonly id: string;
  readonly itemType: 'file' | 'folder';
  readonly itemId: string;
  readonly principal: { readonly type: 'user' | 'group'; readonly id: string } | null;
  /** For somebody who has no account yet. */
  readonly inviteEmail: string | null;
  readonly role: Role;
  readonly status: 'accepted' | 'pending' | 'rejected';
  /** Milliseconds since 1970. */
  readonly expiresAt: number | null;
  /** Gives access, but the item does not appear among the collaborator's own. */
  readonly isAccessOnly: boolean;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly modifiedAt: string;
}

/** Who has been invited to what; found by item and by principal. */
export class Collaborations {
  readonly #byId = new Map<string, Collaboration>();
  readonly #byItem = new Map<string, Set<string>>();
  /** In the order of invitation; an empty text where one has been removed, so that positions stay. */
  readonly #byPrincipal = new Map<string, string[]>();

  get size(): number {
    return this.#byId.size;
  }

  put(collaboration: Collaboration): void {
    const { id, itemType, itemId, principal } = collaboration;
    const known = this.#byId.has(id);
    this.#byId.set(id, collaboration);
    if (known) return;
    const key = `${itemType}/${itemId}`;
    this.#byItem.set(key, (this.#byItem.get(key) ?? new Set()).add(id));
    if (!principal) return;
    const principalKey = `${principal.type}/${principal.id}`;
    const list = this.#byPrincipal.get(principalKey);
    if (list) list.push(id);
    else this.#byPrincipal.set(principalKey, [id]);
  }

  remove(id: string): void {
    const collaboration = this.#byId.get(id);
    if (!collaboration) return;
    this.#byId.delete(id);
    this.#byItem.get(`${collaboration.itemType}/${collaboration.itemId}`)?.delete(id);
    const { principal } = collaboration;
    const list = principal ? this.#byPrincipal.get(`${principal.type}/${principal.id}`) : undefined;
    if (list) list[list.indexOf(id)] = '';
  }

  get(id: string): Collaboration | undefined {
    return this.#byId.get(id);
  }

  ofItem(type: ItemType, id: string): Collaboration[] {
    const ids = this.#byItem.get(`${type}/${id}`);
    return ids ? [...ids].flatMap((each) => this.#byId.get(each) ?? []) : [];
  }

  /** Ids, empty where one was removed. */
  ofPrincipal(type: 'user' | 'group', id: string): readonly string[] {
    return this.#byPrincipal.get(`${type}/${id}`) ?? [];
  }
}
