import type { TextBytes } from './content.js';

/** Every account gets a tree of this shape; the whole is computed from `seed`, nothing is stored for an item. */
export interface TreeShape {
  /** Number of managed users. Default 1. */
  readonly users?: number;
  /** Folders in each account. Default 0. */
  readonly foldersPerUser?: number;
  /** Levels over which `foldersPerUser` are spread, as chains of that length. Default 1. */
  readonly depth?: number;
  /** Instead of the two above: folders in each folder, level by level; `[14, 27, 36]` is 14 + 14 x 27 + 14 x 27 x 36. */
  readonly levels?: readonly number[];
  /** Default 0. */
  readonly filesPerFolder?: number;
  /** Files directly in each account's root. Default 0. */
  readonly filesInRoot?: number;
  /** Web links in each folder. Default 0. */
  readonly webLinks?: number;
  /** Share of the folders (0 to 1) that are shared with one to three other users. Default 0. */
  readonly sharedShare?: number;
  /** Bytes of each text file. Default 200 to 2,000. */
  readonly textBytes?: TextBytes;
  /** Taken in turn. Default txt, md, csv, html. */
  readonly extensions?: readonly string[];
  /** Default 1. */
  readonly seed?: number;
}
