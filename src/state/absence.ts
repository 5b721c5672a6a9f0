import type { ItemKey, KnownItem } from './catalogue.js';

/** Why it is certain that a document has to go. */
export type Proof =
  /** Box has it in the trash. */
  | 'trashed'
  /** Box has no such item. */
  | 'not_found'
  /** The folder that it was in is gone, and it with it. */
  | 'parent_gone'
  /** Its user has left. */
  | 'user_gone'
  /** A sync rule excludes it, or the folder it is in. */
  | 'filtered'
  /** The configuration no longer asks for the folder or the user. */
  | 'out_of_scope'
  /** Nobody knows what it is of, and the configuration wants such documents deleted. */
  | 'stranger';

/** The top-most item of something that a complete listing of its folder did not show. */
export interface AbsentItem extends KnownItem {
  /** An earlier run that was complete has missed it, too. */
  readonly missedBefore: boolean;
}

export interface Condemned {
  readonly item: KnownItem;
  readonly proof: Proof;
}

/**
 * What the catalogue knows and a run did not see: from the candidates to the documents that may be deleted. The
 * verdicts are kept in the store, so that their number can be looked at before the first delete.
 */
export interface Absence {
  /** Forgets the verdicts of an earlier run. */
  clear(): void;
  /**
   * At most `limit` items behind `after` that `run` did not see, whose folder it listed to the end, and that are not
   * themselves in a folder that it did not see.
   */
  topmost(run: number, after: ItemKey | null, limit: number): readonly AbsentItem[];
  /** Whether the catalogue has anything below a folder. */
  hasBelow(item: ItemKey): boolean;
  /** Documents of the item and of all below it that `run` did not see. */
  documentsOf(item: ItemKey, run: number): number;
  /** The item has to go, and all below it that `run` did not see. */
  condemn(item: ItemKey, proof: Proof, run: number): void;
  /** What sync rules exclude has to go: indexed items that are filtered, and what is below folders that are pruned. */
  condemnFiltered(run: number): void;
  /** All that was seen only in this user's walk, and not by `run`, has to go. */
  condemnViewer(viewer: string, proof: Proof, run: number): void;
  /** All that is not below a folder of the frontier, and was not seen by `run`, has to go. */
  condemnElsewhere(run: number): void;
  /** Notes that `run`, which was complete, missed the item without proof that it is gone. */
  missed(item: ItemKey, run: number): void;
  /** Users whose root holds known items, and whose root is not in the frontier. */
  departed(run: number): readonly string[];
  /** Users whose roots are in the frontier. */
  viewers(): readonly string[];
  /** Whether `run` has seen, as this user, an item that was known before. */
  hasShown(viewer: string | null, run: number): boolean;
  /** Whether the user's root showed nothing to `run`. */
  rootIsEmpty(viewer: string | null, run: number): boolean;
  /** Documents that would be deleted, but for those that the configuration excludes. */
  countProven(): number;
  /** Whether any folder of the frontier is pruned. */
  hasPruned(): boolean;
  /** What the frontier has of the last of these folders that it knows; roots are known, and are walked. */
  placeOf(folders: readonly string[]): 'walked' | 'pruned' | 'unknown';
  /** Drops the verdicts that are not the configuration's. */
  spare(): void;
  /**
   * Forgets what is condemned, was not seen by `run` and has no document any more; but no folder with documents left
   * below it, since only the folder leads to them.
   */
  forget(run: number): void;
  /** At most `limit` verdicts behind `after`. */
  condemned(after: ItemKey | null, limit: number): readonly Condemned[];
}
