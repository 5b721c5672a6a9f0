import type { Content, Contents } from './content.js';
import { enterpriseDate } from './enterprise-date.js';
import { rootKey, rootOwner, type FileVersion, type Item, type ItemType } from './item.js';
import { seeded } from './seeded.js';
import type { TreeShape } from './tree-shape.js';
import { words } from './words.js';

/** A consecutive run of computed items: the children of one type in one folder. */
export interface Run {
  readonly count: number;
  at(index: number): Item;
}

/**
 * The tree as it was before any change. Ids are numbers in ranges, so that an id says which item it is; the children of
 * a folder are consecutive. Memory: four numbers for each folder of *one* account, and one
 * for each folder of all.
 */
export interface ComputedTree {
  /** Ids of the accounts that have a tree, in order. */
  readonly owners: readonly string[];
  get(type: ItemType, id: string): Item | undefined;
  children(parent: string, type: ItemType): Run;
  /** Bytes of the files below a folder. */
  bytesBelow(id: string): number;
  /** Folders of one account. */
  readonly foldersPerUser: number;
  folder(user: number, index: number): Item;
}

const firstFile = 1_400_000_000_000;
const firstVersion = 1_600_000_000_000;
const firstFolder = 310_000_000_000;
const firstWebLink = 91_000_000_000;
const dateCount = 4096;

const none: Run = {
  count: 0,
  at: (index) => {
    throw new RangeError(`Cannot take child ${index}: the run is empty`);
  },
};
const noVersion: FileVersion = { id: '', content: { kind: 'filler', bytes: 0, salt: 0 } };

export function computedTree(shape: TreeShape, owners: readonly string[], texts: Contents): ComputedTree {
  const {
    filesPerFolder = 0,
    filesInRoot = 0,
    webLinks = 0,
    extensions = ['txt', 'md', 'csv', 'html'],
    seed = 1,
  } = shape;
  const layout = shape.levels
    ? layoutOfLevels(shape.levels)
    : layoutOfChains(shape.foldersPerUser ?? 0, shape.depth ?? 1);
  const folders = layout.parent.length;
  const filesPerUser = filesInRoot + folders * filesPerFolder;
  const linksPerUser = folders * webLinks;
  const { created, modified } = dates(seed);
  const userIndex = new Map(owners.map((id, index) => [id, index]));
  const below = bytesBelowEach();

  function bytesBelowEach(): Float64Array {
    const sums = new Float64Array(owners.length * folders);
    for (let user = 0; user < owners.length; user += 1) {
      const first = user * folders;
      // Children come after their parents in every layout.
      for (let slot = folders - 1; slot >= 0; slot -= 1) {
        const number = user * filesPerUser + filesInRoot + slot * filesPerFolder;
        let sum = sums[first + slot] ?? 0;
        for (let place = 0; place < filesPerFolder; place += 1) sum += texts.size(contentOf(number + place));
        sums[first + slot] = sum;
        const parent = layout.parent[slot] ?? -1;
        if (parent >= 0) sums[first + parent] = (sums[first + parent] ?? 0) + sum;
      }
    }
    return sums;
  }

  const ownerOf = (user: number): string => owners[user] ?? '';
  const folderId = (user: number, index: number): string => String(firstFolder + user * folders + index);

  function contentOf(file: number): Content {
    return texts.pool(seeded(seed, file));
  }

  function make(type: ItemType, id: string, number: number, name: string, parent: string, owner: string): Item {
    const hash = seeded(seed, number);
    const date = hash % dateCount;
    return {
      type,
      id,
      name,
      parent,
      etag: hash & 3,
      description: hash & 4 ? '' : `About the ${word(hash >>> 3)} ${word(hash >>> 9)}`,
      createdAt: created[date] ?? null,
      modifiedAt: modified[date] ?? null,
      contentCreatedAt: created[date] ?? null,
      contentModifiedAt: modified[date] ?? null,
      createdBy: owner,
      modifiedBy: owner,
      version: type === 'file' ? { id: String(firstVersion + number), content: contentOf(number) } : noVersion,
      earlier: [],
      url: type === 'web_link' ? `https://intranet.example.com/${word(hash >>> 5)}/${number}` : '',
      tags: [],
      classification: null,
      sharedLink: null,
      trashedAt: null,
      odd: undefined,
    };
  }

  function folder(user: number, index: number): Item {
    const above = layout.parent[index] ?? -1;
    const owner = ownerOf(user);
    const place = index - (above < 0 ? layout.firstTop : (layout.firstChild[above] ?? 0));
    const parent = above < 0 ? rootKey(owner) : folderId(user, above);
    const number = user * folders + index;
    return make('folder', String(firstFolder + number), number, nameOf(place, seeded(seed + 2, number)), parent, owner);
  }

  function file(user: number, slot: number, place: number): Item {
    const local = slot < 0 ? place : filesInRoot + slot * filesPerFolder + place;
    const number = user * filesPerUser + local;
    const owner = ownerOf(user);
    const extension = extensions[number % extensions.length] ?? 'txt';
    const name = `${nameOf(place, seeded(seed + 3, number))}.${extension}`;
    const parent = slot < 0 ? rootKey(owner) : folderId(user, slot);
    return make('file', String(firstFile + number), number, name, parent, owner);
  }

  function webLink(user: number, slot: number, place: number): Item {
    const number = user * linksPerUser + slot * webLinks + place;
    const name = nameOf(place, seeded(seed + 4, number));
    return make('web_link', String(firstWebLink + number), number, name, folderId(user, slot), ownerOf(user));
  }

  return {
    owners,
    foldersPerUser: folders,
    folder,
    get(type, id) {
      switch (type) {
        case 'file': {
          const number = within(id, firstFile, owners.length * filesPerUser);
          if (number === undefined) return undefined;
          const local = number % filesPerUser;
          const user = Math.floor(number / filesPerUser);
          if (local < filesInRoot) return file(user, -1, local);
          const inFolders = local - filesInRoot;
          return file(user, Math.floor(inFolders / filesPerFolder), inFolders % filesPerFolder);
        }
        case 'folder': {
          const number = within(id, firstFolder, owners.length * folders);
          return number === undefined ? undefined : folder(Math.floor(number / folders), number % folders);
        }
        case 'web_link': {
          const number = within(id, firstWebLink, owners.length * linksPerUser);
          if (number === undefined) return undefined;
          const local = number % linksPerUser;
          return webLink(Math.floor(number / linksPerUser), Math.floor(local / webLinks), local % webLinks);
        }
      }
    },
    children(parent, type) {
      const owner = rootOwner(parent);
      const number = owner === undefined ? within(parent, firstFolder, owners.length * folders) : 0;
      const user = owner === undefined ? Math.floor((number ?? 0) / folders) : userIndex.get(owner);
      if (number === undefined || user === undefined) return none;
      const slot = owner === undefined ? number % folders : -1;
      switch (type) {
        case 'folder': {
          const first = slot < 0 ? layout.firstTop : (layout.firstChild[slot] ?? 0);
          const count = slot < 0 ? layout.tops : (layout.children[slot] ?? 0);
          return { count, at: (index) => folder(user, first + index) };
        }
        case 'file':
          return { count: slot < 0 ? filesInRoot : filesPerFolder, at: (index) => file(user, slot, index) };
        case 'web_link':
          return { count: slot < 0 ? 0 : webLinks, at: (index) => webLink(user, slot, index) };
      }
    },
    bytesBelow(id) {
      const number = within(id, firstFolder, owners.length * folders);
      return number === undefined ? 0 : (below[number] ?? 0);
    },
  };
}

function word(hash: number): string {
  return words[hash % words.length] ?? '';
}

/** Begins with the place in the folder, so that the order by name is the order by number. */
function nameOf(place: number, hash: number): string {
  return `${String(place + 1).padStart(6, '0')} ${word(hash)} ${word(hash >>> 8)}`;
}

/** The number of an id in a range of ids, if it lies in it. */
function within(id: string, first: number, count: number): number | undefined {
  if (id.length < 11 || id.length > 13) return undefined;
  const number = Number(id) - first;
  return Number.isInteger(number) && number >= 0 && number < count ? number : undefined;
}

/** The folders of one account by number; the children of each are consecutive and come after it. */
interface Layout {
  readonly tops: number;
  readonly firstTop: number;
  /** -1: the root. */
  readonly parent: Int32Array;
  readonly firstChild: Int32Array;
  readonly children: Int32Array;
}

function layoutOfLevels(levels: readonly number[]): Layout {
  let width = 1;
  let total = 0;
  for (const branches of levels) {
    width *= branches;
    total += width;
  }
  const parent = new Int32Array(total).fill(-1);
  const firstChild = new Int32Array(total);
  const children = new Int32Array(total);
  let above = -1;
  let aboveCount = 1;
  let next = 0;
  for (const branches of levels) {
    const first = next;
    for (let one = 0; one < aboveCount; one += 1) {
      const folder = above < 0 ? -1 : above + one;
      if (folder >= 0) {
        firstChild[folder] = next;
        children[folder] = branches;
      }
      parent.fill(folder, next, next + branches);
      next += branches;
    }
    above = first;
    aboveCount *= branches;
  }
  return { tops: levels[0] ?? 0, firstTop: 0, parent, firstChild, children };
}

function layoutOfChains(total: number, depth: number): Layout {
  const tops = Math.ceil(total / depth);
  const parent = Int32Array.from({ length: total }, (_, index) => (index < tops ? -1 : index - tops));
  const firstChild = Int32Array.from({ length: total }, (_, index) => index + tops);
  const children = Int32Array.from({ length: total }, (_, index) => (index + tops < total ? 1 : 0));
  return { tops, firstTop: 0, parent, firstChild, children };
}

/** Dates of eight years, as an enterprise in California has them: the offset depends on the season. */
function dates(seed: number): { readonly created: readonly string[]; readonly modified: readonly string[] } {
  const created: string[] = [];
  const modified: string[] = [];
  const start = Date.UTC(2016, 0, 4, 17);
  for (let index = 0; index < dateCount; index += 1) {
    const at = start + (seeded(seed + 5, index) % (8 * 365 * 86_400)) * 1000;
    created.push(enterpriseDate(at));
    modified.push(enterpriseDate(at + (seeded(seed + 6, index) % (400 * 86_400)) * 1000));
  }
  return { created, modified };
}
