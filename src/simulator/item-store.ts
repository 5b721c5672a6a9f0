import type { ComputedTree } from './computed-tree.js';
import type { Item, ItemType } from './item.js';

/** One stretch of a folder's children; `at` gives nothing where the child has left. */
export interface Segment {
  readonly length: number;
  at(index: number): Item | undefined;
}

interface Added {
  /** Empty where one has left again: positions stay, so that paging is not disturbed by changes. */
  readonly ids: string[];
  live: number;
}

/** The computed tree with what has been changed laid over it. Stores changed items only. */
export class ItemStore {
  readonly #tree: ComputedTree;
  /** `null`: gone for good. */
  readonly #changed: Record<ItemType, Map<string, Item | null>> = {
    file: new Map(),
    folder: new Map(),
    web_link: new Map(),
  };
  /** Computed children that have left, and others that have come, by `<type>/<parent>`. */
  readonly #removed = new Map<string, Set<string>>();
  readonly #added = new Map<string, Added>();
  readonly #bytes = new Map<string, number>();
  #revision = 0;

  constructor(tree: ComputedTree) {
    this.#tree = tree;
  }

  /** Rises with every change. */
  get revision(): number {
    return this.#revision;
  }

  get(type: ItemType, id: string): Item | undefined {
    const changed = this.#changed[type].get(id);
    return changed === undefined ? this.#tree.get(type, id) : (changed ?? undefined);
  }

  /** Stores an item under its id; where it lies is told by `attach` and `detach`. */
  put(item: Item): void {
    this.#revision += 1;
    this.#changed[item.type].set(item.id, item);
  }

  purge(type: ItemType, id: string): void {
    this.#revision += 1;
    this.#changed[type].set(id, null);
  }

  attach({ type, id, parent }: Item): void {
    this.#revision += 1;
    const key = `${type}/${parent}`;
    const added = this.#added.get(key) ?? { ids: [], live: 0 };
    this.#added.set(key, added);
    added.ids.push(id);
    added.live += 1;
  }

  detach({ type, id, parent }: Item): void {
    this.#revision += 1;
    const key = `${type}/${parent}`;
    const added = this.#added.get(key);
    const index = added?.ids.indexOf(id) ?? -1;
    if (added && index >= 0) {
      added.ids[index] = '';
      added.live -= 1;
      return;
    }
    this.#removed.set(key, (this.#removed.get(key) ?? new Set()).add(id));
  }

  count(parent: string, type: ItemType): number {
    const key = `${type}/${parent}`;
    const computed = this.#tree.children(parent, type).count - (this.#removed.get(key)?.size ?? 0);
    return computed + (this.#added.get(key)?.live ?? 0);
  }

  /** Whether the children are exactly the computed ones, and so in the order of their names. */
  isPristine(parent: string): boolean {
    return types.every((type) => {
      const key = `${type}/${parent}`;
      return !this.#added.has(key) && !this.#removed.has(key) && this.#changed[type].size === 0;
    });
  }

  /** The children of one type: those that were always there, then those that came. */
  segments(parent: string, type: ItemType): readonly [Segment, Segment] {
    const key = `${type}/${parent}`;
    const run = this.#tree.children(parent, type);
    const removed = this.#removed.get(key);
    const changed = this.#changed[type];
    const ids = this.#added.get(key)?.ids ?? [];
    const computed = (index: number): Item | undefined => {
      const item = run.at(index);
      if (removed?.has(item.id)) return undefined;
      return changed.get(item.id) ?? item;
    };
    return [
      { length: run.count, at: changed.size === 0 && !removed ? (index) => run.at(index) : computed },
      { length: ids.length, at: (index) => changed.get(ids[index] ?? '') ?? undefined },
    ];
  }

  *children(parent: string, type: ItemType): Generator<Item> {
    for (const segment of this.segments(parent, type)) {
      for (let index = 0; index < segment.length; index += 1) {
        const item = segment.at(index);
        if (item) yield item;
      }
    }
  }

  /** Bytes of everything below a folder. */
  bytesBelow(folderId: string): number {
    return this.#tree.bytesBelow(folderId) + (this.#bytes.get(folderId) ?? 0);
  }

  addBytes(folderId: string, bytes: number): void {
    this.#bytes.set(folderId, (this.#bytes.get(folderId) ?? 0) + bytes);
  }
}

const types: readonly ItemType[] = ['folder', 'file', 'web_link'];
