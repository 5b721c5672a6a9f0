import { boxError, noPermission, notFound, ok } from '../answer.js';
import type { BoxModel } from '../box-model.js';
import type { Collaboration } from '../collaborations.js';
import { enterpriseDate } from '../enterprise-date.js';
import type { ItemType } from '../item.js';
import { jsonText } from '../json-text.js';
import { itemRenderer } from '../render-item.js';
import { groupJson } from './groups.js';
import { isAnswer, type Handler } from './handler.js';
import { listPage } from './list-page.js';
import { pageRequest } from './page-request.js';
import { isAdministrator } from './users.js';
import { visibleItem } from './visible-item.js';

const mini = itemRenderer('mini');

/** `GET /2.0/files|folders/{id}/collaborations`: only the item's own, unless the settings say otherwise. */
export function itemCollaborations(type: ItemType): Handler {
  return (call, acting, { box }) => {
    if (type === 'folder' && call.id === '0') {
      const message = 'Root folder cannot be collaborated';
      return boxError(400, 'collaborations_not_available_on_root_folder', message);
    }
    const visible = visibleItem(box, acting, call, type, call.id);
    if (isAnswer(visible)) return visible;
    const { item } = visible;
    const of = box.settings.inheritedCollaborations ? [item, ...box.access.above(item)] : [item];
    const entries = of.flatMap((each) => box.collaborations.ofItem(each.type, each.id));
    const json = entries.map((collaboration) => collaborationJson(collaboration, box, acting.userId)).join(',');
    return ok(`{"total_count":${entries.length},"entries":[${json}]}`);
  };
}

/** `GET /2.0/groups/{id}/collaborations` */
export const groupCollaborations: Handler = ({ id, query }, acting, { box }) => {
  if (!box.people.group(id)) return notFound('group', id);
  if (!isAdministrator(box, acting)) return noPermission;
  const request = pageRequest(query, { maxOffset: box.settings.paging.maxOffsetElsewhere });
  if (isAnswer(request)) return request;
  const entries = box.collaborations.ofPrincipal('group', id).flatMap((each) => box.collaborations.get(each) ?? []);
  const render = (collaboration: Collaboration) => collaborationJson(collaboration, box, acting.userId);
  return listPage({ box, request, list: 'collaborations', entries, render });
};

/** `GET /2.0/collaborations/{id}` */
export const oneCollaboration: Handler = ({ id }, { userId }, { box }) => {
  const collaboration = box.collaborations.get(id);
  const item = collaboration && box.items.get(collaboration.itemType, collaboration.itemId);
  if (!item || box.access.standing(userId, item).role === undefined) return notFound('collab', id);
  return ok(collaborationJson(collaboration, box, userId));
};

function collaborationJson(collaboration: Collaboration, box: BoxModel, viewer: string): string {
  const { id, itemType, itemId, principal, inviteEmail, role, status, expiresAt, isAccessOnly } = collaboration;
  const item = status === 'accepted' ? box.items.get(itemType, itemId) : undefined;
  const acknowledgedAt = status === 'accepted' ? `"${collaboration.createdAt}"` : 'null';
  return (
    `{"type":"collaboration","id":"${id}","created_by":${box.people.miniJson(collaboration.createdBy)},` +
    `"created_at":"${collaboration.createdAt}","modified_at":"${collaboration.modifiedAt}",` +
    `"expires_at":${expiresAt === null ? 'null' : `"${enterpriseDate(expiresAt)}"`},"status":"${status}",` +
    `"accessible_by":${principalJson(principal, status, box)},"invite_email":${jsonText(inviteEmail)},"role":"${role}",` +
    `"acknowledged_at":${acknowledgedAt},"item":${item ? mini(item, box.scene(viewer)) : 'null'},` +
    `"is_access_only":${isAccessOnly}}`
  );
}

function principalJson(principal: Collaboration['principal'], status: string, box: BoxModel): string {
  if (principal === null) return 'null';
  if (principal.type === 'group') {
    const group = box.people.group(principal.id);
    return group ? groupJson(group) : 'null';
  }
  const user = box.people.user(principal.id);
  const name = status === 'pending' ? '' : (user?.name ?? '');
  const isActive = user !== undefined && user.status !== 'inactive';
  return jsonText({ type: 'user', id: principal.id, name, login: user?.login ?? '', is_active: isActive });
}
