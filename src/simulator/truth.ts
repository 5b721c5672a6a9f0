import type { BoxModel } from './box-model.js';
import { extensionOf, rootKey, type Item, type ItemType } from './item.js';
import { itemRenderer, type Scene } from './render-item.js';

/** What a complete crawl must know of one item. `null` where Box does not tell. */
export interface TruthItem {
  readonly type: ItemType;
  readonly id: string;
  readonly name: string;
  /** `/A/b.txt` below the owner's root, or the root of the viewer who had to be asked instead. */
  readonly path: string;
  /** Ids of the folders above, from `0` down. */
  readonly ancestors: readonly string[];
  readonly ownerId: string;
  /** User whose listing shows it: the owner, unless he cannot be read. */
  readonly seenAs: string;
  readonly size: number | null;
  readonly sha1: string | null;
  readonly fileVersionId: string | null;
  readonly extension: string | null;
  /** As Box lists them. */
  readonly createdAt: string | null;
  readonly modifiedAt: string | null;
  /** Where a web link leads, else the item's page. */
  readonly url: string;
  readonly description: string | null;
  readonly tags: readonly string[];
  /** The whole object that Box lists with all fields of a crawl. Computed when read. */
  readonly entry: unknown;
  /** The bytes of a file; empty for other types. */
  content(): Buffer;
}

/** The fields that a crawl asks for. */
export const crawlFields: readonly string[] = (
  'id,etag,sequence_id,name,description,size,created_at,modified_at,content_created_at,content_modified_at,created_by,' +
  'modified_by,owned_by,parent,item_status,sha1,file_version,extension,shared_link,tags,classification,url'
).split(',');

const whole = itemRenderer(crawlFields);
const types: readonly ItemType[] = ['folder', 'file', 'web_link'];

export function* truth(box: BoxModel, readable: readonly string[] = readableAccounts(box)): Generator<TruthItem> {
  for (const owner of readable) {
    yield* below(box, rootKey(owner), owner, '', ['0']);
  }
  // What belongs to somebody who cannot be read is found through the first who sees it.
  const seen = new Set<string>();
  for (const viewer of readable) {
    for (const item of sharedByUnreadable(box, viewer, new Set(readable))) {
      for (const one of oneAndBelow(box, item, viewer, '', ['0'])) {
        const key = `${one.type}/${one.id}`;
        if (!seen.has(key)) yield one;
        seen.add(key);
      }
    }
  }
}

/** Ids of the active users in the order of their list, then the service account. */
export function readableAccounts(box: BoxModel): string[] {
  const active = [...box.people.managed()].filter(({ status }) => status !== 'inactive').map(({ id }) => id);
  return [...active, box.serviceAccountId];
}

/** What is shared into a viewer's root by somebody whose account cannot be read. */
export function* sharedByUnreadable(box: BoxModel, viewer: string, readable: ReadonlySet<string>): Generator<Item> {
  for (const type of types) {
    const shared = box.access.shared(viewer, type);
    for (let index = 0; index < shared.length; index += 1) {
      const item = shared.at(index);
      if (item && !readable.has(box.access.ownerOf(item))) yield item;
    }
  }
}

function* below(
  box: BoxModel,
  parent: string,
  viewer: string,
  path: string,
  ancestors: readonly string[],
): Generator<TruthItem> {
  // By hand rather than by recursion: folders may be nested hundreds deep.
  const stack: { parent: string; path: string; ancestors: readonly string[] }[] = [{ parent, path, ancestors }];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const scene = box.scene(viewer);
    for (const type of types) {
      for (const item of box.items.children(next.parent, type)) {
        yield truthOf(box, item, viewer, next.path, next.ancestors, scene);
        if (type !== 'folder') continue;
        stack.push({ parent: item.id, path: `${next.path}/${item.name}`, ancestors: [...next.ancestors, item.id] });
      }
    }
  }
}

function* oneAndBelow(
  box: BoxModel,
  item: Item,
  viewer: string,
  path: string,
  ancestors: readonly string[],
): Generator<TruthItem> {
  yield truthOf(box, item, viewer, path, ancestors, box.scene(viewer));
  if (item.type === 'folder') yield* below(box, item.id, viewer, `${path}/${item.name}`, [...ancestors, item.id]);
}

function truthOf(
  box: BoxModel,
  item: Item,
  viewer: string,
  pathAbove: string,
  ancestors: readonly string[],
  scene: Scene,
): TruthItem {
  const { contents } = box;
  const isFile = item.type === 'file';
  /** What is sent in place of the truth counts. */
  const told = <T>(field: string, value: T, read: (json: unknown) => T): T => {
    if (!item.odd?.has(field)) return value;
    const json = item.odd.get(field);
    return read(json === undefined ? null : JSON.parse(json));
  };
  const text = (json: unknown): string | null => (typeof json === 'string' ? json : null);
  const size = isFile
    ? contents.size(item.version.content)
    : item.type === 'folder'
      ? box.items.bytesBelow(item.id)
      : null;
  return {
    type: item.type,
    id: item.id,
    name: item.name,
    path: `${pathAbove}/${item.name}`,
    ancestors,
    ownerId: scene.owner(item),
    seenAs: viewer,
    size: told('size', size, (json) => (json === null ? null : Number(json))),
    sha1: told('sha1', isFile ? contents.sha1(item.version.content) : null, text),
    fileVersionId: told('file_version', isFile ? item.version.id : null, () => null),
    extension: told('extension', isFile ? extensionOf(item.name) : null, text),
    createdAt: told('created_at', item.createdAt, text),
    modifiedAt: told('modified_at', item.modifiedAt, text),
    url: item.type === 'web_link' ? item.url : `https://app.box.com/${item.type}/${item.id}`,
    description: told('description', item.description, text),
    tags: item.tags,
    get entry() {
      const entry: unknown = JSON.parse(whole(item, scene));
      return entry;
    },
    content: () => (isFile ? contents.bytes(item.version.content) : Buffer.alloc(0)),
  };
}
