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
  /** The configuration does not ask for the folder or the user, or not any more. */
  | 'out_of_scope'
  /** Nobody knows what it is of, and the configuration wants such documents deleted. */
  | 'stranger';

/** An item that a run did not see where it was. */
export interface AbsentItem extends KnownItem {
  /** An earlier run, which had read everything, has missed it, too. */
  readonly missedBefore: boolean;
  /** When a run first missed it, in milliseconds since 1970; `null`: none did before. */
  readonly missedSince: number | null;
}

/** A folder that went while the run was on its way to it. */
export interface GoneFolder {
  /** Row in the frontier. */
  readonly seq: number;
  readonly item: AbsentItem;
  /** As whom Box was asked. */
  readonly viewer: string | null;
  readonly answer: 'trashed' | 'not_found';
}

export interface Condemned {
  readonly item: KnownItem;
  readonly proof: Proof;
}

/** What a verdict says, beside its proof. */
export interface Verdict {
  readonly proof: Proof;
  /** Of the run that passes it. */
  readonly run: number;
  /** Box itself says that it is in the trash, or a rule excludes it: it does not count for the share that may go. */
  readonly isSure: boolean;
}

/**
 * What the catalogue knows and a run did not see: from the candidates to the documents that may be deleted. The
 * verdicts are kept in the store, so that their number can be looked at before the first delete.
 *
 * Items "below" a folder are those that the catalogue has in it, at any depth. Those that the run has seen elsewhere are
 * not among them: they moved.
 */
export interface Absence {
  /** Forgets the verdicts of an earlier run. */
  clear(): void;
  /** At most `limit` folders behind row `after` that Box has called gone when they were to be listed. */
  goneFolders(after: number, limit: number): readonly GoneFolder[];
  /**
   * At most `limit` items behind `after` that `run` did not see, whose folder it listed to the end, and that are not
   * condemned yet.
   */
  topmost(run: number, after: ItemKey | null, limit: number): readonly AbsentItem[];
  /**
   * At most `limit` folders behind `after`, without those in `but`, that nothing is known of but that items of the
   * catalogue are in, which `run` did not see. (A state that was read back from the index does not know folders that have no document.)
   */
  unknownFolders(run: number, but: readonly string[], after: string, limit: number): readonly AbsentItem[];
  /**
   * At most `limit` items behind `after` that `run` did not see and that are not condemned, whose folder is, as what only
   * one user showed: they were shown to somebody else.
   */
  orphans(run: number, proof: Proof, after: ItemKey | null, limit: number): readonly AbsentItem[];
  /** At most `limit` items behind `after` in the root of this user that `run` did not see. */
  inRoot(viewer: string, run: number, after: ItemKey | null, limit: number): readonly AbsentItem[];
  /** At most `limit` items behind `after` that are in a folder and not condemned yet. */
  children(folder: string, run: number, after: ItemKey | null, limit: number): readonly AbsentItem[];
  /** Whether the catalogue has anything below a folder. */
  hasBelow(item: ItemKey): boolean;
  /** Documents of the item and of all below it that `run` did not see. */
  documentsOf(item: ItemKey, run: number): number;
  /** The item has to go, and nothing is said of what is below it. */
  condemnItem(item: ItemKey, verdict: Verdict): void;
  /** The item has to go, and all below it that `run` did not see. */
  condemn(item: ItemKey, verdict: Verdict): void;
  /** The folder has gone after `run` had seen it: it has to go, and all below it, seen by `run` or not. */
  condemnWhole(item: ItemKey, verdict: Verdict): void;
  /** What sync rules exclude has to go: indexed items that are filtered, and what is below folders that are pruned. */
  condemnFiltered(run: number): void;
  /**
   * All that was seen only in this user's walk, and not by `run`, has to go: if `missedUpTo` is given, only what was
   * first missed by then.
   */
  condemnViewer(viewer: string, verdict: Verdict, missedUpTo: number | null): void;
  /**
   * All that is not below a folder of the frontier or one of `folders`, and was not seen by `run`, has to go: if
   * `missedUpTo` is given, only what was first missed by then.
   */
  condemnElsewhere(run: number, folders: readonly string[], missedUpTo: number | null): void;
  /** Notes that `run` missed the item and all below it, without proof that it is gone. */
  missed(item: ItemKey, run: number, how: Missed): void;
  /** Notes the same of all that was seen only in this user's walk. Returns how many documents these are. */
  missedViewer(viewer: string, run: number, at: number): number;
  /** Notes the same of all that is not below a folder of the frontier or one of `folders`. */
  missedElsewhere(run: number, folders: readonly string[], at: number): number;
  /** Users whose root holds known items, and whose root is not in the frontier. */
  departed(run: number): readonly string[];
  /** Through whose eyes the frontier has a folder that is no root; `undefined`: it has none of this id. */
  listerOf(folder: string): string | null | undefined;
  /** Users whose roots are in the frontier. */
  viewers(): readonly string[];
  /** Whether `run` has seen, as this user, an item that was known before. */
  hasShown(viewer: string | null, run: number): boolean;
  /** Whether the user's root showed nothing to `run`. */
  rootIsEmpty(viewer: string | null, run: number): boolean;
  /** Documents that would be deleted without Box's or a rule's own word for each, by the user in whose walk they were. */
  countProven(): ReadonlyMap<string | null, number>;
  /** Whether any folder of the frontier is pruned. */
  hasPruned(): boolean;
  /** What the frontier has of the last of these folders that it knows; roots are known, and are walked. */
  placeOf(folders: readonly string[]): 'walked' | 'pruned' | 'unknown';
  /** Drops the verdicts on documents of these users that count for the share that may go. */
  spare(viewers: readonly (string | null)[]): void;
  /** Drops the verdicts on items whose document is another's, and forgets these items: only the other has it. */
  disown(): void;
  /**
   * Forgets what is condemned and has no document any more, unless a rule excludes it and `run` has seen it; but no
   * folder with documents left below it, since only the folder leads to them.
   */
  forget(run: number): void;
  /** At most `limit` verdicts behind `after`; none on a document that is another item's. */
  condemned(after: ItemKey | null, limit: number): readonly Condemned[];
}

export interface Missed {
  /** Now, in milliseconds since 1970. */
  readonly at: number;
  /** Whether the run has read everything. */
  readonly isComplete: boolean;
}
