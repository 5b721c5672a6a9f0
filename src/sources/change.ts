import type { BoxItem } from '../box/box-item.js';
import type { Proof } from '../state/absence.js';
import type { KnownItem } from '../state/catalogue.js';

/** Box has this item now. */
export interface Found {
  readonly kind: 'found';
  readonly item: BoxItem;
  /** `_id` of its document: the bare Box id, or `<type>_<id>` where that is another item's. */
  readonly documentId: string;
  /** Id of the user who saw it through `as-user`; `null`: the token's own user. Content is downloaded as the same. */
  readonly seenAs: string | null;
  /** `/A/b.txt`: names from below the owner's root down to the item's own. */
  readonly path: string;
  /** Folder that it was listed in. */
  readonly parent: string;
  /** Ids of the folders above it, from `0` down to its parent. */
  readonly ancestors: readonly string[];
  /** What the catalogue knew of it when its page was listed; `undefined`: nothing. */
  readonly known: KnownItem | undefined;
}

/** The document has to go. `proof` says why that is certain (law 2: nothing is deleted without proof). */
export interface Gone {
  readonly kind: 'gone';
  readonly type: BoxItem['type'];
  readonly id: string;
  readonly documentId: string;
  readonly proof: Proof;
}

/** What a source emits. */
export type Change = Found | Gone;
