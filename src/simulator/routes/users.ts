import { noPermission, notFound, ok } from '../answer.js';
import type { BoxModel } from '../box-model.js';
import type { Acting } from '../call.js';
import { jsonText } from '../json-text.js';
import type { User } from '../people.js';
import { isAnswer, type Handler } from './handler.js';
import { listPage } from './list-page.js';
import { pageRequest } from './page-request.js';

/** `GET /2.0/users`, by offset and by marker: for administrators and the service account. */
export const listUsers: Handler = ({ query }, acting, { box }) => {
  if (!isAdministrator(box, acting)) return noPermission;
  const request = pageRequest(query, { maxOffset: box.settings.paging.maxOffsetElsewhere });
  if (isAnswer(request)) return request;
  const term = query.get('filter_term')?.toLowerCase();
  const type = query.get('user_type') ?? 'all';
  const managed = [...box.people.managed()].filter(
    ({ name, login }) => term === undefined || name.toLowerCase().startsWith(term) || login.startsWith(term),
  );
  const external = [...box.people.users()].filter(({ kind, login }) => kind === 'external' && login === term);
  const users = [...(type === 'external' ? [] : managed), ...(type === 'managed' ? [] : external)];
  const fields = query.get('fields');
  return listPage({ box, request, list: 'users', entries: users, render: (user) => userJson(user, box, fields) });
};

/** `GET /2.0/users/me` */
export const currentUser: Handler = ({ query }, { userId }, { box }) =>
  ok(userJson(box.user(userId), box, query.get('fields')));

/** `GET /2.0/users/{id}` */
export const oneUser: Handler = ({ id, query }, acting, { box }) => {
  const user = box.people.user(id);
  if (!user || (user.kind === 'service' && acting.tokenUserId !== id)) return notFound('user', id);
  if (acting.userId !== id && !isAdministrator(box, acting)) return notFound('user', id);
  return ok(userJson(user, box, query.get('fields')));
};

/** Whether the caller may see what concerns the whole enterprise. */
export function isAdministrator(box: BoxModel, { userId }: Acting): boolean {
  const user = box.people.user(userId);
  return box.enterpriseId !== null && (user?.kind === 'service' || (user !== undefined && user.role !== 'user'));
}

function userJson(user: User, box: BoxModel, fields: string | null): string {
  const { id, name, login, status, role, kind, createdAt } = user;
  const isOurs = kind !== 'external';
  const own = <T>(value: T): T | null => (isOurs ? value : null);
  const standard = {
    name,
    login,
    created_at: own(createdAt),
    modified_at: own(createdAt),
    language: own('en'),
    timezone: own('America/Los_Angeles'),
    space_amount: own(10_737_418_240),
    space_used: own(0),
    max_upload_size: own(5_368_709_120),
    status: own(status),
    job_title: own(''),
    phone: own(''),
    address: own(''),
    avatar_url: `https://app.box.com/api/avatar/large/${id}`,
    notification_email: null,
  };
  if (fields === null) return jsonText({ type: 'user', id, ...standard });
  const full: Readonly<Record<string, unknown>> = {
    ...standard,
    role: own(role),
    enterprise:
      isOurs && box.enterpriseId !== null
        ? { type: 'enterprise', id: box.enterpriseId, name: 'Example Company' }
        : null,
    is_platform_access_only: kind === 'app',
    is_sync_enabled: own(true),
    is_external_collab_restricted: own(false),
    can_see_managed_users: own(true),
    is_exempt_from_device_limits: own(false),
    is_exempt_from_login_verification: own(false),
    tracking_codes: [],
    my_tags: [],
    hostname: 'https://app.box.com/',
    external_app_user_id: '',
  };
  const wanted = fields.split(',').filter((field) => Object.hasOwn(full, field));
  return jsonText({ type: 'user', id, ...Object.fromEntries(wanted.map((field) => [field, full[field]])) });
}
