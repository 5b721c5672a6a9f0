import { badParameter, ok, type Answer } from '../answer.js';
import type { BoxModel } from '../box-model.js';
import { markerOf, placeOf } from './marker.js';
import type { PageRequest } from './page-request.js';

interface List<T> {
  readonly box: BoxModel;
  readonly request: PageRequest;
  /** Name of the list, to which its markers are bound. */
  readonly list: string;
  readonly entries: readonly T[];
  readonly render: (entry: T) => string;
}

/** One page of a list that is at hand as a whole. */
export function listPage<T>({ box, request, list, entries, render }: List<T>): Answer {
  const { limit } = request;
  if (request.kind === 'offset') {
    const { offset } = request;
    const page = entries
      .slice(offset, offset + limit)
      .map(render)
      .join(',');
    return ok(`{"total_count":${entries.length},"entries":[${page}],"limit":${limit},"offset":${offset}}`);
  }
  const { marker } = request;
  const place = marker === '' ? { index: 0 } : placeOf(marker, list, box.markerEpoch);
  if (!place) return badParameter('marker', `Invalid value '${marker}'.`);
  const end = place.index + limit;
  const page = entries.slice(place.index, end).map(render).join(',');
  const next = { segment: 0, index: end, afterEmptyPage: true };
  return ok(`{"entries":[${page}],"limit":${limit}${end < entries.length ? linkTo(next) : lastLink(box)}}`);

  function linkTo(to: typeof next): string {
    return `,"next_marker":"${markerOf(to, list, box.markerEpoch)}"`;
  }
}

/** How the end of a list looks in marker mode. */
export function lastLink({ settings }: BoxModel): string {
  switch (settings.paging.lastMarker) {
    case 'null':
      return ',"next_marker":null';
    case 'empty':
      return ',"next_marker":""';
    case 'absent':
      return '';
  }
}
