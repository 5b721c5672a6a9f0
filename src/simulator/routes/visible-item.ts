import { boxError, notFound, trashed, type Answer } from '../answer.js';
import type { BoxModel } from '../box-model.js';
import type { Acting, Call } from '../call.js';
import type { Role } from '../collaborations.js';
import type { Item, ItemType } from '../item.js';

export interface Visible {
  readonly kind: 'visible';
  readonly item: Item;
  readonly role: Role;
}

/** The item of an id if the caller may know of it, else what Box answers: 404, 404 `trashed`, 405 for a malformed id. */
export function visibleItem(
  box: BoxModel,
  { userId, restrictedTo }: Acting,
  call: Call,
  type: ItemType,
  id: string,
): Visible | Answer {
  if (box.settings.ids === 'numbers' && !/^\d+$/.test(id))
    return boxError(405, 'method_not_allowed', 'Method Not Allowed');
  const item = box.items.get(type, id);
  if (!item) return notFound(type, id);
  if (restrictedTo !== null && !isWithin(box, item, restrictedTo)) return notFound(type, id);
  const { role = roleByLink(box, item, call), trashed: isTrashed } = box.access.standing(userId, item);
  if (role === undefined) return notFound(type, id);
  return isTrashed ? trashed : { kind: 'visible', item, role };
}

function isWithin(box: BoxModel, item: Item, restrictedTo: string): boolean {
  if (`${item.type}/${item.id}` === restrictedTo) return true;
  for (const folder of box.access.above(item)) if (`folder/${folder.id}` === restrictedTo) return true;
  return false;
}

/** `boxapi: shared_link=URL[&shared_link_password=..]` opens the item of the link and what is below. */
function roleByLink(box: BoxModel, item: Item, call: Call): Role | undefined {
  const shared = itemOfLink(box, call);
  return shared && isWithin(box, item, `${shared.type}/${shared.id}`) ? 'viewer' : undefined;
}

/** The item of the shared link that the call brings, if it may be opened. */
export function itemOfLink(box: BoxModel, { headers }: Call): Item | undefined {
  const header = headers['boxapi'];
  if (typeof header !== 'string') return undefined;
  const given = new URLSearchParams(header);
  const token = /\/s\/([^/?]+)$/.exec(given.get('shared_link') ?? '')?.[1] ?? '';
  const ref = box.linked(token);
  const item = ref && box.items.get(ref.type, ref.id);
  const link = item?.sharedLink;
  if (!link || link.token !== token || link.effectiveAccess === 'collaborators') return undefined;
  if (link.unsharedAt !== null && Date.parse(link.unsharedAt) <= box.now()) return undefined;
  return link.password === null || link.password === given.get('shared_link_password') ? item : undefined;
}
