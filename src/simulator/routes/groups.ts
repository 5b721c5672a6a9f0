import { noPermission, notFound, ok, type Answer } from '../answer.js';
import type { BoxModel } from '../box-model.js';
import type { Call } from '../call.js';
import { jsonText } from '../json-text.js';
import type { Group, Membership } from '../people.js';
import { isAnswer, type Handler } from './handler.js';
import { listPage } from './list-page.js';
import { pageRequest } from './page-request.js';
import { isAdministrator } from './users.js';

/** `GET /2.0/groups` */
export const listGroups: Handler = (call, acting, { box }) => {
  if (!isAdministrator(box, acting)) return noPermission;
  const term = call.query.get('filter_term')?.toLowerCase() ?? '';
  const groups = [...box.people.groups()].filter(({ name }) => name.toLowerCase().includes(term));
  return byOffset(box, call, 'groups', groups, groupJson);
};

/** `GET /2.0/groups/{id}` */
export const oneGroup: Handler = ({ id }, _, { box }) => {
  const group = box.people.group(id);
  return group ? ok(groupJson(group)) : notFound('group', id);
};

/** `GET /2.0/groups/{id}/memberships` */
export const groupMemberships: Handler = (call, acting, { box }) => {
  if (!box.people.group(call.id)) return notFound('group', call.id);
  if (!isAdministrator(box, acting)) return noPermission;
  const memberships = box.people.memberships({ groupId: call.id });
  return byOffset(box, call, 'memberships', memberships, (membership) => membershipJson(membership, box));
};

/** `GET /2.0/users/{id}/memberships` */
export const userMemberships: Handler = (call, acting, { box }) => {
  if (!box.people.user(call.id)) return notFound('user', call.id);
  if (acting.userId !== call.id && !isAdministrator(box, acting)) return noPermission;
  const memberships = box.people.memberships({ userId: call.id });
  return byOffset(box, call, 'memberships', memberships, (membership) => membershipJson(membership, box));
};

/** These lists have no markers. */
function byOffset<T>(
  box: BoxModel,
  { query }: Call,
  list: string,
  entries: readonly T[],
  render: (entry: T) => string,
): Answer {
  const plain = new URLSearchParams(query);
  plain.delete('usemarker');
  const request = pageRequest(plain, { maxOffset: box.settings.paging.maxOffsetElsewhere });
  return isAnswer(request) ? request : listPage({ box, request, list, entries, render });
}

/** A group as Box shows it, as JSON. */
export function groupJson({ id, name, groupType }: Group): string {
  return jsonText({ type: 'group', id, name, group_type: groupType });
}

function membershipJson({ id, userId, groupId, role, createdAt }: Membership, box: BoxModel): string {
  const group = box.people.group(groupId);
  return (
    `{"type":"group_membership","id":"${id}","user":${box.people.miniJson(userId)},` +
    `"group":${group ? groupJson(group) : 'null'},"role":"${role}","created_at":"${createdAt}","modified_at":"${createdAt}"}`
  );
}
