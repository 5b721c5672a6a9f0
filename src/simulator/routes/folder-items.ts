import { badParameter, notFound, ok } from '../answer.js';
import type { BoxModel } from '../box-model.js';
import { rootKey, rootOwner, type Item, type ItemType } from '../item.js';
import type { Segment } from '../item-store.js';
import type { ItemRenderer, Scene } from '../render-item.js';
import { isAnswer, type Handler } from './handler.js';
import { lastLink } from './list-page.js';
import { markerOf, placeOf, type Place } from './marker.js';
import { pageRequest, type PageRequest } from './page-request.js';
import { renderers } from './renderers.js';
import { visibleItem } from './visible-item.js';

interface Listing {
  readonly box: BoxModel;
  /** Folder id or root key. */
  readonly parent: string;
  readonly viewer: string;
  readonly segments: readonly Segment[];
  readonly render: ItemRenderer;
  readonly scene: Scene;
  readonly query: URLSearchParams;
}

/** `GET /2.0/folders/{id}/items`, by offset and by marker. */
export function folderItems(): Handler {
  const rendererOf = renderers();
  return (call, acting, { box, calls }) => {
    const { id, query } = call;
    calls.countListing(id);
    const isRoot = id === '0';
    if (isRoot && acting.restrictedTo !== null) return notFound('folder', id);
    if (!isRoot) {
      const visible = visibleItem(box, acting, call, 'folder', id);
      if (isAnswer(visible)) return visible;
    }
    const request = pageRequest(query, box.settings.paging);
    if (isAnswer(request)) return request;
    const viewer = acting.userId;
    const parent = isRoot ? rootKey(viewer) : id;
    const segments = box.segments(parent, viewer);
    const render = rendererOf(query.get('fields'), 'mini');
    const listing = { box, parent, viewer, segments, render, scene: box.scene(viewer), query };
    return request.kind === 'marker' ? byMarker(listing, request) : byOffset(listing, request, isRoot);
  };
}

function byMarker(listing: Listing, { limit, marker }: PageRequest & { kind: 'marker' }) {
  const { box, parent, segments, render, scene } = listing;
  const { shortPages, emptyPages, order } = box.settings.paging;
  const start: Place = { segment: 0, index: 0, afterEmptyPage: true };
  const place = marker === '' ? start : placeOf(marker, parent, box.markerEpoch);
  if (!place) return badParameter('marker', `Invalid value '${marker}'.`);
  const orderJson = order === 'usual' ? '' : orderOf(order);
  const link = (next: Place): string => `,"next_marker":"${markerOf(next, parent, box.markerEpoch)}"`;
  if (emptyPages && !place.afterEmptyPage) {
    return ok(`{"entries":[],"limit":${limit}${orderJson}${link({ ...place, afterEmptyPage: true })}}`);
  }
  const most = shortPages > 0 ? Math.min(limit, shortPages) : limit;
  const entries: string[] = [];
  const next = walk(segments, place, (item) => {
    if (entries.length >= most) return false;
    entries.push(render(item, scene));
    return true;
  });
  const end = next ? link(next) : lastLink(box);
  return ok(`{"entries":[${entries.join(',')}],"limit":${limit}${orderJson}${end}}`);
}

/** Visits the items from a place on until the visitor refuses one; gives the place of that one. */
function walk(segments: readonly Segment[], from: Place, visit: (item: Item) => boolean): Place | undefined {
  let index = from.index;
  for (let number = from.segment; number < segments.length; number += 1) {
    const segment = segments[number];
    for (; segment && index < segment.length; index += 1) {
      const item = segment.at(index);
      if (item && !visit(item)) return { segment: number, index, afterEmptyPage: false };
    }
    index = 0;
  }
  return undefined;
}

function byOffset(listing: Listing, { limit, offset }: PageRequest & { kind: 'offset' }, isRoot: boolean) {
  const { box, parent, viewer, render, scene } = listing;
  const { shortPages, deadOffsets, order } = box.settings.paging;
  const dead = isRoot ? deadOffsets : 0;
  const total = box.countEntries(parent, viewer) + dead;
  const most = shortPages > 0 ? Math.min(limit, shortPages) : limit;
  const first = Math.max(0, offset - dead);
  const entries: string[] = [];
  const last = Math.max(0, offset + most - dead);
  for (const item of sortedSlice(listing, first, last)) entries.push(render(item, scene));
  const orderJson = orderOf(order === 'usual' ? 'array' : order, listing.query);
  return ok(
    `{"total_count":${total},"entries":[${entries.join(',')}],"offset":${offset},"limit":${limit}${orderJson}}`,
  );
}

/** Folders, files, web links, each by name or as `sort` and `direction` say. */
function sortedSlice({ box, parent, viewer, segments, query }: Listing, first: number, last: number): Item[] {
  const sort = query.get('sort') ?? 'name';
  const isDescending = query.get('direction')?.toUpperCase() === 'DESC';
  const items: Item[] = [];
  const isInOrder = sort === 'name' && !isDescending && box.items.isPristine(parent);
  const isShared = rootOwner(parent) === viewer && sharedSegments(segments).some(({ length }) => length > 0);
  if (isInOrder && !isShared) {
    let passed = 0;
    for (const segment of segments) {
      const to = Math.min(segment.length, last - passed);
      for (let index = Math.max(0, first - passed); index < to; index += 1)
        items.push(...[segment.at(index) ?? []].flat());
      passed += segment.length;
    }
    return items;
  }
  walk(segments, { segment: 0, index: 0, afterEmptyPage: true }, (item) => items.push(item) > 0);
  const compare = comparisons[sort] ?? byName;
  const sign = isDescending ? -1 : 1;
  items.sort((one, other) => typeOrder[one.type] - typeOrder[other.type] || sign * compare(one, other, box));
  return items.slice(first, last);
}

/** Of a root: the third of each three (`BoxModel.segments`). */
function sharedSegments(segments: readonly Segment[]): Segment[] {
  return segments.filter((_, index) => index % 3 === 2);
}

const typeOrder: Record<ItemType, number> = { folder: 0, file: 1, web_link: 2 };

type Compare = (one: Item, other: Item, box: BoxModel) => number;

const byName: Compare = (one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0);
const comparisons: Readonly<Record<string, Compare | undefined>> = {
  name: byName,
  id: (one, other) => Number(one.id) - Number(other.id),
  date: (one, other) => Date.parse(one.modifiedAt ?? '') - Date.parse(other.modifiedAt ?? ''),
  size: (one, other, { contents }) => contents.size(one.version.content) - contents.size(other.version.content),
};

function orderOf(shape: 'object' | 'array' | 'absent', query?: URLSearchParams): string {
  const by = query?.get('sort') ?? 'name';
  const direction = query?.get('direction')?.toUpperCase() === 'DESC' ? 'DESC' : 'ASC';
  const second = `{"by":"${by}","direction":"${direction}"}`;
  switch (shape) {
    case 'array':
      return `,"order":[{"by":"type","direction":"ASC"},${second}]`;
    case 'object':
      return `,"order":${second}`;
    case 'absent':
      return '';
  }
}
