import { notFound, ok } from '../answer.js';
import type { Handler } from './handler.js';
import { renderers } from './renderers.js';
import { itemOfLink } from './visible-item.js';

/** `GET /2.0/shared_items` with a `boxapi` header: what a shared link leads to. */
export function sharedItem(): Handler {
  const rendererOf = renderers();
  return (call, { userId }, { box }) => {
    const item = itemOfLink(box, call);
    if (!item) return notFound('shared_link', '');
    return ok(rendererOf(call.query.get('fields'), 'standard')(item, box.scene(userId)));
  };
}
