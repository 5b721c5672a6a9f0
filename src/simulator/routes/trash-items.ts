import { badParameter } from '../answer.js';
import { isAnswer, type Handler } from './handler.js';
import { listPage } from './list-page.js';
import { pageRequest } from './page-request.js';
import { renderers } from './renderers.js';

/** `GET /2.0/folders/trash/items`: the caller's own trash, without what lies below a folder in it. */
export function trashItems(): Handler {
  const rendererOf = renderers();
  return ({ query }, { userId }, { box }) => {
    const usesMarker = query.get('usemarker') === 'true';
    const mixed = usesMarker
      ? ['sort', 'direction', 'offset'].find((name) => query.has(name))
      : ['marker'].find((name) => query.has(name));
    if (mixed !== undefined) return badParameter(mixed, `Invalid value. '${mixed}' cannot be used with this paging`);
    const request = pageRequest(query, { maxOffset: box.settings.paging.maxOffsetElsewhere });
    if (isAnswer(request)) return request;
    const entries = box.trashOf(userId).flatMap(({ type, id }) => box.items.get(type, id) ?? []);
    const render = rendererOf(query.get('fields'), 'mini');
    const scene = box.scene(userId);
    return listPage({ box, request, list: 'trash', entries, render: (item) => render(item, scene) });
  };
}
