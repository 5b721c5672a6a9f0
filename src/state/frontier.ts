/** A folder that the walk has to list, or is listing. */
export interface FrontierFolder {
  /** Row in the store. */
  readonly seq: number;
  readonly id: string;
  /** User through whose eyes it is listed (`as-user`); `null`: the token's own. */
  readonly viewer: string | null;
  /** `/A/B` below the owner's root; empty for a root. Put together each time it is asked for: in a deep tree it is long. */
  readonly path: string;
  /** Ids of the folders above it, from `0` down; empty for a root. Put together like `path`. */
  readonly ancestors: readonly string[];
  /** Where listing begins: `null` at the first page, else the marker of the first page that is not settled. */
  readonly marker: string | null;
}

export type NewFolder = TopFolder | SubFolder;

/** A folder where a walk begins: a root, or one whose place Box has told. */
export interface TopFolder {
  readonly id: string;
  readonly viewer: string | null;
  readonly path: string;
  readonly ancestors: readonly string[];
}

/** A folder that the listing of another has shown. It keeps its own name only: the rest of its path is that of `above`. */
export interface SubFolder {
  readonly id: string;
  readonly viewer: string | null;
  readonly above: FrontierFolder;
  readonly name: string;
}

/** An entry in a viewer's root that is left to the walk of its owner. */
export interface NewDeferred {
  readonly viewer: string | null;
  readonly type: string;
  readonly id: string;
  /** The item as Box listed it for the viewer, with what is `odd` about it. */
  readonly entry: unknown;
}

export interface Deferred extends NewDeferred {
  /** Row in the store, in the order of the sighting. */
  readonly seq: number;
}

/**
 * The folders of one run that are still to be listed, kept in the store: a run that was stopped goes on from here, and
 * a folder that is `settled` here is the proof that it was listed to its end.
 *
 * A page is *listed* (its sub-folders are in the frontier) and later *settled* (everything on it has an outcome).
 */
export interface Frontier {
  /**
   * Adds folders; one that this run already has keeps how far it has come, and is from now on where it was seen last. One
   * that was gone has come back, and is listed from its beginning.
   */
  add(folders: readonly NewFolder[]): void;
  /** Notes folders that are not walked, since a sync rule excludes all that is in them. */
  prune(folders: readonly NewFolder[]): void;
  /** The next folder to list: viewers in turn, within a viewer the newest first. `undefined`: nothing waits. */
  take(): FrontierFolder | undefined;
  /** A page was listed: its sub-folders join the frontier; `next` is `null` after the last page. */
  pageListed(folder: FrontierFolder, next: string | null, children: readonly NewFolder[]): void;
  /** Everything up to the page before marker `next` has an outcome; `null`: the folder is done. */
  pageSettled(folder: FrontierFolder, next: string | null): void;
  /** The folder cannot be read: what is below it stays unproven. */
  unread(folder: FrontierFolder, reason: string): void;
  /** The folder is gone, says Box: since its entry was listed, it was moved to the trash, or Box does not know it. */
  gone(folder: FrontierFolder, answer: 'trashed' | 'not_found'): void;
  /** Remembers entries that are left to their owners' walks; the first viewer of an item is kept. */
  defer(entries: readonly NewDeferred[]): void;
  /** At most `limit` deferred entries behind row `after`, in the order of their sighting. */
  deferred(after: number, limit: number): readonly Deferred[];
  /** Folders not settled. */
  remaining(): number;
  /** Folders that wait to be listed. */
  waiting(): number;
  /** Puts everything that was begun and not settled back to waiting, at its last settled page. */
  resume(): void;
  /**
   * For a run that looks at everything anew: what was never listed is listed first, and a folder that was listed waits
   * until a listing shows it, or a walk begins with it.
   */
  age(): void;
  /** Forgets the folders that are still aged at the end of a walk: nothing has shown them. */
  dropAged(): void;
  /** Settled folders that hold items which have to be seen again wait once more; how many they are. */
  lookAgain(): number;
  /** Forgets the run's folders. */
  clear(): void;
}
