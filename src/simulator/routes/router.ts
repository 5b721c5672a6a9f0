import { boxError, insufficientScope, type Answer } from '../answer.js';
import type { Call, Route } from '../call.js';
import { groupCollaborations, itemCollaborations, oneCollaboration } from './collaborations.js';
import { listEvents, realtimeServer } from './events.js';
import { fileContent } from './file-content.js';
import { folderItems } from './folder-items.js';
import { groupMemberships, listGroups, oneGroup, userMemberships } from './groups.js';
import type { Handler } from './handler.js';
import { representationContent, representationInfo } from './representations.js';
import { sharedItem } from './shared-items.js';
import { singleItem, trashedItem } from './single-item.js';
import { trashItems } from './trash-items.js';
import { currentUser, listUsers, oneUser } from './users.js';

/** What answers an API call. */
export interface Resource {
  readonly route: Route;
  /** What the token must be allowed to do; `null`: anything. */
  readonly scope: string | null;
  readonly handle: Handler;
}

const root = 'root_readonly';
const read = (route: Route, handle: Handler, scope: string | null = root): Resource => ({ route, scope, handle });

/** `:` stands for an id. */
const resources: ReadonlyMap<string, Resource> = new Map([
  ['GET folders/:/items', read('folders', folderItems())],
  ['GET folders/trash/items', read('trash', trashItems())],
  ['GET folders/:', read('items', singleItem('folder'))],
  ['GET files/:', read('items', singleItem('file'))],
  ['GET web_links/:', read('items', singleItem('web_link'))],
  ['GET folders/:/trash', read('trash', trashedItem('folder'))],
  ['GET files/:/trash', read('trash', trashedItem('file'))],
  ['GET web_links/:/trash', read('trash', trashedItem('web_link'))],
  ['GET files/:/content', read('content', fileContent())],
  ['GET internal_files/:/versions/:/representations/extracted_text', read('representations', representationInfo())],
  [
    'GET internal_files/:/versions/:/representations/extracted_text/content/',
    read('representations', representationContent()),
  ],
  ['GET folders/:/collaborations', read('collaborations', itemCollaborations('folder'))],
  ['GET files/:/collaborations', read('collaborations', itemCollaborations('file'))],
  ['GET collaborations/:', read('collaborations', oneCollaboration)],
  ['GET shared_items', read('shared-items', sharedItem())],
  ['GET users', read('users', listUsers, 'manage_managed_users')],
  ['GET users/me', read('me', currentUser, null)],
  ['GET users/:', read('me', oneUser, 'manage_managed_users')],
  ['GET users/:/memberships', read('memberships', userMemberships, 'manage_groups')],
  ['GET groups', read('groups', listGroups, 'manage_groups')],
  ['GET groups/:', read('groups', oneGroup, 'manage_groups')],
  ['GET groups/:/memberships', read('memberships', groupMemberships, 'manage_groups')],
  ['GET groups/:/collaborations', read('collaborations', groupCollaborations, 'manage_groups')],
  ['GET events', read('events', listEvents, null)],
  ['OPTIONS events', read('events', realtimeServer, null)],
]);

/** The resource of an API path (without `/2.0/`) and the id in it. */
export function resourceOf(
  method: string,
  path: string,
): { readonly resource: Resource | undefined; readonly id: string } {
  const parts = path.split('/');
  const id = decode(parts[1] ?? '');
  if (parts.length > 1 && !named.has(`${parts[0] ?? ''}/${parts[1] ?? ''}`)) parts[1] = ':';
  if (parts[0] === 'internal_files' && parts.length > 3) parts[3] = ':';
  return { resource: resources.get(`${method} ${parts.join('/')}`), id };
}

const named: ReadonlySet<string> = new Set(['users/me', 'folders/trash']);

/** What a call gets that no resource answers. */
export function unknownResource({ method }: Call): Answer {
  if (method !== 'GET') return boxError(405, 'method_not_allowed', 'Method Not Allowed');
  return boxError(404, 'not_found', 'Not Found');
}

/** Whether the scopes are enough for a resource; the refusal if not. */
export function refusalFor({ scope }: Resource, scopes: ReadonlySet<string>): Answer | undefined {
  if (scope === null || scopes.has(scope)) return undefined;
  return scope === root && scopes.has('root_readwrite') ? undefined : insufficientScope;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
