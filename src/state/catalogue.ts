import type { DocumentVersion } from '../core/outcome.js';

/** In the order of their numbers in the state. */
export const itemTypes = ['file', 'folder', 'web_link'] as const;

export type ItemType = (typeof itemTypes)[number];

/** What tells an item from every other: Box numbers files, folders and web links apart. */
export interface ItemKey {
  readonly type: ItemType;
  readonly id: string;
}

/** What the catalogue remembers of one item. */
export interface KnownItem extends ItemKey {
  /** `_id` of its document: the bare Box id, or `<type>_<id>` where that is another item's. */
  readonly documentId: string;
  /** Folder that it was listed in. */
  readonly parent: string;
  /** Whose walk listed it, through `as-user`; `null`: the token's own user. Box is asked about it as the same. */
  readonly viewer: string | null;
  /** What the index holds; `null` if the index holds no document of it. */
  readonly version: DocumentVersion | null;
  /** The rule that excludes it and the signature that was judged; `null` if none does. */
  readonly filtered: { readonly rule: string; readonly signature: string } | null;
  /** Fingerprint of the sync rules that this was decided under. */
  readonly rules: string;
  /** The run that saw it last. */
  readonly lastSeen: number;
}

/** The memory of every item that Box has shown: change detection, deletes, subtrees. Read and written in batches. */
export interface Catalogue {
  /** Rows of these ids, whatever their type, by `itemKey`. */
  known(ids: readonly string[]): ReadonlyMap<string, KnownItem>;
  /** Writes rows, replacing what was there. */
  record(items: readonly KnownItem[]): void;
  /** Notes that `run` saw these items as they are known. */
  seen(items: readonly ItemKey[], run: number): void;
  /** Forgets items. */
  forget(items: readonly ItemKey[]): void;
  /** Forgets fingerprints of sync rules under which nothing stands any more. */
  forgetRules(): void;
  /** Number of items. */
  count(): number;
  /** Number of items that the index holds a document of. */
  indexed(): number;
}

export function itemKey(type: ItemType, id: string): string {
  return `${type} ${id}`;
}
