import { notFound, ok, boxError } from '../answer.js';
import { rootKey, type ItemType } from '../item.js';
import { isAnswer, type Desk, type Handler } from './handler.js';
import { renderers } from './renderers.js';
import { representationsJson } from './representations.js';
import { visibleItem } from './visible-item.js';
import type { Acting } from '../call.js';

/** `GET /2.0/files|folders|web_links/{id}`; an `If-None-Match` with the current etag gives 304. */
export function singleItem(type: ItemType): Handler {
  const rendererOf = renderers();
  return (call, acting, desk) => {
    if (type === 'folder' && call.id === '0') return root(acting, desk, call.query.get('fields'));
    const visible = visibleItem(desk.box, acting, call, type, call.id);
    if (isAnswer(visible)) return visible;
    const { item } = visible;
    if (call.headers['if-none-match'] === String(item.etag)) return { status: 304 };
    const fields = call.query.get('fields');
    const json = rendererOf(fields, 'standard')(item, desk.box.scene(acting.userId));
    if (type !== 'file' || !fields?.split(',').includes('representations')) return ok(json);
    const hints = call.headers['x-rep-hints'];
    const entries = representationsJson(item, typeof hints === 'string' ? hints : '', desk.box, call.origin);
    return ok(`${json.slice(0, -1)},"representations":{"entries":[${entries}]}}`);
  };
}

/** `GET /2.0/files|folders|web_links/{id}/trash`: only what has itself been put into the caller's trash. */
export function trashedItem(type: ItemType): Handler {
  const rendererOf = renderers();
  return (call, acting, { box }) => {
    const item = box.items.get(type, call.id);
    if (!item || box.access.standing(acting.userId, item).role === undefined) return notFound(type, call.id);
    if (item.trashedAt === null) return boxError(404, 'not_trashed', 'Item is not trashed');
    return ok(rendererOf(call.query.get('fields'), 'standard')(item, box.scene(acting.userId)));
  };
}

function root({ userId }: Acting, { box }: Desk, fields: string | null) {
  const total = box.countEntries(rootKey(userId), userId);
  const mini = box.scene(userId);
  const values: Record<string, string> = {
    sequence_id: 'null',
    name: '"All Files"',
    created_at: 'null',
    modified_at: 'null',
    description: '""',
    size: '0',
    path_collection: '{"total_count":0,"entries":[]}',
    created_by: '{"type":"user","id":"","name":"","login":""}',
    modified_by: mini.person(userId),
    trashed_at: 'null',
    purged_at: 'null',
    content_created_at: 'null',
    content_modified_at: 'null',
    owned_by: mini.person(userId),
    shared_link: 'null',
    folder_upload_email: 'null',
    parent: 'null',
    item_status: '"active"',
    item_collection: `{"total_count":${total},"entries":[],"offset":0,"limit":100}`,
    allowed_shared_link_access_levels: '[]',
  };
  const wanted = fields === null ? Object.keys(values) : fields.split(',');
  const members = wanted.flatMap((field) =>
    Object.hasOwn(values, field) ? [`,"${field}":${values[field] ?? ''}`] : [],
  );
  return ok(`{"type":"folder","id":"0","etag":null${members.join('')}}`);
}
